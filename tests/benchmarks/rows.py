"""One measured line: ours beside a named peer, both measured in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measurement.

    Attributes:
        name: What was measured.
        ours: Our figure.
        peer: The peer's figure.
        unit: Of both figures.
        goal: What the ratio ours / peer should reach, in words such as "<= 1.0".
        note: What the peer is and how it was measured.
    """

    name: str
    ours: float
    peer: float
    unit: str
    goal: str
    note: str

    @property
    def ratio(self) -> float:
        """Ours / peer."""
        return self.ours / self.peer if self.peer else float("nan")

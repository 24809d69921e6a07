"""Two runs beside each other."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SpecChange:
    """One value of the spec that differs."""

    path: str
    was: str
    now: str


@dataclass(frozen=True)
class TestChange:
    """One metric of the sealed test in both runs."""

    metric: str
    was: float
    now: float


@dataclass(frozen=True)
class Flips:
    """Held-out rows of the development side that the two runs decide differently."""

    rows: int
    flipped: int
    now_right: int
    now_wrong: int
    p_value: float
    examples: tuple[int, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What changed from a reference run to another, and whether it helped."""

    reference: str
    job: str
    changes: tuple[SpecChange, ...]
    circumstances: tuple[str, ...]
    metric: str
    reference_mean: float
    mean: float
    paired: bool
    difference: float
    difference_se: float
    verdict: str
    reference_cost: float | None = None
    cost: float | None = None
    flips: Flips | None = None
    test: tuple[TestChange, ...] = field(default_factory=tuple)
    summary: tuple[str, ...] = ()

"""The errors a training run raises on purpose. Everything else that escapes a run is a fault of the system."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One thing wrong with a request.

    Attributes:
        field: Path in the spec, such as ``data.target`` or ``candidates[1].space[learning_rate].log_uniform.low``.
        message: What was wrong, with the value, and what would be right.
    """

    field: str
    message: str


class SpecError(ValueError):
    """The request cannot be trained as written: the caller can mend it.

    Attributes:
        violations: What is wrong, at least one.
    """

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{v.field}: {v.message}" for v in self.violations))

    def __reduce__(self) -> tuple[type["SpecError"], tuple[tuple[Violation, ...]]]:
        return type(self), (self.violations,)


class NoModelError(Exception):
    """The run finished honestly without a model worth deploying; the message says what came nearest."""

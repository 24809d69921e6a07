"""The errors a training run raises on purpose. Everything else that escapes a run is a fault of the system."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


class Problems:
    """Gathers what is wrong over several checks, so that the caller is told everything at once."""

    def __init__(self) -> None:
        self._found: list[Violation] = []

    @contextmanager
    def noting(self, prefix: str = "") -> Iterator[None]:
        """Notes the violations of a SpecError raised inside, their fields under ``prefix``, and goes on."""
        try:
            yield
        except SpecError as error:
            self._found += [Violation(prefix + v.field, v.message) for v in error.violations]

    def stop(self) -> None:
        """Raises SpecError when anything was noted."""
        if self._found:
            raise SpecError(self._found)

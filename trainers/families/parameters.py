"""What values a family's parameters may take, and which of them are searched by default."""

import math
from dataclasses import dataclass
from typing import Any

from tuning.space import Choices, IntegerRange, Parameter, Range, Scalar


@dataclass(frozen=True)
class Setting:
    """One parameter of a family.

    Attributes:
        default: Value when nothing else is said.
        number: ``int`` or ``float`` for the numbers it takes, None if it takes none.
        low: Smallest number.
        high: Greatest number.
        words: Values it takes that are no numbers, such as ``"sqrt"`` or None.
        search: What is searched by default; None keeps the default value.
    """

    default: Scalar
    number: type[int] | type[float] | None
    low: float = -math.inf
    high: float = math.inf
    words: tuple[Scalar, ...] = ()
    search: Parameter | None = None

    def refuse(self, value: Any) -> str | None:
        """Says why a value is wrong and what would be right; None when it is right."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number:
            right = any(type(word) is type(value) and word == value for word in self.words)
        elif self.number is int and value != int(value):
            right = False
        else:
            right = self.number is not None and self.low <= value <= self.high
        return None if right else f"{value!r} is not {self.description}"

    def refuse_space(self, space: Parameter) -> str | None:
        """Says why a search space is wrong and what would be right; None when it is right."""
        real = space.uniform or space.log_uniform
        if real is not None and self.number is int:
            return f"a range of real numbers does not fit; it takes {self.description}; use integer or log_integer"
        bounds = real or space.integer or space.log_integer
        values = space.choice.values if space.choice else (bounds.low, bounds.high) if bounds else ()
        reasons = (self.refuse(value) for value in values)
        return next((reason for reason in reasons if reason), None)

    def exact(self, value: Any) -> Any:
        """The value as the type the family takes: a whole number that came as 3.0 becomes 3, and 1 becomes 1.0."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return self.number(value) if number and self.number is not None else value

    @property
    def description(self) -> str:
        """What it takes, in words."""
        kinds = []
        if self.number is not None:
            kinds.append(f"a {'whole' if self.number is int else 'real'} number{self._bounds}")
        if self.words:
            kinds.append(", ".join(repr(word) for word in self.words))
        return " or ".join(kinds)

    @property
    def _bounds(self) -> str:
        if math.isfinite(self.high):
            return f" from {self.low:g} to {self.high:g}"
        return f" of at least {self.low:g}" if math.isfinite(self.low) else ""


def start(setting: Setting, space: Parameter) -> Scalar:
    """The value of the first trial: the default, or what of the space is nearest to it."""
    if space.choice is not None:
        values = space.choice.values
        return next((v for v in values if type(v) is type(setting.default) and v == setting.default), values[0])
    bounds = space.uniform or space.log_uniform or space.integer or space.log_integer
    assert bounds is not None, "a Parameter has exactly one kind"
    if isinstance(setting.default, bool) or not isinstance(setting.default, int | float):
        return bounds.low
    return min(max(setting.default, bounds.low), bounds.high)


def uniform(low: float, high: float) -> Parameter:
    """A real number between the bounds."""
    return Parameter(uniform=Range(low=low, high=high))


def log_uniform(low: float, high: float) -> Parameter:
    """A positive real number, uniform in its logarithm."""
    return Parameter(log_uniform=Range(low=low, high=high))


def integer(low: int, high: int) -> Parameter:
    """A whole number, both bounds included."""
    return Parameter(integer=IntegerRange(low=low, high=high))


def log_integer(low: int, high: int) -> Parameter:
    """A positive whole number, uniform in its logarithm, both bounds included."""
    return Parameter(log_integer=IntegerRange(low=low, high=high))


def choice(*values: Scalar) -> Parameter:
    """One of the values."""
    return Parameter(choice=Choices(values=values))

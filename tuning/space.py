"""Typed search spaces: what values a parameter may take, and when it is there at all."""

import math
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, FiniteFloat, model_validator

Scalar = bool | int | float | str | None


def _pair(value: Any) -> Any:
    """Accepts ``[low, high]`` for ``{low: ..., high: ...}``."""
    if isinstance(value, list | tuple) and len(value) == 2:
        return {"low": value[0], "high": value[1]}
    return value


def _values(value: Any) -> Any:
    """Accepts a plain list for ``{values: [...]}``, and 3.0 for 3: protobuf's Value has only doubles."""
    if isinstance(value, list | tuple):
        value = {"values": value}
    if isinstance(value, dict) and isinstance(value.get("values"), list | tuple):
        whole = (int(v) if isinstance(v, float) and v.is_integer() else v for v in value["values"])
        value = {**value, "values": tuple(whole)}
    return value


class Range(BaseModel, frozen=True, extra="forbid"):
    """Bounds of a real parameter."""

    low: FiniteFloat
    high: FiniteFloat

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low} must be below high {self.high}")
        return self


class IntegerRange(BaseModel, frozen=True, extra="forbid"):
    """Bounds of a whole-number parameter, both included."""

    low: int
    high: int

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low} must be below high {self.high}")
        return self


class Choices(BaseModel, frozen=True, extra="forbid"):
    """Values to choose among."""

    values: tuple[Scalar, ...] = Field(min_length=1)


class Parameter(BaseModel, frozen=True, extra="forbid"):
    """The values one parameter may take; exactly one kind is given.

    A parameter with ``when`` is active only while each parameter named there has one of the values; else it is left out.
    """

    uniform: Annotated[Range | None, BeforeValidator(_pair)] = None
    log_uniform: Annotated[Range | None, BeforeValidator(_pair)] = None
    integer: Annotated[IntegerRange | None, BeforeValidator(_pair)] = None
    log_integer: Annotated[IntegerRange | None, BeforeValidator(_pair)] = None
    choice: Annotated[Choices | None, BeforeValidator(_values)] = None
    when: Mapping[str, Annotated[Choices, BeforeValidator(_values)]] = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in type(self).model_fields if name != "when"]
        given = [name for name in kinds if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(kinds)}; got {', '.join(given) or 'none'}")
        bounds = self.log_uniform or self.log_integer
        if bounds is not None and bounds.low <= 0:
            raise ValueError(f"low {bounds.low} must be above 0 for a logarithmic range")
        return self

    @property
    def bounds(self) -> Range | IntegerRange:
        """Lowest and highest number; only of a range."""
        found = self.uniform or self.log_uniform or self.integer or self.log_integer
        assert found is not None, "a choice has no bounds"
        return found

    @property
    def logarithmic(self) -> bool:
        """Whether it is searched by its logarithm."""
        return self.log_uniform is not None or self.log_integer is not None

    def height(self, value: float) -> float:
        """Where a value lies from the lowest (0) to the highest (1), as it is searched; only of a range."""
        low, high = float(self.bounds.low), float(self.bounds.high)
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low)

    def holds(self, value: Any) -> bool:
        """Whether it may take a value."""
        if self.choice is not None:
            return any(_same(value, each) for each in self.choice.values)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.bounds.low <= value <= self.bounds.high

    def active(self, values: Mapping[str, Any]) -> bool:
        """Whether it is there, beside the values of the other parameters that are there."""
        return all(
            name in values and any(_same(values[name], each) for each in choices.values)
            for name, choices in self.when.items()
        )


Space = Mapping[str, Parameter]


def parents_first(space: Space) -> list[str]:
    """Names of the parameters, each after those it depends on.

    Raises:
        graphlib.CycleError: Parameters depend on each other in a circle.
    """
    order = TopologicalSorter({name: [each for each in p.when if each in space] for name, p in space.items()})
    return list(order.static_order())


def active(space: Space, values: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """The values of those parameters of a space that are active beside each other and the fixed ones."""
    kept: dict[str, Any] = {}
    for name in parents_first(space):
        if name in values and space[name].active({**fixed, **kept}):
            kept[name] = values[name]
    return {name: kept[name] for name in values if name in kept}


def _same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from True."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)

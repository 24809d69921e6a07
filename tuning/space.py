"""Typed search spaces: what values a parameter may take."""

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
    """The values one parameter may take; exactly one kind is given."""

    uniform: Annotated[Range | None, BeforeValidator(_pair)] = None
    log_uniform: Annotated[Range | None, BeforeValidator(_pair)] = None
    integer: Annotated[IntegerRange | None, BeforeValidator(_pair)] = None
    log_integer: Annotated[IntegerRange | None, BeforeValidator(_pair)] = None
    choice: Annotated[Choices | None, BeforeValidator(_values)] = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            kinds = ", ".join(type(self).model_fields)
            raise ValueError(f"give exactly one of {kinds}; got {', '.join(given) or 'none'}")
        bounds = self.log_uniform or self.log_integer
        if bounds is not None and bounds.low <= 0:
            raise ValueError(f"low {bounds.low} must be above 0 for a logarithmic range")
        return self

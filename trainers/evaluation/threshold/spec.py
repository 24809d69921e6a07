"""What a caller may ask of the decision; the field comments are in proto/trainwright/v1/spec.proto."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, Field, model_validator

LABEL_METRICS = ("f1", "balanced_accuracy", "accuracy", "matthews_corrcoef", "jaccard")
CLASS_METRICS = ("f1_macro", "f1_weighted", "balanced_accuracy", "accuracy", "matthews_corrcoef", "jaccard_macro")


class ExpectedCost(BaseModel, frozen=True, extra="forbid"):
    """Costs of the two errors, in one unit; with a column, per unit of the row's value in it."""

    false_negative: float = Field(gt=0, allow_inf_nan=False)
    false_positive: float = Field(gt=0, allow_inf_nan=False)
    false_negative_column: str | None = Field(None, min_length=1)
    false_positive_column: str | None = Field(None, min_length=1)

    def columns(self) -> Iterator[tuple[str, str]]:
        """(field, column) of each cost that differs from row to row."""
        for field in ("false_negative_column", "false_positive_column"):
            column = getattr(self, field)
            if column is not None:
                yield field, column


class LotCapacity(BaseModel, frozen=True, extra="forbid"):
    """At most so many rows flagged of each lot."""

    rows: int = Field(gt=0)
    of: int = Field(gt=0)

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.rows > self.of:
            raise ValueError(f"rows is {self.rows}, more than the {self.of} rows of a lot; make it less")
        return self


class AbstainSpec(BaseModel, frozen=True, extra="forbid"):
    """Which rows a person decides: as many as their cost is worth, or as many as may be sent."""

    review_cost: float | None = Field(None, gt=0, allow_inf_nan=False)
    max_share: float | None = Field(None, gt=0, lt=1)
    label: str = Field("review", min_length=1)

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.review_cost is None) == (self.max_share is None):
            raise ValueError("give either review_cost, what a person's decision costs, or max_share of the rows")
        return self


class MistakeCost(BaseModel, frozen=True, extra="forbid"):
    """What it costs to decide one class for a row of another."""

    truth: str
    decided: str
    cost: float = Field(ge=0, allow_inf_nan=False)


class ThresholdSpec(BaseModel, frozen=True, extra="forbid"):
    """How decisions are made: one objective, under any limits; by default the metric f1, or the most probable class."""

    expected_cost: ExpectedCost | None = None
    min_recall: float | None = Field(None, gt=0, le=1)
    min_precision: float | None = Field(None, gt=0, le=1)
    capacity: float | None = Field(None, gt=0, le=1)
    metric: str | None = None
    segment_on: tuple[str, ...] = ()
    min_segment_cases: int = Field(50, ge=1)
    lot_capacity: LotCapacity | None = None
    cost_matrix: tuple[MistakeCost, ...] = ()
    abstain: AbstainSpec | None = None

    @model_validator(mode="after")
    def _one_objective(self) -> Self:
        given = [name for name in ("expected_cost", "metric", "cost_matrix") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"give one objective, not {' and '.join(given)}")
        if self.cost_matrix and (limits := self.limits):
            raise ValueError(f"cost_matrix decides every row by itself; leave {' and '.join(limits)} out")
        known = tuple(dict.fromkeys((*LABEL_METRICS, *CLASS_METRICS)))
        if self.metric is not None and self.metric not in known:
            raise ValueError(f"metric {self.metric!r} is not one of {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _limits_combine(self) -> Self:
        if self.capacity is not None and self.lot_capacity is not None:
            raise ValueError("give capacity or lot_capacity, not both: each limits the share of rows flagged")
        if self.abstain and not self.expected_cost:
            raise ValueError("abstain weighs errors against a person's time; give expected_cost with it")
        if self.abstain and (other := [*self.limits, *["segment_on"][: len(self.segment_on)]]):
            raise ValueError(f"abstain has two thresholds for all rows; leave {' and '.join(other)} out")
        floors = [name for name in self.limits if name.startswith("min_")]
        if self.segment_on and self.priced_by and floors:
            raise ValueError(
                f"costs by row within segments can be kept under a capacity, not under {' and '.join(floors)}; "
                "leave out one of the three"
            )
        return self

    @property
    def limits(self) -> list[str]:
        """Names of the limits that are given."""
        names = ("min_recall", "min_precision", "capacity", "lot_capacity")
        return [name for name in names if getattr(self, name) is not None]

    @property
    def priced_by(self) -> tuple[str, ...]:
        """Columns of costs; they are no features."""
        return tuple(dict.fromkeys(name for _, name in self.expected_cost.columns())) if self.expected_cost else ()

    @property
    def capacity_share(self) -> float | None:
        """Share of rows that may be flagged."""
        return self.lot_capacity.rows / self.lot_capacity.of if self.lot_capacity else self.capacity

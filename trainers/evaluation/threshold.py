"""Turns scores into decisions: one threshold, chosen by a stated policy on out-of-fold predictions."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

LABEL_METRICS = ("f1", "balanced_accuracy", "accuracy", "matthews_corrcoef", "jaccard")


class ExpectedCost(BaseModel, frozen=True, extra="forbid"):
    """Costs of the two errors, in one unit."""

    false_negative: float = Field(gt=0)
    false_positive: float = Field(gt=0)


class ThresholdSpec(BaseModel, frozen=True, extra="forbid"):
    """How the threshold is chosen; exactly one policy, by default the metric f1."""

    expected_cost: ExpectedCost | None = None
    min_recall: float | None = Field(None, gt=0, le=1)
    min_precision: float | None = Field(None, gt=0, le=1)
    capacity: float | None = Field(None, gt=0, le=1)
    metric: str | None = None

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give one policy, not {' and '.join(given)}")
        if self.metric is not None and self.metric not in LABEL_METRICS:
            raise ValueError(f"metric {self.metric!r} is not one of {', '.join(LABEL_METRICS)}")
        return self

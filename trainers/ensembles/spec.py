"""What an ensemble may be asked for. Each kind takes its own fields and refuses those of the others."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, Field

from trainers.data.table import Task
from trainers.errors import Violation


class EnsembleKind(StrEnum):
    """How members are combined."""

    BAGGING = "bagging"
    BOOSTING = "boosting"
    STACKING = "stacking"
    WEIGHTED = "weighted"
    SNAPSHOT = "snapshot"


class FinalModel(StrEnum):
    """The model that combines the members of a stack."""

    LOGISTIC = "logistic"
    RIDGE = "ridge"
    BOOSTED = "boosted"


# What each kind takes, with its defaults; None is settled by the search or the table.
TAKES: Mapping[EnsembleKind, Mapping[str, Any]] = {
    EnsembleKind.BAGGING: {
        "members": 8,
        "family": None,
        "row_fraction": 1.0,
        "column_fraction": 1.0,
        "bootstrap": True,
    },
    EnsembleKind.BOOSTING: {"members": 8, "family": None},
    EnsembleKind.STACKING: {"members": 8, "final_model": None, "passthrough": False, "layers": 1},
    EnsembleKind.WEIGHTED: {"members": 8},
    EnsembleKind.SNAPSHOT: {"family": None},
}


class EnsembleSpec(BaseModel, frozen=True, extra="forbid"):
    """An ensemble that competes with the single models; the field comments are in proto/trainwright/v1/spec.proto."""

    kind: EnsembleKind
    members: int | None = Field(None, ge=2, le=256)
    family: str | None = None
    row_fraction: float | None = Field(None, gt=0, le=1)
    column_fraction: float | None = Field(None, gt=0, le=1)
    bootstrap: bool | None = None
    final_model: FinalModel | None = None
    passthrough: bool | None = None
    layers: int | None = Field(None, ge=1, le=3)

    @property
    def least_folds(self) -> int:
        """Folds it needs, unless they chain forward in time: each layer leaves out one more, and one is left to learn from."""
        nested = self.kind in (EnsembleKind.STACKING, EnsembleKind.WEIGHTED, EnsembleKind.SNAPSHOT)
        return 2 + (self.layers or 1) if nested else 2

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it whatever the table; paths begin with the field's name."""
        takes = TAKES[self.kind]
        for name in type(self).model_fields:
            if name != "kind" and name not in takes and getattr(self, name) is not None:
                yield Violation(name, f"is nothing that {self.kind} takes; it takes {', '.join(takes)}; leave it out")
        if self.bootstrap is False and {self.row_fraction or 1.0, self.column_fraction or 1.0} == {1.0}:
            yield Violation(
                "bootstrap",
                "is false, and every member would see all rows and columns; lower row_fraction or column_fraction",
            )

    def violations_for(self, task: Task) -> Iterator[Violation]:
        """What does not fit the kind of prediction; paths begin with the field's name."""
        classes = task is not Task.REGRESSION
        if self.final_model is FinalModel.RIDGE and classes:
            yield Violation("final_model", f"ridge gives no probabilities for a {task} target; use logistic or boosted")
        if self.final_model is FinalModel.LOGISTIC and not classes:
            yield Violation("final_model", "logistic needs classes, but this target is a number; use ridge or boosted")

    def filled(self, task: Task) -> Self:
        """The spec with every default filled in that does not depend on the search."""
        given = {name: value for name, value in self if value is not None}
        spec = self.model_copy(update={**TAKES[self.kind], **given})
        if self.kind is EnsembleKind.STACKING and self.final_model is None:
            final = FinalModel.RIDGE if task is Task.REGRESSION else FinalModel.LOGISTIC
            spec = spec.model_copy(update={"final_model": final})
        return spec

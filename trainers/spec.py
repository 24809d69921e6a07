"""The whole request, and the checks that need more than one part of it."""

from enum import StrEnum

from pydantic import BaseModel, Field

from cluster.resources import ComputeSpec
from trainers.data.audit import AuditSpec
from trainers.data.load import DataSpec
from trainers.data.resample import ResampleSpec
from trainers.data.split import SplitSpec
from trainers.evaluation.selection import RequirementsSpec
from trainers.evaluation.threshold import ThresholdSpec
from trainers.families.registry import CandidateSpec
from tuning.spec import SearchSpec


class EnsembleKind(StrEnum):
    """How members are combined."""

    BAGGING = "bagging"
    BOOSTING = "boosting"
    STACKING = "stacking"
    WEIGHTED = "weighted"


class EnsembleSpec(BaseModel, frozen=True, extra="forbid"):
    """An ensemble that competes with the single models."""

    kind: EnsembleKind
    members: int = Field(8, ge=2, le=256)
    family: str | None = None


class TrackingSpec(BaseModel, frozen=True, extra="forbid"):
    """Where results are kept."""

    experiment: str = Field("trainwright", min_length=1)
    register_as: str | None = Field(None, min_length=1)


class TrainingSpec(BaseModel, frozen=True, extra="forbid"):
    """One training request; the field comments are in proto/trainwright/v1/spec.proto."""

    decision: str = Field(min_length=1)
    data: DataSpec
    split: SplitSpec = SplitSpec()
    candidates: tuple[CandidateSpec, ...] = ()
    search: SearchSpec = SearchSpec()
    ensembles: tuple[EnsembleSpec, ...] = ()
    threshold: ThresholdSpec = ThresholdSpec()
    requirements: RequirementsSpec = RequirementsSpec()
    compute: ComputeSpec = ComputeSpec()
    tracking: TrackingSpec = TrackingSpec()
    audit: AuditSpec = AuditSpec()
    resample: ResampleSpec = ResampleSpec()

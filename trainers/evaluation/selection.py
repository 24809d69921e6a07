"""Chooses among candidates under constraints, with a reason for each rejection."""

from pydantic import BaseModel, Field


class RequirementsSpec(BaseModel, frozen=True, extra="forbid"):
    """Limits a model must keep; the field comments are in proto/trainwright/v1/spec.proto."""

    max_latency_ms: float | None = Field(None, gt=0)
    max_model_mb: float | None = Field(None, gt=0)
    must_beat_baseline_by: float = Field(0.0, ge=0)

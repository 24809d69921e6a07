"""What a job asks of the cluster, stated in one place."""

from pydantic import BaseModel, Field


class ComputeSpec(BaseModel, frozen=True, extra="forbid"):
    """Resources of a job; the field comments are in proto/trainwright/v1/spec.proto."""

    trial_cpus: int = Field(1, ge=1, le=1024)
    workers: int = Field(1, ge=1, le=4096)
    gpus_per_worker: float = Field(0.0, ge=0, le=16)
    max_failures: int = Field(2, ge=0, le=100)

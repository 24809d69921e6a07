"""The model families that can be named in a spec."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from tuning.space import Parameter


class CandidateSpec(BaseModel, frozen=True, extra="forbid"):
    """One family to search; the field comments are in proto/trainwright/v1/spec.proto."""

    family: str = Field(min_length=1)
    space: Mapping[str, Parameter] = {}
    params: Mapping[str, Any] = {}

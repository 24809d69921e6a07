"""What each tenant may hold, listed in a file that may change while the service runs.

    default: {running_jobs: 4, queued_jobs: 500, cpus: 32, highest_priority: 10}
    tenants:
      press-shop: {running_jobs: 8, weight: 2, stored_bytes: 50GB}

A tenant that is listed has the default's values where its own entry says nothing.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ByteSize, Field

from service.watched import Watched


class Quota(BaseModel, frozen=True, extra="forbid"):
    """What a tenant may hold; None: no limit. The comments of fields are in proto/trainwright/v1/admin_service.proto."""

    running_jobs: int | None = Field(None, ge=0)
    queued_jobs: int | None = Field(None, ge=0)
    cpus: float | None = Field(None, ge=0)
    gpus: float | None = Field(None, ge=0)
    stored_bytes: ByteSize | None = Field(None, ge=0)
    highest_priority: int | None = None
    weight: float = Field(1.0, gt=0)


class _File(BaseModel, frozen=True, extra="forbid"):
    default: Quota = Quota()
    tenants: Mapping[str, Quota] = {}


class Quotas:
    """The quotas of all tenants.

    Args:
        path: YAML; None: nobody has a limit.

    Raises:
        ValueError: The file cannot be read at the start.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = Watched(path, _File, "quotas") if path else None

    def of(self, tenant: str) -> Quota:
        """What a tenant may hold now."""
        file = self._file.current() if self._file else _File()
        own = file.tenants.get(tenant)
        return file.default.model_copy(update=own.model_dump(exclude_unset=True)) if own else file.default

    def listed(self) -> frozenset[str]:
        """Tenants with an entry of their own."""
        return frozenset(self._file.current().tenants) if self._file else frozenset()

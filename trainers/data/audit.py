"""Looks for what makes a score lie, before anything is trained."""

from pydantic import BaseModel

from trainers.data.load import Table
from trainers.data.split import Split
from trainers.findings import Finding


class AuditSpec(BaseModel, frozen=True, extra="forbid"):
    """Codes of findings that must not stop this job."""

    acknowledge: tuple[str, ...] = ()


def audit(table: Table, split: Split, metric: str) -> tuple[Finding, ...]:
    """Everything worth knowing about the development rows, errors first."""
    raise NotImplementedError

"""What the reader of a job should know about its data or its run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error stops the job unless its code is acknowledged; warnings and infos travel into plan and report."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing found, with its numbers and what mends it.

    Attributes:
        code: Stable upper-case name, such as TARGET_LEAKAGE.
        severity: How much it matters.
        message: What was found, in one sentence.
        action: What mends it, in one sentence.
        columns: Columns concerned.
        evidence: The numbers behind it; JSON-serialisable.
        alternative: What else mends it, in one sentence; empty where there is one way only.
    """

    code: str
    severity: Severity
    message: str
    action: str
    columns: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    alternative: str = ""

    @property
    def mends(self) -> str:
        """What mends it, the alternative too."""
        return f"{self.action} Or: {self.alternative}" if self.alternative else self.action

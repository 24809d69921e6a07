"""The whole report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from trainers.findings import Finding
from trainers.report.values.comparison import Comparison
from trainers.report.values.curves import TrainingCurves
from trainers.report.values.data import DataSummary, SplitSummary
from trainers.report.values.decision import Calibration, ClassDecision, Conformal, TestResult, Threshold
from trainers.report.values.explanation import FeatureImportance
from trainers.report.values.insight import Insight
from trainers.report.values.run import Manifest, SearchSummary, Tracking
from trainers.report.values.scores import (
    Baseline,
    CandidateResult,
    CrossValidation,
    EnsembleResult,
    NestedCrossValidation,
    SelectedModel,
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The judged model and the evidence behind it."""

    __pydantic_config__ = ConfigDict(ser_json_inf_nan="strings", extra="forbid")

    decision: str
    task: str
    data: DataSummary
    split: SplitSummary
    findings: tuple[Finding, ...] = ()
    selected: SelectedModel
    cross_validation: CrossValidation
    baseline: Baseline
    threshold: Threshold | None = None
    test: TestResult
    search: SearchSummary
    timings: Mapping[str, float] = field(default_factory=dict)
    candidates: tuple[CandidateResult, ...] = ()
    importances: tuple[FeatureImportance, ...] = ()
    explanation: tuple[str, ...] = ()
    manifest: Manifest
    tracking: Tracking | None = None
    nested: NestedCrossValidation | None = None
    calibration: Calibration | None = None
    ensembles: tuple[EnsembleResult, ...] = ()
    comparison: Comparison | None = None
    class_decision: ClassDecision | None = None
    conformal: Conformal | None = None
    insight: Insight | None = None
    training_curves: tuple[TrainingCurves, ...] = ()

    def to_json(self) -> str:
        """The report as report.json: proto field names, what is absent left out, no bare NaN."""
        return _adapter().dump_json(self, indent=2, exclude_none=True, fallback=_plain).decode()

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Reads what :meth:`to_json` wrote.

        Raises:
            pydantic.ValidationError: The text is not a report.
        """
        return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays inside parameters and evidence."""
    return value.tolist() if hasattr(value, "tolist") else str(value)

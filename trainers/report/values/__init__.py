"""What a finished job says, as frozen values: the TrainingReport of report.proto, field for field.

The comments on every field, with units, are in proto/trainwright/v1/report.proto. A contract test holds the two equal.
"""

from trainers.report.values.curves import LearningCurve, LearningCurves
from trainers.report.values.data import ColumnSummary, DataSummary, FoldSummary, SplitSummary, TestOpening
from trainers.report.values.decision import (
    Calibration,
    Confusion,
    ConfusionRow,
    Interval,
    Reliability,
    TestResult,
    Threshold,
    ThresholdPoint,
)
from trainers.report.values.explanation import FeatureImportance
from trainers.report.values.report import Report
from trainers.report.values.run import Manifest, ParameterImportance, SearchSummary, Tracking
from trainers.report.values.scores import (
    Baseline,
    CandidateResult,
    Correlations,
    CrossValidation,
    DroppedMember,
    EnsembleResult,
    Member,
    NestedCrossValidation,
    NestedFold,
    ParameterStability,
    SelectedModel,
)

__all__ = [
    "Baseline",
    "Calibration",
    "CandidateResult",
    "ColumnSummary",
    "Confusion",
    "ConfusionRow",
    "Correlations",
    "CrossValidation",
    "DataSummary",
    "DroppedMember",
    "EnsembleResult",
    "FeatureImportance",
    "FoldSummary",
    "Interval",
    "LearningCurve",
    "LearningCurves",
    "Manifest",
    "Member",
    "NestedCrossValidation",
    "NestedFold",
    "ParameterImportance",
    "ParameterStability",
    "Reliability",
    "Report",
    "SearchSummary",
    "SelectedModel",
    "SplitSummary",
    "TestOpening",
    "TestResult",
    "Threshold",
    "ThresholdPoint",
    "Tracking",
]

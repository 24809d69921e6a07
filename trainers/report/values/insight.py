"""Why the model does as well as it does, what would help, and what it leans on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainers.report.values.slices import Slices


@dataclass(frozen=True)
class Generalisation:
    """Scores on rows the model was fitted on and on others, and what the gap means."""

    verdict: str
    train: float
    cross_validation: float
    standard_error: float
    test: float
    dummy: float


@dataclass(frozen=True)
class LearningPoint:
    """Cross-validated score of fits on a share of the training rows."""

    rows: int
    mean: float
    std: float


@dataclass(frozen=True)
class LearningCurve:
    """What more rows brought, and what twice as many would."""

    family: str
    points: tuple[LearningPoint, ...]
    last_doubling: float
    last_doubling_se: float
    next_doubling: float
    next_low: float
    next_high: float


@dataclass(frozen=True)
class SeedStability:
    """Cross-validated means of the same configuration fitted with several seeds."""

    family: str
    means: tuple[float, ...]
    std: float
    fold_std: float


@dataclass(frozen=True)
class ParameterPoint:
    """One configuration of the search."""

    value: float
    mean: float
    folds: int


@dataclass(frozen=True)
class ValidationCurve:
    """Score by value of the parameter that mattered most in the search."""

    family: str
    parameter: str
    chosen: float
    low: float
    high: float
    logarithmic: bool
    points: tuple[ParameterPoint, ...]
    at_end: str = ""


@dataclass(frozen=True)
class Reason:
    """What one column's value does to one prediction."""

    feature: str
    value: str
    effect: float


@dataclass(frozen=True)
class HardRow:
    """A test row that the model got most wrong."""

    row: int
    truth: str
    prediction: float
    loss: float
    reasons: tuple[Reason, ...] = ()
    predicted: str = ""


@dataclass(frozen=True)
class LabelSuspect:
    """A development row whose label the out-of-fold predictions contradict with confidence."""

    row: int
    given: str
    likely: str
    probability: float
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelNoise:
    """Rows with doubtful labels, and how often the surest predictions are contradicted."""

    suspects: int
    sure_rows: int
    contradicted: float
    others: float
    low: float
    high: float
    shown: tuple[LabelSuspect, ...] = ()


@dataclass(frozen=True)
class DependencePoint:
    """Predictions when one column is set to one value in every row."""

    label: str
    value: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class PartialDependence:
    """How predictions move with one column, all else as it is."""

    feature: str
    outcome: str
    categorical: bool
    points: tuple[DependencePoint, ...]


@dataclass(frozen=True)
class Interaction:
    """How far the joint effect of two columns is more than the sum of their own."""

    first: str
    second: str
    strength: float


@dataclass(frozen=True)
class Attribution:
    """Mean size of one column's share in single predictions."""

    feature: str
    mean_size: float


@dataclass(frozen=True)
class Attributions:
    """SHAP values over a sample of test rows."""

    rows: int
    outcome: str
    base: float
    columns: tuple[Attribution, ...]


@dataclass(frozen=True)
class Insight:
    """Diagnosis and explanation of the chosen model."""

    generalisation: Generalisation | None = None
    slices: Slices | None = None
    learning_curve: LearningCurve | None = None
    seeds: SeedStability | None = None
    validation_curve: ValidationCurve | None = None
    hardest: tuple[HardRow, ...] = ()
    label_noise: LabelNoise | None = None
    dependences: tuple[PartialDependence, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    attributions: Attributions | None = None

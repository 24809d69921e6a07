"""What the scores say about the model: too much fitted, too little, too good, unstable, out of date."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainers.evaluation.calibration import reliability
from trainers.findings import Finding, Severity
from trainers.report.values import Generalisation, Interval

# Shares of the room between the dummy's score and a perfect one.
OVERFITTING_GAP = 0.3  # seen rows above unseen ones by more than this
UNDERFITTING_GAIN = 0.5  # seen rows gain less than this ...
UNDERFITTING_GAP = 0.05  # ... and are no better known than unseen ones
TOO_GOOD_GAIN = 0.995
UNSTABLE_SPREAD = 0.25  # of the gain over the dummy: standard deviation over folds
SHIFT_ERRORS = 2.58  # standard errors between cross-validation and test; by chance in one of a hundred jobs
CALIBRATION_ERROR = 0.02  # smaller errors are of no consequence


@dataclass(frozen=True)
class Scores:
    """A model's scores on rows it was fitted on, on held-out folds and on the test rows; greater is better.

    Attributes:
        metric: scikit-learn scorer name.
        train: Score of the final model on the development rows it was fitted on.
        folds: Cross-validated scores.
        test: Score on the test rows.
        test_interval: The 95 % interval of that.
        dummy: Mean cross-validated score of the dummy.
    """

    metric: str
    train: float
    folds: tuple[float, ...]
    test: float
    test_interval: Interval
    dummy: float

    @property
    def mean(self) -> float:
        """Mean over folds."""
        return float(np.mean(self.folds))

    @property
    def spread(self) -> float:
        """Standard deviation over folds (n - 1)."""
        return float(np.std(self.folds, ddof=1))

    @property
    def error(self) -> float:
        """Standard error of the mean, corrected for the rows that folds share (Nadeau and Bengio, 2003)."""
        k = len(self.folds)
        return self.spread * float(np.sqrt(1 / k + 1 / (k - 1)))

    @property
    def room(self) -> float:
        """What a perfect model would gain over the dummy."""
        return (0.0 if self.metric.startswith("neg_") else 1.0) - self.dummy

    @property
    def evidence(self) -> dict[str, float]:
        """The numbers behind a finding."""
        return {
            "train": self.train,
            "cross_validation": self.mean,
            "standard_error": self.error,
            "test": self.test,
            "dummy": self.dummy,
        }


def diagnose(scores: Scores) -> tuple[Finding, ...]:
    """Everything out of the ordinary in a model's scores; nothing for a healthy model."""
    if scores.room <= 0:
        return ()
    rules = (_too_good, _overfitting, _underfitting, _test_differs, _unstable)
    return tuple(finding for rule in rules if (finding := rule(scores)) is not None)


def generalisation(scores: Scores, findings: Sequence[Finding]) -> Generalisation | None:
    """The scores side by side and what ``diagnose`` makes of the gap; None where a perfect model would gain nothing."""
    if scores.room <= 0:
        return None
    verdicts = {"TOO_GOOD": "suspicious", "OVERFITTING": "overfitting", "UNDERFITTING": "underfitting"}
    verdict = next((verdicts[finding.code] for finding in findings if finding.code in verdicts), "healthy")
    return Generalisation(verdict, scores.train, scores.mean, scores.error, scores.test, scores.dummy)


def _too_good(s: Scores) -> Finding | None:
    if (s.mean - s.dummy) / s.room < TOO_GOOD_GAIN:
        return None
    return Finding(
        "TOO_GOOD",
        Severity.WARNING,
        f"A cross-validated {s.metric} of {s.mean:.4g} is next to perfect, which real decisions rarely are.",
        "Look for a column that is only known after the outcome, and exclude it.",
        evidence=s.evidence,
        alternative="Look for copies of a row on both sides of the split, and keep them together with split.group_on.",
    )


def _overfitting(s: Scores) -> Finding | None:
    gap = s.train - s.mean
    if gap < OVERFITTING_GAP * s.room or gap < 2 * s.error:
        return None
    return Finding(
        "OVERFITTING",
        Severity.WARNING,
        f"{s.metric} is {s.train:.4g} on rows the model was fitted on and {s.mean:.4g} on rows it was not: it has "
        "learned much that does not carry over.",
        "Search stronger regularisation: shallower trees, more rows in a leaf, a smaller learning rate, fewer columns.",
        evidence={**s.evidence, "gap": gap, "limit": OVERFITTING_GAP * s.room},
        alternative="Bring more rows; the learning curve says how much that would help.",
    )


def _underfitting(s: Scores) -> Finding | None:
    gain, gap = (s.train - s.dummy) / s.room, (s.train - s.mean) / s.room
    if gain >= UNDERFITTING_GAIN or gap >= UNDERFITTING_GAP:
        return None
    return Finding(
        "UNDERFITTING",
        Severity.WARNING,
        f"{s.metric} is only {s.train:.4g} even on rows the model was fitted on, and as good on others ({s.mean:.4g}): "
        "it is too simple for the pattern, or the columns do not hold the answer.",
        "Add a more flexible family (hist_gradient_boosting, xgboost) to the candidates.",
        evidence={**s.evidence, "gain": gain, "limit": UNDERFITTING_GAIN},
        alternative="Bring columns that tell more about the outcome: what was measured just before it, and how it changed.",
    )


def _test_differs(s: Scores) -> Finding | None:
    error = float(np.hypot((s.test_interval.high - s.test_interval.low) / 3.92, s.error))
    if abs(s.test - s.mean) <= SHIFT_ERRORS * error:
        return None
    side = "below" if s.test < s.mean else "above"
    return Finding(
        "TEST_DIFFERS",
        Severity.WARNING,
        f"{s.metric} on the test rows ({s.test:.4g}) is further {side} the cross-validated one ({s.mean:.4g}) than "
        "chance explains: the test rows are unlike the others.",
        "Split by time (split.time_on) or group (split.group_on), so that cross-validation meets the same change.",
        evidence={**s.evidence, "standard_errors_apart": abs(s.test - s.mean) / error, "limit": SHIFT_ERRORS},
        alternative="Compare the columns of the two sides for a change over time or place, and train on rows like those to come.",
    )


def _unstable(s: Scores) -> Finding | None:
    gain = s.mean - s.dummy
    if s.spread <= UNSTABLE_SPREAD * max(gain, 0.0) or s.spread == 0:
        return None
    return Finding(
        "UNSTABLE_FOLDS",
        Severity.WARNING,
        f"{s.metric} differs from fold to fold (standard deviation {s.spread:.2g}) by more than a quarter of what the "
        f"model gains over the dummy ({gain:.2g}).",
        "Use more rows, or fewer and larger folds.",
        evidence={**s.evidence, "spread": s.spread, "limit": UNSTABLE_SPREAD * gain},
        alternative="Choose a simpler family, or an ensemble, whose score varies less.",
    )


def diagnose_probabilities(y: np.ndarray, probabilities: np.ndarray) -> tuple[Finding, ...]:
    """Tells when out-of-fold P(class 1) (n,) cannot be taken at its word, by more than chance."""
    found = reliability(y, probabilities)
    if found.expected_error <= max(CALIBRATION_ERROR, found.by_chance):
        return ()
    predicted, observed = float(np.mean(probabilities)), float(np.mean(y))
    finding = Finding(
        "MISCALIBRATED",
        Severity.INFO,
        f"Probabilities are {found.expected_error:.2g} off on average, where chance explains {found.by_chance:.2g} (their "
        f"mean is {predicted:.3g}, the share of positives {observed:.3g}). The threshold was chosen on these scores as "
        "they are, so the decision stands.",
        "Do not read a score as a risk in per cent; to be able to, try calibration.method isotonic, which follows any shape "
        "and wants some thousand rows.",
        evidence={"expected_error": found.expected_error, "by_chance": found.by_chance, "brier": found.brier},
        alternative="Train without resampling or class weights (resample.method none).",
    )
    return (finding,)

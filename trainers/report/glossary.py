"""Metrics and numbers in the words of a reader who has never trained a model."""

from dataclasses import dataclass

_ERROR = "Smaller is better; 0 is perfect."


@dataclass(frozen=True)
class MetricWords:
    """One metric in words.

    Attributes:
        name: scikit-learn scorer name.
        title: What people call it.
        meaning: What it says, in one or two sentences.
        sign: -1 for scikit-learn's negated errors, which are shown as the errors they are; otherwise 1.
    """

    name: str
    title: str
    meaning: str
    sign: int = 1

    def show(self, score: float) -> str:
        """The score as people read it: errors without their minus sign."""
        return number(self.sign * score)


def _error(title: str, meaning: str) -> tuple[str, str]:
    return title, f"{meaning} {_ERROR}"


_METRICS = {
    "average_precision": (
        "average precision",
        "Sort all rows from most to least suspicious: average precision says how pure the top of that list is, averaged "
        "over every depth at which another true case appears. 1 is perfect; guessing scores the share of true cases.",
    ),
    "roc_auc": (
        "ROC AUC",
        "The chance that a true case gets a higher score than another row, both picked at random. 1 is perfect, 0.5 is guessing.",
    ),
    "roc_auc_ovr": (
        "ROC AUC, one class against the rest",
        "For each class, the chance that one of its rows gets a higher score for it than another row; averaged. "
        "1 is perfect, 0.5 is guessing.",
    ),
    "accuracy": ("accuracy", "The share of rows given the right class. 1 is perfect; it hides how rare classes fare."),
    "balanced_accuracy": (
        "balanced accuracy",
        "The share of rows given the right class, worked out for each class and averaged, so that rare classes count as "
        "much as common ones. 1 is perfect.",
    ),
    "precision": ("precision", "The share of flagged rows that are true cases. 1 means no false alarm."),
    "recall": ("recall", "The share of true cases that are flagged. 1 means none is missed."),
    "f1": (
        "F1 score",
        "One number for precision and recall together (their harmonic mean): high only when both are high. 1 is perfect.",
    ),
    "f1_macro": ("F1 score, classes weighted equally", "The F1 score of each class, averaged. 1 is perfect."),
    "f1_weighted": ("F1 score, classes weighted by size", "The F1 score averaged over rows. 1 is perfect."),
    "jaccard": (
        "Jaccard index",
        "Of all rows that are flagged or true cases, the share that are both. 1 is perfect.",
    ),
    "matthews_corrcoef": (
        "Matthews correlation",
        "How strongly predicted and true classes go together. 1 is perfect, 0 is guessing.",
    ),
    "neg_log_loss": _error("log loss", "How surprised the predicted probabilities were by what really happened."),
    "neg_brier_score": _error(
        "Brier score", "The mean squared distance between predicted probabilities and what really happened."
    ),
    "r2": (
        "R²",
        "The share of the target's variation that the predictions account for. 1 is perfect, 0 is no better than always "
        "predicting the mean.",
    ),
    "neg_mean_absolute_error": _error(
        "mean absolute error", "How far predictions are off on average, in the target's units."
    ),
    "neg_median_absolute_error": _error(
        "median absolute error", "Half of the predictions are off by no more than this, in the target's units."
    ),
    "neg_root_mean_squared_error": _error(
        "root mean squared error",
        "How far predictions are off in the target's units, large misses counting more than small ones.",
    ),
    "neg_mean_squared_error": _error("mean squared error", "The mean of the squared misses; large misses count most."),
    "neg_mean_absolute_percentage_error": _error(
        "mean absolute percentage error", "How far predictions are off on average, as a share of the true value."
    ),
}


def metric_words(name: str) -> MetricWords:
    """The words for a scikit-learn scorer; a plain description for one that has none of its own."""
    sign = -1 if name.startswith("neg_") else 1
    if name in _METRICS:
        return MetricWords(name, *_METRICS[name], sign)
    title = name.removeprefix("neg_").replace("_", " ")
    meaning = f"scikit-learn's {title}. {_ERROR if sign < 0 else 'Greater is better.'}"
    return MetricWords(name, title, meaning, sign)


def family_title(family: str) -> str:
    """A family's name for reading: ``random_forest`` is "random forest"."""
    return family.replace("_", " ")


def number(value: float) -> str:
    """Three significant digits; whole thousands with separators; one below 0.001."""
    if value != value or value in (float("inf"), float("-inf")):
        return "not defined"
    size = abs(value)
    if size >= 100:
        text = f"{value:,.0f}"
    elif size >= 10:
        text = f"{value:.1f}"
    elif size >= 1:
        text = f"{value:.2f}"
    elif size >= 0.001 or value == 0:
        text = f"{value:.3f}"
    else:
        text = f"{value:.1g}"
    return "0" if value == 0 else text.replace("-", "−", 1)


def percent(share: float) -> str:
    """A share as a percentage, with one decimal below ten."""
    value = 100 * share
    digits = 1 if 0 < value < 9.95 or 99 < value < 100 else 0
    return f"{value:.{digits}f}\N{NO-BREAK SPACE}%"


def out_of(share: float, whole: int) -> str:
    """A share as a rounded count among ``whole``; something is never rounded to nothing, nor almost all to all."""
    count = share * whole
    if 0 < count < 0.5:
        return "fewer than 1"
    if whole - 0.5 <= count < whole:
        return f"more than {whole - 1:,}"
    return f"{round(count):,}"


def about(share: float, whole: int) -> str:
    """The same with "about" before what was rounded."""
    text = out_of(share, whole)
    return text if text[0] in "fm" or share in (0, 1) else f"about {text}"

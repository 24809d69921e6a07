"""Draws the evidence: one picture a question, each with the same facts in words.

Drawn on matplotlib's Figure directly, without pyplot and its global state, in colours that also differ in brightness
(Okabe and Ito's palette, safe without colour vision) and in line style.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from trainers.report.decision_words import has_costs
from trainers.report.glossary import family_title, metric_words, number, percent
from trainers.report.values import Confusion, EnsembleResult, FeatureImportance, Reliability, Report, Threshold

BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#767676", "#1b1f24"
WIDTH, HEIGHT = 4.8, 3.6
# Scatter plots show at most this many rows: more only blacken the picture and swell the file.
MAX_POINTS = 3000
MAX_BARS = 15

# Out-of-fold rows, then test rows.
LINES: tuple[dict[str, Any], ...] = ({"color": GREY, "linestyle": "--"}, {"color": BLUE})

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#8c959f",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e6ea",
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 2,
    "svg.hashsalt": "trainwright",  # the same numbers give the same file
}


@dataclass(frozen=True)
class Scored:
    """Predictions beside the truth, for one set of rows.

    Attributes:
        name: What rows these are, such as "sealed test".
        truth: n class indices, or target values for regression.
        predictions: (n,) probability of the positive class, (n, k) class probabilities, or (n,) predicted values.
    """

    name: str
    truth: np.ndarray
    predictions: np.ndarray


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: File name without its ending, such as ``roc``.
        title: What it shows.
        text: The same facts in words, for who cannot see it.
        svg: The drawing, self-contained.
    """

    name: str
    title: str
    text: str
    svg: bytes


def pictures(report: Report, out_of_fold: Scored, test: Scored) -> tuple[Picture, ...]:
    """Every picture that the task has, in reading order."""
    return tuple(_pictures(report, out_of_fold, test))


def _pictures(report: Report, out_of_fold: Scored, test: Scored) -> Iterator[Picture]:
    if report.threshold is not None:
        yield threshold_sweep(report.threshold, has_costs(report))
    if report.test.confusion is not None:
        yield confusion_matrix(report.test.confusion)
    if report.task == "binary":
        yield precision_recall((out_of_fold, test))
        yield roc((out_of_fold, test))
        yield calibration((out_of_fold, test), report.calibration.uncorrected if report.calibration else None)
    elif report.task == "regression":
        yield predicted_against_actual(test, report.data.target)
        yield residuals(test, report.data.target)
    for ensemble in report.ensembles:
        if ensemble.error_correlations:
            yield diversity(ensemble)
    if report.importances:
        yield importance(report.importances, report.cross_validation.metric)


def threshold_sweep(threshold: Threshold, costs: bool) -> Picture:
    """What each threshold would do on out-of-fold predictions; with costs, the cost as well."""
    curve, chosen = threshold.curve, threshold.chosen
    at = [point.threshold for point in curve]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2 if costs else 1, 1, sharex=True, squeeze=False)[:, 0]
        axes[0].plot(at, [p.recall for p in curve], color=BLUE, label="recall")
        axes[0].plot(at, [p.precision for p in curve], color=ORANGE, linestyle="--", label="precision")
        axes[0].set(ylabel="share", ylim=(0, 1.02), xlim=(0, 1))
        axes[0].legend(loc="lower center", ncols=2)
        if costs:
            axes[1].plot(at, [p.cost for p in curve], color=INK)
            axes[1].set(ylabel="cost", ylim=(0, None))
        for part in axes:
            part.axvline(threshold.value, color=GREY, linestyle=":")
        if 0 < threshold.value < 0.1:
            axes[0].set(xscale="log", xlim=(min(t for t in (*at, threshold.value) if t > 0) / 2, 1))
        axes[-1].set_xlabel("threshold (dotted: chosen)")

    text = (
        f"At the chosen threshold of {number(threshold.value)}, on out-of-fold predictions, recall is "
        f"{percent(chosen.recall)} and precision {percent(chosen.precision)}; at 0.5 they are "
        f"{percent(threshold.at_half.recall)} and {percent(threshold.at_half.precision)}."
    )
    if costs:
        text += f" The cost is {number(chosen.cost)} against {number(threshold.at_half.cost)} at 0.5."
    return picture("threshold_sweep", "What each threshold would do", text, draw, height=4.6 if costs else HEIGHT)


def confusion_matrix(confusion: Confusion) -> Picture:
    """Test rows by true and predicted class; shading is the share of the true class."""
    counts = np.array([row.counts for row in confusion.rows])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(WIDTH, 0.8 * len(counts) + 1.5)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.grid(visible=False)
        places = range(len(confusion.labels))
        axes.set_xticks(places, [short(label) for label in confusion.labels])
        axes.set_yticks(places, [short(label) for label in confusion.labels])
        axes.set(xlabel="predicted class", ylabel="true class")
        for (i, j), count in np.ndenumerate(counts):
            axes.text(j, i, f"{count:,}", ha="center", va="center", color="white" if shares[i, j] > 0.5 else INK)

    right = int(np.trace(counts))
    text = (
        f"{right:,} of {int(counts.sum()):,} test rows were given their true class; the counts are in the table below."
    )
    return picture("confusion_matrix", "Test rows by true and predicted class", text, draw, size, size * 0.75)


def precision_recall(sets: Sequence[Scored]) -> Picture:
    """Precision against recall over all thresholds."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for rows, style in zip(sets, LINES, strict=True):
            precision, recall, _ = precision_recall_curve(rows.truth, rows.predictions)
            axes.plot(recall, precision, drawstyle="steps-post", label=rows.name, **style)
        axes.axhline(float(np.mean(sets[-1].truth)), color=GREY, linestyle=":", linewidth=1, label="guessing")
        axes.set(xlabel="recall: share of true cases flagged", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
        axes.legend(loc="best")

    text = _each(sets, "average precision", average_precision_score)
    return picture("precision_recall", "Precision against recall", text, draw)


def roc(sets: Sequence[Scored]) -> Picture:
    """True-positive against false-positive rate over all thresholds."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for rows, style in zip(sets, LINES, strict=True):
            false_positive_rate, recall, _ = roc_curve(rows.truth, rows.predictions)
            axes.plot(false_positive_rate, recall, label=rows.name, **style)
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="guessing")
        axes.set(
            xlabel="share of other rows flagged", ylabel="share of true cases flagged", xlim=(0, 1), ylim=(0, 1.02)
        )
        axes.legend(loc="lower right")

    return picture("roc", "ROC curve", _each(sets, "area under the curve", roc_auc_score), draw)


def calibration(sets: Sequence[Scored], uncorrected: Reliability | None) -> Picture:
    """Predicted probability against what happened, in ten groups of equal size; also as it was before the correction."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        reach = 0.05
        for rows, style in zip(sets, LINES, strict=True):
            happened, predicted = calibration_curve(rows.truth, rows.predictions, n_bins=10, strategy="quantile")
            axes.plot(predicted, happened, marker="o", markersize=5, label=rows.name, **style)
            reach = min(1.0, max(reach, 1.1 * happened.max(), 1.1 * predicted.max()))
        if uncorrected is not None:
            label, style = "before correction", {"color": ORANGE, "linestyle": "-.", "marker": "s", "markersize": 4}
            axes.plot(uncorrected.predicted, uncorrected.observed, label=label, **style)
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="perfect")
        axes.set(xlabel="predicted probability", ylabel="share that were true cases", xlim=(0, reach), ylim=(0, reach))
        axes.legend(loc="upper left")

    text = _each(sets, "Brier score (0 is perfect)", brier_score_loss)
    if uncorrected is not None:
        text += (
            f" Before the correction for resampled classes it is {number(uncorrected.brier)} on {sets[0].name} rows."
        )
    return picture("calibration", "Are the probabilities honest?", text, draw)


def importance(importances: Sequence[FeatureImportance], metric: str) -> Picture:
    """How much the metric falls when a column is shuffled."""
    shown = importances[:MAX_BARS]
    title = metric_words(metric).title

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(shown))[::-1]
        ends = np.array([(f.mean - f.low, f.high - f.mean) for f in shown]).T
        axes.barh(places, [f.mean for f in shown], xerr=np.maximum(ends, 0), color=BLUE, ecolor=INK, height=0.6)
        axes.set_yticks(places, [short(f.feature, 24) for f in shown])
        figure.supxlabel(f"how much worse {title} gets when shuffled", fontsize=10)
        axes.grid(visible=False, axis="y")

    text = f"Shuffling {shown[0].feature} worsens {title} most, by {number(shown[0].mean)}."
    if len(shown) > 1:
        text += f" Next are {', '.join(f'{f.feature} ({number(f.mean)})' for f in shown[1:4])}."
    return picture("importance", "What the model leans on", text, draw, height=max(2.4, 0.32 * len(shown) + 1))


def diversity(ensemble: EnsembleResult) -> Picture:
    """Correlation of the members' out-of-fold errors; averaging helps as far as they differ."""
    shown = np.array([row.values for row in ensemble.error_correlations])[:MAX_BARS, :MAX_BARS]
    names = [short(f"{i + 1} {family_title(m.family)}", 20) for i, m in enumerate(ensemble.members[:MAX_BARS])]
    size = max(WIDTH, 0.42 * len(shown) + 1.8)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        drawn = axes.imshow(shown, cmap="Blues", vmin=min(0.0, float(shown.min())), vmax=1)
        axes.grid(visible=False)
        axes.set_xticks(range(len(shown)), [str(i + 1) for i in range(len(shown))])
        axes.set_yticks(range(len(shown)), names)
        axes.set_xlabel("member")
        figure.colorbar(drawn, label="correlation of errors")

    upper = shown[np.triu_indices(len(shown), k=1)]
    text = (
        f"The errors of its {len(ensemble.members)} members correlate at {number(float(upper.mean()))} on average, from "
        f"{number(float(upper.min()))} to {number(float(upper.max()))}; at 1 they miss alike, and averaging gains nothing."
    )
    title = f"How alike the members of {family_title(ensemble.kind)} miss"
    return picture(f"diversity_{ensemble.kind}", title, text, draw, size, size * 0.75)


def predicted_against_actual(rows: Scored, target: str) -> Picture:
    """Predicted against true values; on the line, a prediction is right."""
    truth, predicted = _sample(rows)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        ends = [float(min(truth.min(), predicted.min())), float(max(truth.max(), predicted.max()))]
        axes.plot(ends, ends, color=GREY, linestyle=":", linewidth=1)
        _scatter(axes, truth, predicted)
        axes.set(xlabel=f"true {short(target, 30)}", ylabel="predicted")

    correlation = float(np.corrcoef(rows.truth, rows.predictions)[0, 1])
    text = f"On the {rows.name} rows, predicted and true values correlate at {number(correlation)}."
    return picture("predicted_against_actual", "Predicted against true values", text, draw)


def residuals(rows: Scored, target: str) -> Picture:
    """Misses against predictions; a pattern means that something is left to learn."""
    truth, predicted = _sample(rows)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axhline(0, color=GREY, linestyle=":", linewidth=1)
        _scatter(axes, predicted, truth - predicted)
        axes.set(xlabel=f"predicted {short(target, 30)}", ylabel="true minus predicted")

    missed = rows.truth - rows.predictions
    low, middle, high = np.quantile(missed, [0.05, 0.5, 0.95])
    text = (
        f"Nine in ten misses (true minus predicted) on the {rows.name} rows lie between {number(low)} and {number(high)}; "
        f"the median is {number(middle)}."
    )
    return picture("residuals", "How far predictions miss", text, draw)


def _scatter(axes: Axes, x: np.ndarray, y: np.ndarray) -> None:
    axes.scatter(x, y, s=8, color=BLUE, alpha=0.35, linewidths=0, rasterized=True)


def _sample(rows: Scored) -> tuple[np.ndarray, np.ndarray]:
    step = max(1, -(-len(rows.truth) // MAX_POINTS))
    return rows.truth[::step], rows.predictions[::step]


def _each(sets: Sequence[Scored], name: str, score: Callable[[np.ndarray, np.ndarray], float]) -> str:
    parts = (f"{number(score(rows.truth, rows.predictions))} on {rows.name} rows" for rows in sets)
    return f"The {name} is {' and '.join(parts)}."


def picture(
    name: str, title: str, text: str, draw: Callable[[Figure], None], width: float = WIDTH, height: float = HEIGHT
) -> Picture:
    """Draws a picture in the report's style; the same numbers give the same file."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained", dpi=150)
        draw(figure)
        file = BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return Picture(name, title, text, file.getvalue())


def short(text: str, length: int = 14) -> str:
    """The text, cut to a length."""
    return text if len(text) <= length else f"{text[: length - 1]}…"

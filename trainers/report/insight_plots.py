"""Draws diagnosis and explanation: learning curve, validation curve, slices, and the effect of the strongest columns."""

from collections.abc import Iterator, Sequence
from textwrap import fill

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainers.insight.attributions import Attributed
from trainers.report import insight_words
from trainers.report.glossary import metric_words, number
from trainers.report.plots import BLUE, GREY, INK, ORANGE, WIDTH, Picture, picture, short
from trainers.report.values import Interaction, LearningCurve, PartialDependence, Report, SliceResult, ValidationCurve

MOST_SLICES = 12
MOST_COLUMNS = 12


def insight_pictures(report: Report, attributed: Attributed | None = None) -> Iterator[Picture]:
    """Every picture that the report's insight has, in reading order; of SHAP values where there are some."""
    found, metric = report.insight, report.cross_validation.metric
    if found is None:
        return
    if found.slices is not None and found.slices.results:
        yield slices(found.slices.results[:MOST_SLICES], metric, insight_words.weakest(report))
    if found.learning_curve is not None:
        yield learning_curve(found.learning_curve, metric, insight_words.more_rows(report))
    if found.validation_curve is not None:
        yield validation_curve(found.validation_curve, metric)
    if found.dependences:
        yield dependences(found.dependences, insight_words.leaning(report))
    if any(pair.strength > 0 for pair in found.interactions):
        yield interactions(found.interactions)
    if attributed is not None:
        yield beeswarm(attributed)


def learning_curve(curve: LearningCurve, metric: str, text: str) -> Picture:
    """Score by number of training rows, each point twice the one before; then what is plausible for twice as many."""
    words = metric_words(metric)
    rows = [point.rows for point in curve.points]
    means = np.array([words.sign * point.mean for point in curve.points])
    spread = np.array([point.std for point in curve.points])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.errorbar(rows, means, spread, color=BLUE, marker="o", capsize=3, label="measured, ± 1 sd over folds")
        gains = words.sign * np.array([curve.next_doubling, curve.next_low, curve.next_high])
        ends = np.sort(means[-1] + gains[1:])
        expected = means[-1] + gains[0]
        axes.errorbar(
            [2 * rows[-1]],
            [expected],
            [[max(0.0, expected - ends[0])], [max(0.0, ends[1] - expected)]],
            color=ORANGE,
            marker="s",
            linestyle="none",
            capsize=3,
            label="expected, and plausible range",
        )
        axes.plot([rows[-1], 2 * rows[-1]], [means[-1], expected], color=ORANGE, linestyle="--")
        axes.set_xscale("log", base=2)
        ticks = [*rows, 2 * rows[-1]]
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.set(xlabel="training rows", ylabel=words.title)
        axes.legend(loc="best")

    return picture("learning_curve", "Would more data help?", text.removeprefix("Would more data help? "), draw)


def validation_curve(curve: ValidationCurve, metric: str) -> Picture:
    """Every configuration by the parameter that mattered most; hollow where racing stopped it between folds."""
    words = metric_words(metric)
    folds = max(point.folds for point in curve.points)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for whole in (False, True):
            shown = [point for point in curve.points if (point.folds == folds) is whole]
            face = BLUE if whole else "none"
            label = "all folds" if whole else "stopped between folds"
            at, scores = [p.value for p in shown], [words.sign * p.mean for p in shown]
            axes.scatter(at, scores, s=28, facecolors=face, edgecolors=BLUE, label=label)
        axes.axvline(curve.chosen, color=GREY, linestyle=":")
        if curve.logarithmic:
            axes.set_xscale("log")
        axes.set(xlabel=f"{curve.parameter} (dotted: best)", ylabel=words.title)
        axes.legend(loc="best")

    best = max(curve.points, key=lambda point: (point.folds == folds, point.mean))
    text = (
        f"{len(curve.points)} configurations of {curve.family}, other parameters varying too; the best, at {number(curve.chosen)}, "
        f"reached {words.show(best.mean)}. The space goes from {number(curve.low)} to {number(curve.high)}."
    )
    return picture("validation_curve", f"Score by {curve.parameter}", text, draw)


def slices(results: Sequence[SliceResult], metric: str, text: str) -> Picture:
    """Score of each part beside what as many rows of the same classes drawn from all would score."""
    words = metric_words(metric)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(results))[::-1]
        for place, result in zip(places, results, strict=True):
            side = result.test if result.judged_on == "test" and result.test else result.out_of_fold
            interval = side.intervals.get(metric)
            if interval is not None:
                axes.plot(
                    [words.sign * interval.low, words.sign * interval.high], [place, place], color=BLUE, linewidth=1.5
                )
        scores = [words.sign * result.score for result in results]
        expected = [words.sign * result.expected for result in results]
        axes.scatter(scores, places, color=BLUE, s=30, zorder=3, label="this part, 95 %")
        axes.scatter(expected, places, facecolors="none", edgecolors=INK, marker="D", s=30, zorder=3, label="expected")
        names = [f"{fill(result.name, 26)}{' *' if result.beyond_chance else ''}" for result in results]
        axes.set_yticks(places, names)
        axes.set(xlabel=f"{words.title} (*: beyond chance)")
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside upper center", ncols=2)

    height = 1.3 + sum(0.12 + 0.2 * -(-len(result.name) // 26) for result in results)
    return picture("slices", "Parts of the data on their own", text, draw, width=WIDTH + 1.2, height=height)


def dependences(found: Sequence[PartialDependence], text: str) -> Picture:
    """Mean prediction by value of each of the strongest columns, and where the middle eight of ten rows lie."""

    def draw(figure: Figure) -> None:
        parts = figure.subplots(-(-len(found) // 2), min(2, len(found)), squeeze=False, sharey=True).ravel()
        for axes in parts[len(found) :]:
            axes.set_visible(False)
        for axes, each in zip(parts, found, strict=False):
            at = [point.value for point in each.points]
            mean = np.array([point.mean for point in each.points])
            low, high = ([getattr(point, end) for point in each.points] for end in ("low", "high"))
            if each.categorical:
                axes.errorbar(at, mean, [mean - low, high - mean], color=BLUE, marker="o", linestyle="none", capsize=3)
                axes.set_xticks(at, [short(point.label, 9) for point in each.points])
            else:
                axes.fill_between(at, low, high, color=BLUE, alpha=0.18, linewidth=0)
                axes.plot(at, mean, color=BLUE)
            axes.set_xlabel(short(each.feature, 26))
        figure.supylabel(short(found[0].outcome, 36), fontsize=10)

    height = 1.0 + 1.9 * -(-len(found) // 2)
    more = "Lines are means over rows, bands hold the middle eight of ten rows."
    return picture("dependence", "How predictions move with a column", f"{text} {more}", draw, WIDTH + 1.2, height)


def interactions(found: Sequence[Interaction]) -> Picture:
    """How far pairs of columns act together."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(found))[::-1]
        axes.barh(places, [pair.strength for pair in found], color=BLUE, height=0.6)
        axes.set_yticks(places, [f"{short(pair.first, 16)} × {short(pair.second, 16)}" for pair in found])
        axes.set(xlabel="H²: 0 if effects add up", xlim=(0, 1))
        axes.grid(visible=False, axis="y")

    first = found[0]
    text = (
        f"Of the pairs among the strongest columns, {first.first} and {first.second} act together most (H² = "
        f"{number(first.strength)}; 0 would mean that their effects add up)."
    )
    return picture("interactions", "Which columns act together", text, draw, height=max(2.2, 0.34 * len(found) + 1))


def beeswarm(found: Attributed) -> Picture:
    """SHAP values of every row by column; dark where the column's value is high, hollow where it is a category or missing."""
    summary = found.summary()
    shown = [column.feature for column in summary.columns[:MOST_COLUMNS]]
    places = {name: place for place, name in zip(range(len(shown) - 1, -1, -1), shown, strict=True)}
    jitter = np.random.default_rng(0).uniform(-0.28, 0.28, size=(len(found.rows), len(shown)))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for j, name in enumerate(shown):
            shares = found.shares[:, list(found.rows.columns).index(name)]
            numbers = pd.to_numeric(found.rows[name], errors="coerce").rank(pct=True).to_numpy()
            known, heights = np.isfinite(numbers), places[name] + jitter[:, j]
            shades = mpl.colormaps["Blues"](0.25 + 0.75 * numbers[known])
            axes.scatter(shares[known], heights[known], s=12, c=shades, linewidths=0)
            axes.scatter(shares[~known], heights[~known], s=12, facecolors="none", edgecolors=GREY, linewidths=0.7)
        axes.axvline(0, color=GREY, linestyle=":", linewidth=1)
        axes.set_yticks(list(places.values()), [short(name, 24) for name in places])
        axes.set_xlabel(f"share in {short(found.outcome, 34)}")
        axes.grid(visible=False, axis="y")

    told = ", ".join(f"{column.feature} ({number(column.mean_size)})" for column in summary.columns[:4])
    text = (
        f"What each column adds to the {found.outcome}, for {summary.rows} test rows, counted from the mean of "
        f"{number(found.base)}. Dark: a high value of the column. Largest on average: {told}."
    )
    return picture(
        "shap", "What each column adds, row by row (SHAP)", text, draw, height=max(2.4, 0.36 * len(shown) + 1)
    )

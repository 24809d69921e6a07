"""Draws how a family was searched: each configuration a line through its parameters to its score."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from trainers.report.glossary import metric_words, number, percent
from trainers.report.plots import GREY, HEIGHT, INK, ORANGE, WIDTH, Picture, picture, short
from trainers.report.values import Report
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome, TrialState, best_of
from tuning.space import Parameter

FEWEST = 3  # configurations that make a picture
MAX_LINES = 200  # the latest; more only blacken the picture
MAX_AXES = 7


def search_pictures(found: SearchResult, studies: Sequence[Study], report: Report) -> Iterator[Picture]:
    """The search of the family that has the best configuration."""
    best = best_of(o for o in found.outcomes if o.study in studies)
    if best is not None and best.study.space:
        scored = [o for o in found.outcomes if o.study == best.study and o.mean is not None]
        if len(scored) >= FEWEST:
            yield parallel_coordinates(best, scored, report)


def parallel_coordinates(best: TrialOutcome, scored: Sequence[TrialOutcome], report: Report) -> Picture:
    """Parameters from the most important one, then the score; a line a configuration (Inselberg, 1985).

    Args:
        best: The best configuration.
        scored: All configurations of its family with a score.
        report: Metric and importances.
    """
    space, family = best.study.space, best.study.name
    shares = {i.parameter: i.importance for i in report.search.importances if i.family == family}
    names = sorted(space, key=lambda name: -shares.get(name, 0.0))[:MAX_AXES]
    means = [o.mean for o in scored if o.mean is not None]
    low, high = min(means), max(means)

    def line(outcome: TrialOutcome) -> list[float]:
        heights = [_height(space[name], outcome.params.get(name)) for name in names]
        return [*heights, ((outcome.mean or 0.0) - low) / (high - low) if high > low else 0.5]

    def draw(figure: Figure) -> None:
        axes, places = figure.subplots(), range(len(names) + 1)
        axes.grid(visible=False)
        for outcome in scored[-MAX_LINES:]:
            heights = line(outcome)
            if outcome.state is TrialState.STOPPED:
                axes.plot(places, heights, color=GREY, linestyle=":", linewidth=1, alpha=0.6)
            else:
                axes.plot(places, heights, color=mpl.colormaps["Blues"](0.3 + 0.6 * heights[-1]), linewidth=1)
        axes.plot(places, line(best), color=ORANGE, linewidth=2.5)
        for place in places:
            axes.axvline(place, color=INK, linewidth=0.8)
        labels = [f"{name}\n{_ends(space[name])}" for name in names]
        axes.set_xticks(places, [*labels, f"score\n{number(low)} to {number(high)}"], rotation=20, ha="right")
        axes.set(yticks=[], ylim=(-0.03, 1.03), ylabel="low to high")

    stopped = sum(o.state is TrialState.STOPPED for o in scored)
    text = (
        f"{len(scored)} configurations of {family}, each a line: {stopped} stopped between folds (dotted), the best (thick) "
        f"with a cross-validated {metric_words(report.cross_validation.metric).title} of {number(best.mean or 0.0)}."
    )
    if shares:
        text += f" The score depended most on {', '.join(f'{name} ({percent(shares[name])})' for name in list(shares)[:3])}."
    return picture("search", "What was tried", text, draw, max(WIDTH, 1.1 * len(names) + 1.5), HEIGHT + 0.8)


def _height(parameter: Parameter, value: Any) -> float:
    """Where a value lies from the lowest (0) to the highest (1); NaN, which breaks the line, where there is none."""
    if value is None and (parameter.choice is None or None not in parameter.choice.values):
        return math.nan
    if parameter.choice is not None:
        values = parameter.choice.values
        return values.index(value) / max(1, len(values) - 1)
    return parameter.height(float(value))


def _ends(parameter: Parameter) -> str:
    if parameter.choice is not None:
        return short(", ".join(map(str, parameter.choice.values)), 24)
    scale = ", log" if parameter.logarithmic else ""
    return f"{parameter.bounds.low:g} to {parameter.bounds.high:g}{scale}"

"""Draws what each candidate scores beside what it costs to run."""

from collections.abc import Iterator, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from trainers.report.glossary import family_title, metric_words, number
from trainers.report.plots import BLUE, GREY, HEIGHT, ORANGE, WIDTH, Picture, picture
from trainers.report.values import CandidateResult, Report

FEWEST = 2
# Where a name stands beside its mark, in points; neighbours differ, so that names seldom meet.
PLACES = (((6, -13), "left"), ((-6, 7), "right"), ((6, 8), "left"), ((-6, -13), "right"))
MARKERS = {"baseline": "s", "family": "o", "ensemble": "^"}


def front(candidates: Sequence[CandidateResult]) -> tuple[CandidateResult, ...]:
    """The candidates that no other beats in both score and time for a row, fastest first (Pareto's optimum)."""
    best, found = float("-inf"), []
    for candidate in sorted(candidates, key=lambda c: (c.latency_ms, -c.mean)):
        if candidate.mean > best:
            best = candidate.mean
            found.append(candidate)
    return tuple(found)


def trade_offs(report: Report) -> Iterator[Picture]:
    """Score against latency of every candidate that was measured; nothing where there is nothing to compare."""
    shown = [c for c in report.candidates if c.latency_ms > 0 and c.mean == c.mean and c.family != "dummy"]
    if len(shown) >= FEWEST:
        yield _pareto(shown, report)


def _pareto(shown: Sequence[CandidateResult], report: Report) -> Picture:
    metric, optimal = metric_words(report.cross_validation.metric), front(shown)
    limit = report.manifest.spec.get("requirements", {}).get("max_latency_ms")

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.step(
            [c.latency_ms for c in optimal],
            [metric.sign * c.mean for c in optimal],
            where="post",
            color=GREY,
            linestyle=":",
            linewidth=1.5,
        )
        for i, each in enumerate(sorted(shown, key=lambda c: c.latency_ms)):
            x, y = each.latency_ms, metric.sign * each.mean
            color = ORANGE if each.selected else BLUE if each in optimal else GREY
            axes.errorbar(
                x, y, yerr=each.difference_se, color=color, marker=MARKERS[each.kind], markersize=7, linewidth=1
            )
            offset, side = PLACES[i % len(PLACES)]
            axes.annotate(family_title(each.family), (x, y), offset, textcoords="offset points", ha=side, fontsize=8)
        if limit:
            axes.axvline(limit, color=ORANGE, linestyle="--", linewidth=1.2)
            axes.annotate("limit", (limit, 1), (3, -10), xycoords=("data", "axes fraction"), textcoords="offset points")
        axes.set(xscale="log", xlabel="milliseconds for one row, one CPU", ylabel=metric.title)
        axes.margins(x=0.3, y=0.15)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())

    better = ", then ".join(
        f"{family_title(c.family)} ({number(c.latency_ms)} ms, {metric.show(c.mean)})" for c in optimal
    )
    text = f"No candidate is both faster and better than these, from the fastest: {better}."
    if limit:
        text += f" At most {number(limit)} ms were allowed (dashed line)."
    text += " Squares are baselines, circles single models, triangles ensembles; the chosen one is orange."
    return picture("trade_offs", "What a better score costs in time", text, draw, WIDTH * 1.35, HEIGHT)

"""Draws a run beside the run that it tries to better."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from trainers.report.decision_words import has_costs
from trainers.report.glossary import number, percent
from trainers.report.plots import BLUE, GREY, HEIGHT, WIDTH, Picture, picture
from trainers.report.values import Report, Threshold


def beside_parent(parent: Report, report: Report) -> Iterator[Picture]:
    """What both thresholds' curves promise out of fold: cost where both state it, else recall, by the share flagged."""
    if parent.threshold is not None and report.threshold is not None:
        costs = has_costs(parent) and has_costs(report)
        yield _curves(parent.threshold, report.threshold, "cost" if costs else "recall")


def _curves(theirs: Threshold, ours: Threshold, what: str) -> Picture:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for threshold, name, color, line in ((theirs, "parent", GREY, "--"), (ours, "this run", BLUE, "-")):
            points, chosen = sorted(threshold.curve, key=lambda point: point.flagged), threshold.chosen
            at, heights = [p.flagged for p in points], [getattr(p, what) for p in points]
            axes.plot(at, heights, label=name, color=color, linestyle=line)
            axes.plot(chosen.flagged, getattr(chosen, what), marker="o", markersize=8, color=color)
        axes.set(xlabel="share of rows flagged", ylabel=what)
        axes.legend()

    told = (
        f"{name}: {number(getattr(t.chosen, what))} at {percent(t.chosen.flagged)} of the rows flagged"
        for name, t in (("Parent", theirs), ("This run", ours))
    )
    text = f"{what.capitalize()} by the share of rows flagged, out of fold; the dots are the chosen thresholds. {'. '.join(told)}."
    return picture("beside_parent", "Beside the parent", text, draw, WIDTH, HEIGHT)

"""Draws what a benchmark found, as a small SVG for the README."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "pictures"


def draw(
    name: str, series: Mapping[str, tuple[Sequence, Sequence]], x: str, y: str, bound: float | None = None
) -> None:
    """Draws series of (x, y): as points beside a bound on x where there is one, as lines otherwise."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    for (label, points), marker in zip(series.items(), "os^D", strict=False):
        axes.plot(*points, marker=marker, label=label, linestyle="-" if bound is None else "", alpha=0.8)
    if bound is not None:
        axes.axvline(bound, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel=x, ylabel=y, ylim=(0, None))
    axes.legend(fontsize=9)
    FOLDER.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):  # the same numbers give the same file
        figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})

"""Draws what a benchmark found, as a small SVG for the README."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "pictures"


def draw(
    name: str,
    series: Mapping[str, tuple[Sequence, Sequence]],
    x: str,
    y: str,
    bound: float | None = None,
    x_scale: str = "linear",
) -> None:
    """Draws series of (x, y): as points beside a bound on x where there is one, as lines otherwise."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    for (label, points), marker in zip(series.items(), "os^Dvx", strict=False):
        axes.plot(*points, marker=marker, label=label, linestyle="-" if bound is None else "", alpha=0.8)
    if bound is not None:
        axes.axvline(bound, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel=x, ylabel=y, ylim=(0, None), xscale=x_scale)
    axes.legend(fontsize=9)
    _save(name, figure)


def draw_steps(
    name: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    spans: Mapping[str, tuple[float, float]],
    x: str,
    y: str,
) -> None:
    """Draws counts that change at points in time, each series stacked on the ones before, and named spans of time."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    times = [when for when, _ in next(iter(series.values()))]
    axes.stackplot(times, *([count for _, count in each] for each in series.values()), labels=series, step="post")
    top = axes.get_ylim()[1] + 1
    for label, (began, ended) in spans.items():
        axes.axvspan(began, ended, color="black", alpha=0.07, linewidth=0)
        axes.text((began + ended) / 2, top - 0.1, label, ha="center", va="top", fontsize=9)
    axes.set(xlabel=x, ylabel=y, xlim=(0, 1.03 * times[-1]), ylim=(0, top))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(0.0, 0.9))
    _save(name, figure)


def _save(name: str, figure: Figure) -> None:
    FOLDER.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):  # the same numbers give the same file
        figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})

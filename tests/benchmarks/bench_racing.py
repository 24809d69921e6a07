"""Racing in a simulation: recorded searches played again in many orders, beside other ways to stop between folds.

What is asked: how often is a configuration stopped that would have beaten its incumbent on all folds, which is what the
race bounds; how often is the winner of the full search lost; and what does it cost and save.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks.pictures import draw
from tests.benchmarks.recorded import FOLDS, MADE, Recorded, real
from tests.benchmarks.rows import Row
from tests.benchmarks.stoppers import STOPPERS, Stopper
from tuning.racing import ERROR

NAMES = ("racing_wrongly_stopped", "racing_simulated_fits")
PLAYS, PEER_PLAYS = 200, 40


@dataclass(frozen=True)
class Measured:
    """One way to stop on one table, over all plays; all shares from 0 to 1.

    Attributes:
        wrong: Trials stopped, of those that would have beaten their incumbent on all folds.
        winners: Number of such trials.
        lost_best: Plays that lost the configuration which the full search selects.
        lost_score: Mean loss in the selected score, in standard errors of the full search's over folds.
        lost_truth: Mean loss in expected score beside the full search's choice; NaN where it is not known.
        fits: Fits done, of all.
    """

    wrong: float
    winners: int
    lost_best: float
    lost_score: float
    lost_truth: float
    fits: float


def rows() -> list[Row]:
    """Plays everything, prints the table and draws the picture."""
    found = _measure()
    _show(found)
    _draw(found)
    ours, wilcoxon, _ = STOPPERS
    worst = max(found[ours].values(), key=lambda m: m.wrong)
    fits = {name: float(np.mean([m.fits for m in found[name].values()])) for name in (ours, wilcoxon)}
    tables = f"{len(found[ours])} tables"
    return [
        Row(NAMES[0], worst.wrong, ERROR, "share", "<= 1", f"worst of {tables}; peer: the stated bound"),
        Row(NAMES[1], fits[ours], fits[wilcoxon], "share", "< 1", f"mean of {tables}; peer: Optuna's WilcoxonPruner"),
    ]


def _measure() -> dict[str, dict[str, Measured]]:
    """By way to stop, then by table. Others are slower to play and far from the bound, so they are played less."""
    found: dict[str, dict[str, Measured]] = {name: {} for name in STOPPERS}
    for search in [*real(), *MADE]:
        table = search.name if isinstance(search, Recorded) else search(0).name
        for i, (name, stopper) in enumerate(STOPPERS.items()):
            found[name][table] = _play(stopper, search, PEER_PLAYS if i else PLAYS)
    return found


def _play(stopper: Stopper, search: Recorded | Callable[[int], Recorded], plays: int) -> Measured:
    """Plays a recorded search, or one made anew for each play; the play's number draws the order of all and of folds."""
    wrong = winners = 0
    each = []
    for seed in range(plays):
        recorded, rng = search if isinstance(search, Recorded) else search(seed), np.random.default_rng(seed)
        order, folds = rng.permutation(len(recorded.predictions)), rng.permutation(FOLDS)
        played, full = stopper.play(recorded, order.tolist(), folds.tolist()), recorded.scores.mean(axis=1)
        completed = played.folds == FOLDS
        would_win = (played.incumbents >= 0) & (full > full[played.incumbents])
        winners, wrong = winners + would_win.sum(), wrong + (would_win & ~completed).sum()
        best, chosen = full.argmax(), np.where(completed, full, -np.inf).argmax()
        error = recorded.scores[best].std(ddof=1) / np.sqrt(FOLDS)
        truth = np.nan if recorded.truth is None else recorded.truth[best] - recorded.truth[chosen]
        each.append((not completed[best], (full[best] - full[chosen]) / error, truth, played.folds.mean() / FOLDS))
    lost_best, lost_score, lost_truth, fits = np.mean(each, axis=0)
    return Measured(wrong / max(1, winners), int(winners), lost_best, lost_score, lost_truth, fits)


def _show(found: Mapping[str, Mapping[str, Measured]]) -> None:
    table = Table(title=f"Stopping between folds; the race's stated bound on wrongly stopped is {ERROR:.0%}")
    for heading in (
        "table",
        "way to stop",
        "wrongly stopped",
        "best lost",
        "score lost (SE)",
        "truth lost",
        "fits done",
    ):
        table.add_column(heading, justify="left" if heading in ("table", "way to stop") else "right")
    for name in next(iter(found.values())):
        for stopper, by_table in found.items():
            m = by_table[name]
            wrong, truth = f"{m.wrong:.1%} of {m.winners}", "" if np.isnan(m.lost_truth) else f"{m.lost_truth:.4f}"
            table.add_row(name, stopper, wrong, f"{m.lost_best:.0%}", f"{m.lost_score:.3f}", truth, f"{m.fits:.0%}")
    Console(width=140).print(table)


def _draw(found: Mapping[str, Mapping[str, Measured]]) -> None:
    """Fits done against wrongly stopped: the lower left corner is best, and right of the line the bound is broken."""

    def points(name: str) -> tuple[list[float], list[float]]:
        return [100 * m.wrong for m in found[name].values()], [100 * m.fits for m in found[name].values()]

    labels = "wrongly stopped, % (would have beaten its incumbent); line: the bound", "fits done, % of all"
    draw("racing", {name: points(name) for name in found}, *labels, bound=100 * ERROR)

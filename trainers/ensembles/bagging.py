"""One family on many samples, averaged.

Breiman, "Bagging predictors", 1996; with samples of the columns as well, Ho, "The random subspace method for constructing
decision forests", 1998.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainers.data.table import Table, Task
from trainers.ensembles.ensemble import Dropped, Ensemble, EnsembleError, Leader, Material, Part, mean
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import Metric
from trainers.fits import Failed, Fit, FitAll, Fitted, Outcome
from trainers.portable.ensemble import AveragedClassifier, AveragedRegressor

FORESTS = ("random_forest", "extra_trees")
# A member is poor when it scores further below the median of its bag than this many standard deviations.
OUTLYING = 5.0
FEWEST = 8  # in fewer the deviation itself is not known


@dataclass(frozen=True)
class Member:
    """A member of a bag that was kept.

    Attributes:
        fitted: Its model, where it was kept.
        out_of_bag: Positions of the training rows it did not see.
        predictions: Its predictions for these.
        scored: Its predictions for the rows that the bag is scored on.
    """

    fitted: Fitted
    out_of_bag: np.ndarray
    predictions: np.ndarray
    scored: np.ndarray


@dataclass(frozen=True)
class Bag:
    """One bag: the members kept, and those dropped."""

    members: tuple[Member, ...]
    dropped: tuple[Dropped, ...]


def bagging(spec: EnsembleSpec, given: Material, fit_all: FitAll) -> Ensemble:
    """Bags one family: a bag on the training rows of each fold, and one on all development rows.

    Raises:
        EnsembleError: A bag has no member left.
    """
    no_bags_yet = [each for each in given.leaders if each.family not in FORESTS]
    leader, folds = given.leader(spec.family, no_bags_yet), given.split.folds
    nothing = np.empty(0, dtype=np.int64)
    sides = [(given.split.development, nothing), *((fold.train, fold.validation) for fold in folds)]
    samples = [draw_bag(spec, leader, given, rows, scored, number) for number, (rows, scored) in enumerate(sides)]
    fitted = iter(fit_all([job for bag in samples for job in bag]))
    bags = [
        _bag(bag, [next(fitted) for _ in bag], len(scored), given)
        for bag, (_, scored) in zip(samples, sides, strict=True)
    ]
    final, *by_fold = bags
    weights = [1 / len(final.members)] * len(final.members)
    models = [member.fitted.pipeline for member in final.members]
    averaged = AveragedRegressor if given.task is Task.REGRESSION else AveragedClassifier
    members = tuple(tuple(member.scored for member in bag.members) for bag in by_fold)
    kept = [member.fitted for bag in bags for member in bag.members]
    return Ensemble(
        kind=EnsembleKind.BAGGING,
        params={
            "family": leader.family,
            "members": spec.members,
            "row_fraction": spec.row_fraction,
            "column_fraction": spec.column_fraction,
            "bootstrap": spec.bootstrap,
            **leader.params,
        },
        parts=tuple(Part(leader.family, weight, leader.params) for weight in weights),
        dropped=tuple(each for bag in bags for each in bag.dropped),
        predictions=tuple(mean(each) for each in members),
        members=members,
        fits=len(kept),
        fit_seconds=sum(each.seconds for each in kept),
        assemble=lambda families: averaged(models, weights),
        out_of_bag=_out_of_bag(final.members, given.table, given.metric),
    )


def draw_bag(
    spec: EnsembleSpec, leader: Leader, given: Material, rows: np.ndarray, scored: np.ndarray, number: int
) -> list[Fit]:
    """The fits of one bag: each predicts the rows it did not see, then the rows that the bag is scored on.

    Rows out of bag are older than some in the bag where rows have times, so none are predicted there.

    Args:
        spec: How samples are drawn, defaults filled in.
        leader: Configuration of the members.
        given: Groups and columns.
        rows: Rows to draw from.
        scored: Rows to score the bag on; none for the bag that becomes the model.
        number: Of the bag; 0 for the model's, else that of the fold, from 1.
    """
    names = [column.name for column in given.table.columns]
    bag = []
    for i in range(spec.members or 0):
        rng = np.random.default_rng((given.seed, number, i))
        drawn = np.sort(_sample(rows, given.split.groups, spec, rng))
        wide = max(1, round((spec.column_fraction or 1.0) * len(names)))
        columns = None if wide == len(names) else tuple(rng.choice(names, wide, replace=False))
        unseen = np.setdiff1d(rows, drawn) if given.split.kind != "time" else rows[:0]
        bag.append(
            Fit(
                leader.family,
                leader.params,
                drawn,
                given.seed + i,
                leader.rounds,
                np.concatenate([unseen, scored]),
                columns,
                keep_model=number == 0,
                label=f"bagging member {i + 1}" + (f", fold {number}" if number else ""),
            )
        )
    return bag


def _sample(rows: np.ndarray, groups: np.ndarray | None, spec: EnsembleSpec, rng: np.random.Generator) -> np.ndarray:
    """Draws rows, with replacement or without; whole groups where rows belong together."""
    share, replace = spec.row_fraction or 1.0, spec.bootstrap is not False
    if groups is None:
        return rng.choice(rows, max(1, round(share * len(rows))), replace=replace)
    codes, members = np.unique(groups[rows], return_inverse=True)
    order = np.argsort(members, kind="stable")
    blocks = np.split(rows[order], np.cumsum(np.bincount(members))[:-1])
    drawn = rng.choice(len(codes), max(1, round(share * len(codes))), replace=replace)
    return np.concatenate([blocks[i] for i in drawn])


def _bag(jobs: Sequence[Fit], outcomes: Sequence[Outcome], scored: int, given: Material) -> Bag:
    """Keeps the members that could be fitted and are not poor; judged on training rows alone."""
    members: list[Member] = []
    labels, dropped = [], []
    for job, outcome in zip(jobs, outcomes, strict=True):
        if isinstance(outcome, Failed):
            dropped.append(Dropped(job.label, outcome.reason))
            continue
        inside = len(job.score_rows) - scored
        seen, new = outcome.predictions[:inside], outcome.predictions[inside:]
        members.append(Member(outcome, job.score_rows[:inside], seen, new))
        labels.append(job.label)
    poor = _poor(members, given.table, given.metric)
    dropped += [Dropped(label, poor[i]) for i, label in enumerate(labels) if i in poor]
    kept = tuple(member for i, member in enumerate(members) if i not in poor)
    if not kept:
        raise EnsembleError(f"No member of a bag could be fitted: {dropped[0].reason}")
    return Bag(kept, tuple(dropped))


def _poor(members: Sequence[Member], table: Table, metric: Metric) -> dict[int, str]:
    """Members that score far below the others on the rows they did not see, and why they are dropped.

    Far is told by the median absolute deviation, so that at least half of a bag stays. A member of a bag need not be
    better than guessing: averaging makes up for what the samples spoil.
    """
    scores = np.array([_score(table, metric, m.out_of_bag, m.predictions) for m in members])
    if len(members) < FEWEST or not np.isfinite(scores).all():
        return {}
    middle = float(np.median(scores))
    deviation = 1.4826 * float(np.median(np.abs(scores - middle)))  # of a normal distribution
    floor = middle - OUTLYING * deviation
    return {
        i: f"Scores {score:.4g} out of bag, far below the median of {middle:.4g}."
        for i, score in enumerate(scores)
        if deviation > 0 and score < floor
    }


def _out_of_bag(members: Sequence[Member], table: Table, metric: Metric) -> float | None:
    """Score of the mean prediction of those members that did not see a row, over the rows that have any."""
    like = next((member.predictions for member in members if len(member.predictions)), None)
    if like is None:
        return None
    total = np.zeros((len(table.target), *like.shape[1:]))
    count = np.zeros(len(table.target))
    for member in members:
        if len(member.out_of_bag):
            total[member.out_of_bag] += member.predictions
            count[member.out_of_bag] += 1
    rows = np.flatnonzero(count)
    score = _score(table, metric, rows, total[rows] / count[rows].reshape(-1, *[1] * (total.ndim - 1)))
    return score if np.isfinite(score) else None


def _score(table: Table, metric: Metric, rows: np.ndarray, predictions: np.ndarray) -> float:
    """NaN for no rows, and where a class is missing."""
    y = table.target[rows]
    if len(rows) < 2 or (table.classes and len(np.unique(y)) < len(table.classes)):
        return float("nan")
    return metric.score(y, predictions)

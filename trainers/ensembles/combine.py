"""Makes the ensembles a spec asks for out of the best configuration of each family.

Honest scores: what is learned from out-of-fold predictions (weights, a final model) is learned on the other folds and
scored on the fold left out, so every ensemble has out-of-fold predictions of its own and is compared like a single model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainers.data.load import Table, Task
from trainers.data.split import Split
from trainers.ensembles.greedy import greedy_weights
from trainers.ensembles.stacking import fit_final, predict_final
from trainers.evaluation.metrics import Metric
from trainers.fits import Fit, Fitted
from trainers.portable.ensemble import AveragedClassifier, AveragedRegressor, StackedClassifier, StackedRegressor
from trainers.spec import EnsembleKind, EnsembleSpec

FORESTS = ("random_forest", "extra_trees")
FitAll = Callable[[Sequence[Fit]], Sequence[Fitted]]


@dataclass(frozen=True)
class Leader:
    """The best configuration of a family.

    Attributes:
        family: Family name.
        params: Its parameters.
        rounds: Boosting rounds of the final fit; None for families that do not boost.
        score: Mean cross-validated score.
        predictions: Out-of-fold predictions, fold by fold.
    """

    family: str
    params: Mapping[str, Any]
    rounds: int | None
    score: float
    predictions: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Part:
    """One member of an ensemble and its weight."""

    family: str
    weight: float
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Ensemble:
    """An ensemble, scored but not yet fitted on all development rows.

    Attributes:
        kind: How members are combined.
        params: What was chosen, for the reader.
        parts: Members with their weights.
        predictions: Out-of-fold predictions, fold by fold.
        fit_seconds: Time of the fits it cost.
        fits: Fits on development rows that the final model still needs.
        assemble: Makes the model from the families' final models, by family, and the models of ``fits``.
    """

    kind: EnsembleKind
    params: Mapping[str, Any]
    parts: tuple[Part, ...]
    predictions: tuple[np.ndarray, ...]
    fit_seconds: float
    fits: tuple[Fit, ...]
    assemble: Callable[[Mapping[str, Any], Sequence[Any]], Any]


def combine(
    spec: EnsembleSpec,
    leaders: Sequence[Leader],
    table: Table,
    split: Split,
    metric: Metric,
    seed: int,
    fit_all: FitAll,
) -> Ensemble:
    """Makes one ensemble.

    Args:
        spec: Which.
        leaders: Best configuration of each family, best first.
        table: The table.
        split: Where its rows go.
        metric: What is maximised.
        seed: Seed of the bootstrap samples.
        fit_all: Does fits in parallel, results in order.
    """
    if spec.kind is EnsembleKind.BAGGING:
        return _bagging(_bagged_family(spec, leaders), spec.members, table.task, split, seed, fit_all)
    y_folds = [table.target[fold.validation] for fold in split.folds]
    if spec.kind is EnsembleKind.STACKING:
        return _stacking(leaders, y_folds, table.task)
    return _weighted(leaders[: spec.members], y_folds, table.task, metric)


def _bagged_family(spec: EnsembleSpec, leaders: Sequence[Leader]) -> Leader:
    """The family that was asked for, else the best that is not a bag of trees already."""
    wanted = [leader for leader in leaders if leader.family == spec.family]
    return next(iter([*wanted, *(leader for leader in leaders if leader.family not in FORESTS), *leaders]))


def _bagging(leader: Leader, members: int, task: Task, split: Split, seed: int, fit_all: FitAll) -> Ensemble:
    """Bootstrap aggregation: Breiman, "Bagging predictors", 1996."""

    def drawn(rows: np.ndarray, score_rows: np.ndarray, draw: int) -> list[Fit]:
        rng = np.random.default_rng((seed, draw))
        samples = [np.sort(_bootstrap(rows, split.groups, rng)) for _ in range(members)]
        return [
            Fit(leader.family, leader.params, rows, seed + i, leader.rounds, score_rows)
            for i, rows in enumerate(samples)
        ]

    jobs = [job for k, fold in enumerate(split.folds) for job in drawn(fold.train, fold.validation, k)]
    fitted = fit_all(jobs)
    by_fold = [fitted[k * members : (k + 1) * members] for k in range(len(split.folds))]
    averaged = AveragedRegressor if task is Task.REGRESSION else AveragedClassifier
    weights = [1 / members] * members
    return Ensemble(
        kind=EnsembleKind.BAGGING,
        params={"family": leader.family, "members": members, **leader.params},
        parts=tuple(Part(leader.family, weight, leader.params) for weight in weights),
        predictions=tuple(np.mean([f.predictions for f in fold], axis=0) for fold in by_fold),
        fit_seconds=sum(f.seconds for f in fitted),
        fits=tuple(drawn(split.development, np.empty(0, dtype=int), len(split.folds))),
        assemble=lambda families, own: averaged(list(own), weights),
    )


def _bootstrap(rows: np.ndarray, groups: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Draws rows with replacement; whole groups where rows belong together."""
    if groups is None:
        return rng.choice(rows, size=len(rows))
    codes, members = np.unique(groups[rows], return_inverse=True)
    order = np.argsort(members, kind="stable")
    blocks = np.split(rows[order], np.cumsum(np.bincount(members))[:-1])
    return np.concatenate([blocks[i] for i in rng.integers(len(codes), size=len(codes))])


def _stacking(leaders: Sequence[Leader], y_folds: Sequence[np.ndarray], task: Task) -> Ensemble:
    def honest(k: int) -> np.ndarray:
        others = [i for i in range(len(y_folds)) if i != k]
        members = [np.concatenate([leader.predictions[i] for i in others]) for leader in leaders]
        final = fit_final(task, members, np.concatenate([y_folds[i] for i in others]))
        return predict_final(task, final, [leader.predictions[k] for leader in leaders])

    final = fit_final(task, [np.concatenate(leader.predictions) for leader in leaders], np.concatenate(y_folds))
    strength = np.abs(np.atleast_2d(final.coef_)).sum(axis=0).reshape(len(leaders), -1).sum(axis=1)
    shares = strength / strength.sum() if strength.sum() else np.full(len(leaders), 1 / len(leaders))
    stacked = StackedRegressor if task is Task.REGRESSION else StackedClassifier
    names = [leader.family for leader in leaders]
    return Ensemble(
        kind=EnsembleKind.STACKING,
        params={"families": names, "final_estimator": type(final).__name__},
        parts=tuple(Part(each.family, float(share), each.params) for each, share in zip(leaders, shares, strict=True)),
        predictions=tuple(honest(k) for k in range(len(y_folds))),
        fit_seconds=0.0,
        fits=(),
        assemble=lambda families, own: stacked([families[name] for name in names], final),
    )


def _weighted(leaders: Sequence[Leader], y_folds: Sequence[np.ndarray], task: Task, metric: Metric) -> Ensemble:
    def honest(k: int) -> np.ndarray:
        others = [i for i in range(len(y_folds)) if i != k]
        members = [np.concatenate([leader.predictions[i] for i in others]) for leader in leaders]
        weights = greedy_weights(np.concatenate([y_folds[i] for i in others]), members, metric)
        return np.average([leader.predictions[k] for leader in leaders], axis=0, weights=weights)

    pooled = [np.concatenate(leader.predictions) for leader in leaders]
    weights = greedy_weights(np.concatenate(y_folds), pooled, metric)
    kept = [(leader, float(weight)) for leader, weight in zip(leaders, weights, strict=True) if weight]
    averaged = AveragedRegressor if task is Task.REGRESSION else AveragedClassifier
    return Ensemble(
        kind=EnsembleKind.WEIGHTED,
        params={"weights": {leader.family: weight for leader, weight in kept}},
        parts=tuple(Part(leader.family, weight, leader.params) for leader, weight in kept),
        predictions=tuple(honest(k) for k in range(len(y_folds))),
        fit_seconds=0.0,
        fits=(),
        assemble=lambda families, own: averaged(
            [families[leader.family] for leader, _ in kept], [weight for _, weight in kept]
        ),
    )

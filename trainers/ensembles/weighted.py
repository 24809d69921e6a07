"""Greedy weights over out-of-fold predictions: Caruana et al., "Ensemble selection from libraries of models", 2004.

The model costs no fit beyond the families' own. Its honest score does: see ``trainers/ensembles/crossfit.py``.
"""

from collections.abc import Sequence

import numpy as np

from trainers.data.table import Task
from trainers.ensembles.crossfit import Crossed, Key, final_keys, keys_below, learnable
from trainers.ensembles.ensemble import Dropped, Ensemble, EnsembleError, Leader, Material, Part, mean
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import Metric
from trainers.portable.ensemble import AveragedClassifier, AveragedRegressor


def wanted(spec: EnsembleSpec, given: Material) -> dict[str, set[Key]]:
    """Predictions it needs, by family."""
    keys = keys_below(given.split, final_keys(given.split))
    return {leader.family: keys for leader in given.leaders[: spec.members]}


def weighted(spec: EnsembleSpec, given: Material, crossed: Crossed) -> Ensemble:
    """Weighs the families; a family that helps nowhere gets no weight and is not part of the model.

    Raises:
        EnsembleError: No family could be fitted without some of the folds.
    """
    asked = given.leaders[: spec.members]
    leaders = [leader for leader in asked if leader.family not in crossed.failures]
    if not leaders:
        raise EnsembleError(f"None of its families could be fitted. {next(iter(crossed.failures.values()))}")

    def honest(k: int) -> np.ndarray:
        return mean([leader.predictions[k] for leader in leaders], _weights(leaders, frozenset({k}), given, crossed))

    weights = _weights(leaders, frozenset(), given, crossed)
    kept = [(leader, float(weight)) for leader, weight in zip(leaders, weights, strict=True) if weight]
    failed = (Dropped(leader.family, crossed.failures[leader.family]) for leader in asked if leader not in leaders)
    useless = (
        Dropped(leader.family, "Adding it to the others does not raise the score.")
        for leader, weight in zip(leaders, weights, strict=True)
        if not weight
    )
    averaged = AveragedRegressor if given.task is Task.REGRESSION else AveragedClassifier
    return Ensemble(
        kind=EnsembleKind.WEIGHTED,
        params={"weights": {leader.family: weight for leader, weight in kept}},
        parts=tuple(Part(leader.family, weight, leader.params) for leader, weight in kept),
        dropped=(*failed, *useless),
        predictions=tuple(honest(k) for k in range(len(given.split.folds))),
        members=tuple(tuple(leader.predictions[k] for leader, _ in kept) for k in range(len(given.split.folds))),
        fits=sum(crossed.fits[leader.family] for leader in asked),
        fit_seconds=sum(crossed.seconds[leader.family] for leader in asked),
        assemble=lambda families: averaged(
            [families[leader.family] for leader, _ in kept], [weight for _, weight in kept]
        ),
    )


def _weights(leaders: Sequence[Leader], excluded: frozenset[int], given: Material, crossed: Crossed) -> np.ndarray:
    """Weights learned without some folds; equal ones where there is nothing to learn from, as in the first of time."""
    masks = learnable(given.split, excluded)
    if not masks:
        return np.full(len(leaders), 1 / len(leaders))
    members = [
        np.concatenate([crossed.predictions[leader.family, (excluded | {j}, j)][mask] for j, mask in masks.items()])
        for leader in leaders
    ]
    return greedy_weights(np.concatenate([given.y_folds[j][mask] for j, mask in masks.items()]), members, given.metric)


def greedy_weights(y: np.ndarray, members: Sequence[np.ndarray], metric: Metric, steps: int = 20) -> np.ndarray:
    """Adds the member that helps most, with replacement, ``steps`` times; the counts are the weights.

    Args:
        y: n true values.
        members: Predictions of each member for the same n rows.
        metric: What is maximised.
        steps: Additions; the best prefix is kept.

    Returns:
        One weight a member, summing to 1; equal weights where no score is defined.
    """
    counts = np.zeros(len(members))
    total = np.zeros_like(members[0], dtype=float)
    best_counts, best_score = np.ones(len(members)), -np.inf
    for step in range(1, steps + 1):
        scores = [metric.score(y, (total + member) / step) for member in members]
        chosen = int(np.argmax(np.nan_to_num(scores, nan=-np.inf)))
        counts = counts.copy()
        counts[chosen] += 1
        total = total + members[chosen]
        if scores[chosen] > best_score + 1e-12:
            best_counts, best_score = counts, scores[chosen]
    weights: np.ndarray = best_counts / best_counts.sum()
    return weights

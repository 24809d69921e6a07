"""The fold models of one family, kept and averaged instead of refitting it on all rows.

The search keeps predictions, not models: those of every trial would fill the disk. So the k fold models are fitted anew,
with the configuration that won.

Each fold's own model has an honest score, but it is the score of one model, the very score of the family: the average could
never be seen to gain. So the average is scored as what it is. For fold k, the models that leave out another fold as well
are averaged: k - 1 models of about (k - 2) / k of the rows stand for k models of (k - 1) / k, which is honest and a little
modest. With folds that chain forward in time they are the models of the folds up to k.
"""

import numpy as np

from trainers.data.table import Task
from trainers.ensembles.crossfit import Crossed, Key, training_rows
from trainers.ensembles.ensemble import Dropped, Ensemble, EnsembleError, Material, Part, mean
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.fits import Fit, FitAll, Fitted
from trainers.portable.ensemble import AveragedClassifier, AveragedRegressor


def wanted(spec: EnsembleSpec, given: Material) -> dict[str, set[Key]]:
    """Predictions it needs, by family."""
    return {given.leader(spec.family).family: {key for keys in _distinct(given) for key in keys}}


def snapshot(spec: EnsembleSpec, given: Material, crossed: Crossed, fit_all: FitAll) -> Ensemble:
    """Fits the fold models and averages them.

    Raises:
        EnsembleError: A model of some fold could not be fitted for the score, or none for the average.
    """
    leader = given.leader(spec.family)
    if leader.family in crossed.failures:
        raise EnsembleError(crossed.failures[leader.family])
    nothing = np.empty(0, dtype=np.int64)
    fitted = fit_all(
        [
            Fit(
                leader.family,
                leader.params,
                fold.train,
                given.seed,
                leader.rounds,
                nothing,
                label=f"snapshot of fold {k + 1}",
            )
            for k, fold in enumerate(given.split.folds)
        ]
    )
    kept = [each for each in fitted if isinstance(each, Fitted)]
    lost = [(k, each.reason) for k, each in enumerate(fitted) if not isinstance(each, Fitted)]
    if not kept:
        raise EnsembleError(lost[0][1])
    models, weights = [each.pipeline for each in kept], [1 / len(kept)] * len(kept)
    members = tuple(tuple(crossed.predictions[leader.family, key] for key in keys) for keys in _distinct(given))
    averaged = AveragedRegressor if given.task is Task.REGRESSION else AveragedClassifier
    return Ensemble(
        kind=EnsembleKind.SNAPSHOT,
        params={"family": leader.family, **leader.params},
        parts=tuple(Part(leader.family, weight, leader.params) for weight in weights),
        dropped=tuple(Dropped(f"fold {k + 1}", reason) for k, reason in lost),
        predictions=tuple(mean(fold) for fold in members),
        members=members,
        fits=len(kept) + crossed.fits[leader.family],
        fit_seconds=sum(each.seconds for each in kept) + crossed.seconds[leader.family],
        assemble=lambda families: averaged(models, weights),
    )


def _distinct(given: Material) -> list[list[Key]]:
    """By fold, the models that are averaged to predict it, each set of training rows once."""
    folds = range(len(given.split.folds))
    own = given.split.kind == "time"  # a fold's own model is then one of those that the average is made of
    by_rows = [
        {
            training_rows(given.split, frozenset({j, k})).tobytes(): (frozenset({j, k}), k)
            for j in folds
            if own or j != k
        }
        for k in folds
    ]
    return [list(keys.values()) for keys in by_rows]

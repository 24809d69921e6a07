"""What tests of ensembles are made from: real families, fitted in this process."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainers.data.resample import ResampleSpec
from trainers.data.split import Split
from trainers.data.table import Table
from trainers.ensembles.combine import combine
from trainers.ensembles.ensemble import Ensemble, Leader, Material
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import Metric
from trainers.fits import Fit, FitAll, Outcome, fit
from trainers.objective import FoldObjective

# One of each kind, and the stacks that learn most from what they combine.
SPECS = {
    "bagging": EnsembleSpec(kind=EnsembleKind.BAGGING, members=3, column_fraction=0.7),
    "subsampling": EnsembleSpec(kind=EnsembleKind.BAGGING, members=3, row_fraction=0.6, bootstrap=False),
    "boosting": EnsembleSpec(kind=EnsembleKind.BOOSTING, members=3, family="decision_tree"),
    "weighted": EnsembleSpec(kind=EnsembleKind.WEIGHTED),
    "snapshot": EnsembleSpec(kind=EnsembleKind.SNAPSHOT),
    "stacking": EnsembleSpec(kind=EnsembleKind.STACKING),
    "stacking passthrough": EnsembleSpec(kind=EnsembleKind.STACKING, passthrough=True, final_model="boosted"),
    "stacking layers": EnsembleSpec(kind=EnsembleKind.STACKING, layers=2),
}


class FittedHere:
    """Does fits in this process, and notes what it was asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.jobs: list[Fit] = []

    def fit_all(self, jobs: Sequence[Fit]) -> list[Outcome]:
        self.jobs += jobs
        return [fit(job, self._table, ResampleSpec(), 1) for job in jobs]


def material(
    table: Table, split: Split, metric: Metric, families: Sequence[str], seed: int = 3, **params: Any
) -> Material:
    """Leaders with these parameters, else default ones, in the given order, and what a search would have predicted."""
    objective = FoldObjective(table, split, metric, ResampleSpec(), seed, threads=1)
    leaders = []
    for family in families:
        folds = [objective.evaluate(family, params, k) for k in range(objective.folds)]
        predictions = tuple(fold.predictions for fold in folds)
        rounds = [fold.details["rounds"] for fold in folds if fold.details["rounds"]]
        most = int(np.median(rounds)) if rounds else None
        leaders.append(Leader(family, params, most, float(np.mean([fold.score for fold in folds])), predictions))
    return Material(tuple(leaders), table, split, metric, seed)


def made(spec: EnsembleSpec, given: Material, fit_all: FitAll) -> Ensemble:
    """The one ensemble of a spec."""
    combined = combine([spec], given, fit_all)
    assert not combined.findings, combined.findings
    return combined.ensembles[0]

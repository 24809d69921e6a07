"""What each ensemble gains over the best single model, and what it costs beside it."""

from collections.abc import Sequence

import numpy as np

from trainers.ensembles.ensemble import Ensemble
from trainers.evaluation.diversity import error_correlations, mean_correlation
from trainers.evaluation.metrics import paired_difference
from trainers.evaluation.selection import Candidate
from trainers.finalists import group_folds, y_folds
from trainers.plan import Prepared
from trainers.report.values import Correlations, DroppedMember, EnsembleResult, Member


def describe_ensembles(
    ready: Prepared, ensembles: Sequence[Ensemble], candidates: Sequence[Candidate]
) -> tuple[EnsembleResult, ...]:
    """Every ensemble that competed, in the order of the spec."""
    best = max((c for c in candidates if c.kind != "ensemble"), key=lambda c: np.nan_to_num(c.mean, nan=-np.inf))
    entered = {candidate.family: candidate for candidate in candidates if candidate.kind == "ensemble"}
    return tuple(_describe(ready, ensemble, entered[ensemble.kind], best) for ensemble in ensembles)


def members_of(ensemble: Ensemble) -> tuple[Member, ...]:
    """The members of the model with their weights."""
    return tuple(Member(part.family, part.weight, part.params) for part in ensemble.parts)


def _describe(ready: Prepared, ensemble: Ensemble, ours: Candidate, best: Candidate) -> EnsembleResult:
    truth = y_folds(ready)
    gain, error = paired_difference(ready.metric, truth, ours.predictions, best.predictions, group_folds(ready))
    matrix = error_correlations(truth, ensemble.members)
    rows = matrix.tolist() if matrix is not None and len(matrix) == len(ensemble.parts) else []
    return EnsembleResult(
        kind=ensemble.kind.value,
        members=members_of(ensemble),
        dropped=tuple(DroppedMember(each.member, each.reason) for each in ensemble.dropped),
        best_single=best.family,
        gain=gain,
        gain_se=error,
        extra_latency_ms=ours.cost.latency_ms - best.cost.latency_ms if ours.cost and best.cost else 0.0,
        extra_model_mb=ours.cost.model_mb - best.cost.model_mb if ours.cost and best.cost else 0.0,
        error_correlation=mean_correlation(truth, ensemble.members),
        error_correlations=tuple(Correlations(tuple(row)) for row in rows),
        out_of_bag=ensemble.out_of_bag,
        rows_left_out=ensemble.rows_left_out,
        fits=ensemble.fits,
    )

"""From what the search found to models that can be chosen: each candidate's best, fitted on all development rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from trainers.ensembles.ensemble import Ensemble, Leader
from trainers.ensembles.spec import EnsembleKind
from trainers.errors import NoModelError
from trainers.evaluation.cost import BATCH_ROWS, measure
from trainers.evaluation.partitions import Division, divide
from trainers.evaluation.selection import Candidate, WorstSlice
from trainers.evaluation.slices import worst_slice
from trainers.families import registry
from trainers.findings import Finding, Severity
from trainers.fits import Failed, Fit, FitAll, Fitted
from trainers.plan import Prepared
from trainers.spec import slice_columns
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome

# Ensembles rank behind every family; the order among them is that of the number of models behind one prediction.
ENSEMBLE_COMPLEXITY = {"weighted": 1001, "snapshot": 1002, "stacking": 1003, "bagging": 1004, "boosting": 1005}


@dataclass(frozen=True)
class Finalist:
    """A candidate and its model.

    Attributes:
        candidate: Scores, predictions and costs.
        model: Fitted on all development rows; predicts class indices or values.
    """

    candidate: Candidate
    model: Any


def leaders_of(found: SearchResult, studies: Sequence[Study]) -> tuple[Leader, ...]:
    """The best configuration of each family that has one, best first.

    Raises:
        NoModelError: No family has one.
    """
    best = [outcome for study in studies if (outcome := found.best(study)) is not None]
    if not best:
        told = " ".join(finding.message for finding in failed_families(found, studies))
        raise NoModelError(f"{told} Give search spaces with values that work, other families, or more time.")
    leaders = [_leader(outcome, found) for outcome in best]
    return tuple(sorted(leaders, key=lambda leader: -leader.score))


def baselines_of(found: SearchResult, ready: Prepared) -> tuple[Leader, ...]:
    """The baselines that were scored."""
    return tuple(_leader(best, found) for study in ready.baselines if (best := found.best(study)) is not None)


def entrant(leader: Leader, kind: str, ready: Prepared) -> Candidate:
    """A leader as a candidate, its model not yet fitted and measured."""
    return Candidate(
        family=leader.family,
        kind=kind,
        params=_final_params(leader),
        fold_scores=fold_scores(ready, leader.predictions),
        predictions=leader.predictions,
        complexity=registry.get(leader.family).complexity,
        explainability=registry.get(leader.family).explainability,
    )


def failed_families(found: SearchResult, studies: Sequence[Study]) -> Iterator[Finding]:
    """Families of which no configuration was scored on all folds."""
    for study in studies:
        if found.best(study) is None:
            tried = [outcome for outcome in found.outcomes if outcome.study == study]
            yield Finding(
                code="FAMILY_FAILED",
                severity=Severity.WARNING,
                message=f"No configuration of {study.name} was scored: {tried[-1].reason if tried else 'none was tried'}",
                action="Narrow its search space to values that work, or leave the family out.",
                evidence={"trials": len(tried)},
            )


def fit_finalists(
    ready: Prepared,
    found: SearchResult,
    leaders: Sequence[Leader],
    ensembles: Sequence[Ensemble],
    fit_all: FitAll,
) -> tuple[Finalist, ...]:
    """Fits every family on all development rows, completes the ensembles, and measures what each candidate costs to run.

    All are fitted, not only the winner: limits on latency and size can be checked only on the real model, and it is one fit
    beside the many of the search.

    Returns:
        Baselines, then families, then ensembles.

    Raises:
        NoModelError: A family that was fitted on every fold cannot be fitted on all development rows.
    """
    baselines = baselines_of(found, ready)
    singles = [*baselines, *leaders]
    fitted = _fit_again(singles, ready, fit_all)
    by_family = {leader.family: each for leader, each in zip(leaders, fitted[len(baselines) :], strict=True)}
    finalists = []
    for i, (single, final) in enumerate(zip(singles, fitted, strict=True)):
        kind = "baseline" if i < len(baselines) else "family"
        studies = ready.baselines if kind == "baseline" else ready.candidates
        tried = [o for o in found.outcomes if o.study.name == single.family and o.study in studies]
        candidate = replace(
            entrant(single, kind, ready),
            trials=len(tried),
            fit_seconds=sum(outcome.fit_seconds for outcome in tried),
            refit_seconds=final.seconds,
        )
        finalists.append(Finalist(candidate, final.pipeline))
    finalists += [_ensemble(ensemble, ready, by_family) for ensemble in ensembles]
    costs = measure([each.model for each in finalists], ready.table.features.iloc[ready.split.development[:BATCH_ROWS]])
    parts = [divide(ready.table, column, ready.split.development) for column in slice_columns(ready.spec)]
    return tuple(
        Finalist(replace(f.candidate, cost=cost, worst_slice=_worst(f.candidate, parts, ready)), f.model)
        for f, cost in zip(finalists, costs, strict=True)
    )


def y_folds(ready: Prepared) -> list[np.ndarray]:
    """True values of each fold's validation rows."""
    return [ready.table.target[fold.validation] for fold in ready.split.folds]


def group_folds(ready: Prepared) -> list[np.ndarray] | None:
    """Group codes of each fold's validation rows, where rows belong together."""
    groups = ready.split.groups
    return None if groups is None else [groups[fold.validation] for fold in ready.split.folds]


def _leader(outcome: TrialOutcome, found: SearchResult) -> Leader:
    rounds = [details["rounds"] for details in outcome.details if details.get("rounds")]
    return Leader(
        family=outcome.study.name,
        params=outcome.params,
        rounds=int(median(rounds)) if rounds else None,
        score=float(np.mean(outcome.fold_scores)),
        predictions=tuple(found.predictions(outcome)),
    )


def final_fit(leader: Leader, ready: Prepared) -> Fit:
    """The fit of a leader on all development rows."""
    return Fit(
        leader.family,
        leader.params,
        ready.split.development,
        ready.spec.split.seed,
        leader.rounds,
        np.empty(0, dtype=np.int64),
        label=f"{leader.family} on all development rows",
    )


def _fit_again(singles: Sequence[Leader], ready: Prepared, fit_all: FitAll) -> list[Fitted]:
    outcomes = fit_all([final_fit(single, ready) for single in singles])
    done = []
    for single, outcome in zip(singles, outcomes, strict=True):
        if isinstance(outcome, Failed):
            reason = f"{single.family} could not be fitted on all development rows. {outcome.reason}"
            raise NoModelError(f"{reason} Leave the family out, or narrow its search space.")
        done.append(outcome)
    return done


def _worst(candidate: Candidate, parts: Sequence[Division], ready: Prepared) -> WorstSlice | None:
    """Where a candidate scores lowest, out of fold."""
    rows = np.concatenate([fold.validation for fold in ready.split.folds])
    seen, codes = np.concatenate(candidate.predictions), [part.codes[rows] for part in parts]
    worst = worst_slice(ready.metric, ready.table.target[rows], seen, codes, ready.spec.slices.min_rows)
    return WorstSlice(parts[worst.division].labels[worst.code], worst.score, worst.rows) if worst else None


def _final_params(leader: Leader) -> Mapping[str, Any]:
    boosting = registry.get(leader.family).boosting
    rounds = {boosting.rounds: leader.rounds} if boosting and leader.rounds else {}
    return {**leader.params, **rounds}


def fold_scores(ready: Prepared, predictions: Sequence[np.ndarray]) -> tuple[float, ...]:
    """Score of out-of-fold predictions on each fold."""
    return tuple(ready.metric.score(y, p) for y, p in zip(y_folds(ready), predictions, strict=True))


def _ensemble(ensemble: Ensemble, ready: Prepared, by_family: Mapping[str, Fitted]) -> Finalist:
    candidate = Candidate(
        family=ensemble.kind.value,
        kind="ensemble",
        params=ensemble.params,
        fold_scores=fold_scores(ready, ensemble.predictions),
        predictions=ensemble.predictions,
        complexity=ENSEMBLE_COMPLEXITY[ensemble.kind.value],
        fit_seconds=ensemble.fit_seconds,
        refit_seconds=ensemble.fit_seconds + sum(by_family[family].seconds for family in _borrowed(ensemble)),
    )
    return Finalist(candidate, ensemble.assemble({family: each.pipeline for family, each in by_family.items()}))


def _borrowed(ensemble: Ensemble) -> set[str]:
    """Families whose final models an ensemble takes as members; bags, committees and snapshots fit their own."""
    if ensemble.kind not in (EnsembleKind.WEIGHTED, EnsembleKind.STACKING):
        return set()
    return {part.family for part in ensemble.parts}

"""Nested cross-validation: what the search itself is worth, judged on rows that had no part in it.

The best of many scores flatters, because it was chosen for being high: Cawley and Talbot, "On over-fitting in model
selection and subsequent selection bias in performance evaluation", JMLR 2010.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from trainers.candidates import search_families
from trainers.errors import NoModelError
from trainers.evaluation.selection import Candidate, RequirementsSpec, select
from trainers.finalists import baselines_of, entrant, final_fit, group_folds, leaders_of, y_folds
from trainers.fits import Failed, Fit, Fitters, Outcome
from trainers.plan import Prepared
from trainers.report.values import NestedCrossValidation, NestedFold, ParameterStability
from tuning.result import SearchEvent


def nested(
    ready: Prepared, chosen: Candidate, journal: Path, share_done: Callable[[float], None], share: float = 1.0
) -> NestedCrossValidation | None:
    """Where the spec asks for it, repeats search and selection on each fold's training rows alone, and scores the fold.

    Ensembles take no part, nor do limits on latency and size, which need models fitted on all rows.

    Args:
        ready: What was settled before the first fit.
        chosen: The candidate that the job chose, whose own score is compared.
        journal: Folder for the searches' journals, one each.
        share_done: Told the share that is done, from 0 to 1.
        share: Share of the fits that could run at once that do.
    """
    if not ready.spec.split.nested:
        return None
    outer = ready.split.nest()
    # What earlier jobs found best was chosen on all folds, the outer one too.
    unaided = tuple(replace(study, promising=()) for study in ready.candidates)
    chosen_by: dict[int, Candidate] = {}
    fits: list[Fit] = []
    for done, (k, inner) in enumerate(outer):
        progress = partial(_within, share_done, done, len(outer))
        candidate, fit = _choose(
            replace(ready, split=inner, candidates=unaided), journal / f"fold-{k}", progress, share
        )
        scored = ready.split.folds[k].validation
        chosen_by[k] = candidate
        fits.append(replace(fit, score_rows=scored, keep_model=False, label=f"{fit.family} without fold {k + 1}"))
    spec = ready.spec
    with Fitters(ready.table, ready.split.development, spec.resample, spec.compute, share) as fitters:
        outcomes = fitters.fit_all(fits)
    folds = tuple(
        _scored(k, candidate, fit, outcome, ready)
        for (k, candidate), fit, outcome in zip(chosen_by.items(), fits, outcomes, strict=True)
    )
    return _summarised(ready.metric.name, folds, chosen)


def _within(share_done: Callable[[float], None], done: int, searches: int, event: SearchEvent) -> None:
    share_done((done + event.fits_done / event.fits_planned) / searches)


def _choose(
    within: Prepared, journal: Path, report: Callable[[SearchEvent], None], share: float
) -> tuple[Candidate, Fit]:
    """Searches and selects on the rows of one outer fold's training side."""
    found = search_families(within, journal, report, share)
    baselines, leaders = baselines_of(found, within), leaders_of(found, within.candidates)
    entrants = {entrant(each, "baseline", within): each for each in baselines}
    entrants |= {entrant(each, "family", within): each for each in leaders}
    choice = select(tuple(entrants), RequirementsSpec(), within.metric, y_folds(within), group_folds(within))
    return choice.candidate, final_fit(entrants[choice.candidate], within)


def _scored(k: int, candidate: Candidate, fit: Fit, outcome: Outcome, ready: Prepared) -> NestedFold:
    if isinstance(outcome, Failed):
        reason = f"{fit.label} was chosen by nested cross-validation and could not be fitted. {outcome.reason}"
        raise NoModelError(f"{reason} Leave the family out, narrow its search space, or leave out split.nested.")
    score = ready.metric.score(ready.table.target[fit.score_rows], outcome.predictions)
    return NestedFold(k, candidate.family, candidate.params, candidate.mean, score)


def _summarised(metric: str, folds: tuple[NestedFold, ...], chosen: Candidate) -> NestedCrossValidation:
    scores = [fold.score for fold in folds]
    ((family, times),) = Counter(fold.family for fold in folds).most_common(1)
    return NestedCrossValidation(
        metric=metric,
        mean=float(np.mean(scores)),
        std=float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0,
        optimism=float(np.mean([chosen.fold_scores[fold.fold] for fold in folds]) - np.mean(scores)),
        folds=folds,
        family=family,
        agreement=times / len(folds),
        parameters=_stability([fold for fold in folds if fold.family == family]),
    )


def _stability(folds: Sequence[NestedFold]) -> tuple[ParameterStability, ...]:
    """How far the folds that chose one family agree on each of its parameters."""
    told = []
    for name in sorted({name for fold in folds for name in fold.params}):
        values = [_text(fold.params.get(name)) for fold in folds]
        told.append(ParameterStability(name, max(Counter(values).values()) / len(values), tuple(values)))
    return tuple(told)


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

"""Diagnoses and explains the chosen model. Everything here is told about the choice and takes no part in it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from trainers.evaluation.diagnosis import Scores, diagnose, diagnose_probabilities, generalisation
from trainers.families.fitting import predict
from trainers.finalists import y_folds
from trainers.findings import Finding
from trainers.fits import FitAll
from trainers.insight.attributions import BACKGROUND, Attributed, attribute
from trainers.insight.dependence import interactions, partial_dependence, reasons
from trainers.insight.importance import importances
from trainers.insight.outcome import outcome_of, sample_of
from trainers.insight.refits import diagnose_refits, learning_curve, refit, seed_stability, subject_of
from trainers.insight.rows import diagnose_labels, hardest_rows, label_noise, row_losses
from trainers.insight.slices import Side, diagnose_slices, slices_of
from trainers.insight.validation import diagnose_parameter, validation_curve
from trainers.plan import Prepared
from trainers.report.compose import Explained, Judgement
from trainers.report.values import FeatureImportance, HardRow, Insight
from tuning.result import SearchResult

STRONGEST = 4  # columns whose effect is drawn
NAMED = 20  # columns that a single row's prediction is explained by, at most
HARDEST = 5
DEPENDENCE_ROWS = 200
PAIR_ROWS = 40  # squared for each pair of columns
OTHERS = 50  # rows that lend their values


def explain(ready: Prepared, found: SearchResult, judged: Judgement, fit_all: FitAll) -> Explained:
    """Works out what is known of the chosen model; the test rows have been judged before.

    Args:
        ready: What was settled before the first fit.
        found: What the search found.
        judged: What was decided, and the test rows.
        fit_all: Does the refits that ``spec.diagnosis`` asks for, on development rows.
    """
    strengths = _importances(ready, judged)
    features = [each.feature for each in strengths]
    diagnosed, findings = _diagnosed(ready, found, judged, fit_all, features)
    attributed = _attributed(ready, judged)
    insight = replace(
        _with_effects(diagnosed, ready, judged, features[:STRONGEST]),
        hardest=_hardest(ready, judged, features[:NAMED]),
        attributions=attributed.summary() if attributed else None,
    )
    return Explained(insight, strengths, findings, attributed)


def _diagnosed(
    ready: Prepared, found: SearchResult, judged: Judgement, fit_all: FitAll, features: list[str]
) -> tuple[Insight, tuple[Finding, ...]]:
    """Why the model does as well as it does and what would help, and what of it is out of the ordinary."""
    out_of_fold, test = _sides(ready, judged)
    scores = _scores(ready, judged)
    about_scores = diagnose(scores)
    slices = slices_of(ready, out_of_fold, test)
    noise = label_noise(ready.table, out_of_fold.rows, out_of_fold.answers.predictions, features[:STRONGEST])
    subject = subject_of(ready, found, judged.choice.candidate.family)
    refitted = refit(ready, subject, fit_all) if subject else ()
    learned = learning_curve(ready, subject, refitted) if subject else None
    seeds = seed_stability(ready, subject, refitted) if subject else None
    searched = validation_curve(subject, found) if subject else None
    insight = Insight(generalisation(scores, about_scores), slices, learned, seeds, searched, label_noise=noise)
    return insight, (
        *about_scores,
        *_about_probabilities(ready, judged),
        *diagnose_slices(slices),
        *diagnose_refits(scores, learned, seeds),
        *diagnose_parameter(searched),
        *diagnose_labels(noise),
    )


def _with_effects(insight: Insight, ready: Prepared, judged: Judgement, features: list[str]) -> Insight:
    """How predictions for test rows move with the strongest columns, one by one and in pairs."""
    seed, columns = ready.spec.split.seed, {column.name: column for column in ready.table.columns}
    rows = sample_of(ready.table.features.iloc[judged.rows], DEPENDENCE_ROWS, seed)
    outcome = outcome_of(judged.model, ready.table, rows)
    return replace(
        insight,
        dependences=tuple(partial_dependence(outcome, rows, columns[name]) for name in features),
        interactions=interactions(outcome, sample_of(rows, PAIR_ROWS, seed), features),
    )


def _sides(ready: Prepared, judged: Judgement) -> tuple[Side, Side]:
    """The development rows with out-of-fold predictions, and the test rows."""
    rows = np.concatenate([fold.validation for fold in ready.split.folds])
    seen = np.concatenate(judged.choice.candidate.predictions)
    held_out = Side("out of fold", rows, judged.decided.answers(ready.table, rows, seen))
    return held_out, Side("test", judged.rows, judged.decided.answers(ready.table, judged.rows, judged.predictions))


def _scores(ready: Prepared, judged: Judgement) -> Scores:
    table, metric, rows = ready.table, ready.metric, ready.split.development
    dummy = next(result for result in judged.choice.results if result.family == "dummy")
    return Scores(
        metric=metric.name,
        train=metric.score(table.target[rows], predict(judged.model, table.features.iloc[rows], table.task)),
        folds=judged.choice.candidate.fold_scores,
        test=judged.test.metrics[metric.name],
        test_interval=judged.test.intervals[metric.name],
        dummy=dummy.mean,
    )


def _about_probabilities(ready: Prepared, judged: Judgement) -> tuple[Finding, ...]:
    """Whether the probabilities of a binary target can be taken at their word."""
    if judged.threshold is None:
        return ()
    seen = np.concatenate(judged.decided.calibrated.predictions)
    return diagnose_probabilities(np.concatenate(y_folds(ready)), seen)


def _importances(ready: Prepared, judged: Judgement) -> tuple[FeatureImportance, ...]:
    table, groups = ready.table, ready.split.groups

    def predicted(model: Any, rows: pd.DataFrame) -> np.ndarray:
        return predict(model, rows, table.task)

    return importances(
        judged.model,
        predicted,
        table.features.iloc[judged.rows],
        table.target[judged.rows],
        ready.metric,
        None if groups is None else groups[judged.rows],
        seed=ready.spec.split.seed,
    )


def _attributed(ready: Prepared, judged: Judgement) -> Attributed | None:
    """SHAP values of some test rows, where the spec asks for them."""
    asked, seed = ready.spec.diagnosis.shap_rows, ready.spec.split.seed
    if not asked:
        return None
    rows = ready.table.features.iloc[judged.rows]
    outcome = outcome_of(judged.model, ready.table, sample_of(rows, DEPENDENCE_ROWS, seed))
    return attribute(outcome, sample_of(rows, asked, seed), sample_of(rows, BACKGROUND, seed + 1), seed)


def _hardest(ready: Prepared, judged: Judgement, features: list[str]) -> tuple[HardRow, ...]:
    """The test rows with the largest loss, and what moved the model there, which was not fitted on them."""
    table, seed = ready.table, ready.spec.split.seed
    losses = row_losses(table.target[judged.rows], judged.predictions)
    worst = np.argsort(-losses, kind="stable")[:HARDEST]
    rows = judged.rows[worst]
    inside = table.features.iloc[rows]
    others = sample_of(table.features.iloc[judged.rows], OTHERS, seed)
    outcome = outcome_of(judged.model, table, others)
    if ready.spec.diagnosis.shap_rows:
        moved = attribute(outcome, inside, sample_of(others, BACKGROUND, seed), seed).reasons()
    else:
        moved = reasons(outcome, inside, others, features)
    return hardest_rows(table, rows, judged.decided.answers(table, rows, judged.predictions[worst]), moved)

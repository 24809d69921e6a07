"""Puts together what the steps of a run returned, as the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trainers.data.table import Task
from trainers.ensembles.ensemble import Ensemble
from trainers.evaluation.calibration import reliability
from trainers.evaluation.diagnosis import Scores, diagnose, diagnose_costs, diagnose_probabilities
from trainers.evaluation.importance import importances
from trainers.evaluation.selection import Candidate, Choice
from trainers.families.fitting import predict
from trainers.finalists import y_folds
from trainers.findings import Finding
from trainers.manifest import manifest
from trainers.plan import Prepared
from trainers.portable.prior import undo_prior
from trainers.report.ensembles import describe_ensembles, members_of
from trainers.report.learning_curves import curve_pictures, diagnose_curves, learning_curves
from trainers.report.plots import Picture, Scored, pictures
from trainers.report.search_plots import search_pictures
from trainers.report.summaries import describe_data, describe_split
from trainers.report.values import (
    Baseline,
    Calibration,
    CrossValidation,
    NestedCrossValidation,
    ParameterImportance,
    Report,
    SearchSummary,
    SelectedModel,
    SplitSummary,
    TestOpening,
    TestResult,
    Threshold,
)
from trainers.report.words import explain
from trainers.rerun import compare
from tuning.importance import importances as importances_of
from tuning.result import SearchResult, TrialState, best_of


@dataclass(frozen=True)
class Judgement:
    """What was decided about the candidates, and how the chosen one did on the test rows.

    Attributes:
        choice: The chosen candidate and why the others were not.
        baseline: The best baseline.
        threshold: The decision threshold; None unless binary.
        test: The scoring of the test rows.
        candidates: All that competed.
        ensembles: The ensembles among them.
        findings: What the run noticed.
        model: The chosen model, fitted on all development rows.
        rows: Positions of the test rows.
        predictions: The chosen model's predictions for them.
        nested: What the search itself is worth, where the spec asks for it.
    """

    choice: Choice
    baseline: Candidate
    threshold: Threshold | None
    test: TestResult
    candidates: Sequence[Candidate]
    ensembles: Sequence[Ensemble]
    findings: tuple[Finding, ...]
    model: Any
    rows: np.ndarray
    predictions: np.ndarray
    nested: NestedCrossValidation | None


def compose(
    ready: Prepared, found: SearchResult, judged: Judgement, timings: Mapping[str, float], earlier: Report | None
) -> tuple[Report, tuple[Picture, ...]]:
    """The report without its place in MLflow, and its pictures.

    Args:
        ready: What was settled before the first fit.
        found: What the search found.
        judged: What was decided.
        timings: Seconds by step.
        earlier: Report of the run that this one repeats, if it does.
    """
    chosen, table = judged.choice.candidate, ready.table
    features, truth = table.features.iloc[judged.rows], table.target[judged.rows]

    def predicted(model: Any, rows: pd.DataFrame) -> np.ndarray:
        return predict(model, rows, table.task)

    data = describe_data(table)
    curves = learning_curves(found, ready.candidates)
    report = Report(
        decision=ready.spec.decision,
        task=table.task.value,
        data=data,
        split=_split(ready, _details(found, chosen)),
        findings=(
            *ready.findings,
            *judged.findings,
            *_diagnosis(ready, judged),
            *diagnose_curves(curves, chosen.family),
        ),
        selected=_selected(judged),
        cross_validation=CrossValidation(ready.metric.name, chosen.mean, chosen.std, chosen.fold_scores),
        baseline=_baseline(judged),
        threshold=judged.threshold,
        test=judged.test,
        search=_search(ready, found),
        timings=timings,
        candidates=judged.choice.results,
        ensembles=describe_ensembles(ready, judged.ensembles, judged.candidates),
        importances=importances(judged.model, predicted, features, truth, ready.metric, seed=ready.spec.split.seed),
        nested=judged.nested,
        calibration=_calibration(ready, chosen, _details(found, chosen)),
        manifest=manifest(ready.spec, data, ready.split.digest),
        learning_curves=curves,
    )
    if earlier is not None:
        report = replace(report, findings=(*report.findings, compare(earlier, report)))
    report = replace(report, explanation=explain(report))
    out_of_fold = Scored("out of fold", np.concatenate(y_folds(ready)), np.concatenate(chosen.predictions))
    shown = pictures(report, out_of_fold, Scored("sealed test", truth, judged.predictions))
    learned = curve_pictures(curves, chosen.family)
    return report, (*shown, *learned, *search_pictures(found, ready.candidates, report))


def _diagnosis(ready: Prepared, judged: Judgement) -> tuple[Finding, ...]:
    """What the chosen model's scores say about it."""
    chosen, table, metric = judged.choice.candidate, ready.table, ready.metric
    rows = ready.split.development
    dummy = next(result for result in judged.choice.results if result.family == "dummy")
    scores = Scores(
        metric=metric.name,
        train=metric.score(table.target[rows], predict(judged.model, table.features.iloc[rows], table.task)),
        folds=chosen.fold_scores,
        test=judged.test.metrics[metric.name],
        test_interval=judged.test.intervals[metric.name],
        dummy=dummy.mean,
    )
    if judged.threshold is None:
        return diagnose(scores)
    truth, seen = np.concatenate(y_folds(ready)), np.concatenate(chosen.predictions)
    costs = diagnose_costs(truth, seen, ready.spec.threshold, judged.threshold)
    return (*diagnose(scores), *diagnose_probabilities(truth, seen), *costs)


def _details(found: SearchResult, chosen: Candidate) -> Sequence[Mapping[str, Any]]:
    """What is known of each fold's fit of the chosen candidate; nothing of an ensemble's."""
    best = best_of(outcome for outcome in found.outcomes if outcome.study.name == chosen.family)
    return best.details if best else ()


def _calibration(ready: Prepared, chosen: Candidate, details: Sequence[Mapping[str, Any]]) -> Calibration | None:
    """Reliability of the out-of-fold probabilities, and what it would be without the correction for resampling."""
    if ready.table.task is Task.REGRESSION:
        return None
    truth, priors = np.concatenate(y_folds(ready)), [fold["priors"] for fold in details]
    corrected = reliability(truth, np.concatenate(chosen.predictions))
    if not all(priors) or not priors:
        return Calibration(corrected)
    raw = [undo_prior(p, prior["trained"], prior["true"]) for p, prior in zip(chosen.predictions, priors, strict=True)]
    return Calibration(corrected, reliability(truth, np.concatenate(raw)))


def _split(ready: Prepared, details: Sequence[Mapping[str, Any]]) -> SplitSummary:
    """The split with its openings, and the class counts after resampling of the chosen candidate's folds."""
    summary = describe_split(ready.split, ready.table)
    labels = [str(label) for label in ready.table.classes]
    counts = [fold["class_counts"] for fold in details]
    resampled = [
        dict(zip(labels, count["after"], strict=True)) if count.get("after") != count.get("before") else {}
        for count in counts
    ]
    folds = summary.folds
    if len(resampled) == len(folds):
        folds = tuple(replace(f, resampled_class_counts=r) for f, r in zip(folds, resampled, strict=True))
    openings = tuple(TestOpening(o.time, o.by, o.why) for o in ready.split.seal.openings)
    return replace(summary, folds=folds, openings=openings)


def _selected(judged: Judgement) -> SelectedModel:
    chosen = judged.choice.candidate
    ensemble = next((e for e in judged.ensembles if chosen.kind == "ensemble" and e.kind == chosen.family), None)
    members = members_of(ensemble) if ensemble else ()
    return SelectedModel(chosen.family, chosen.params, judged.choice.reason, members)


def _baseline(judged: Judgement) -> Baseline:
    best = judged.baseline
    means = {result.family: result.mean for result in judged.choice.results if result.kind == "baseline"}
    return Baseline(best.family, best.mean, best.std, means)


def _search(ready: Prepared, found: SearchResult) -> SearchSummary:
    return SearchSummary(
        fits=found.fits,
        fits_without_racing=found.fits_without_racing,
        trials=len(found.outcomes),
        failed_trials=sum(outcome.state is TrialState.FAILED for outcome in found.outcomes),
        fit_seconds=found.fit_seconds,
        algorithm=ready.spec.search.algorithm.value,
        resumed_fits=found.resumed_fits,
        importances=tuple(
            ParameterImportance(study.name, name, share)
            for study in ready.candidates
            for name, share in importances_of(study, found.outcomes).items()
        ),
    )

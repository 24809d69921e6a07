"""Puts together what the steps of a run returned, as the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainers.comparison import compare
from trainers.data.table import Task
from trainers.deciding import Decided
from trainers.earlier import Run
from trainers.ensembles.ensemble import Ensemble
from trainers.evaluation.calibrate import Calibrated
from trainers.evaluation.calibration import reliability
from trainers.evaluation.conformal import held
from trainers.evaluation.selection import Candidate, Choice
from trainers.finalists import y_folds
from trainers.findings import Finding
from trainers.insight.attributions import Attributed
from trainers.manifest import manifest
from trainers.plan import Prepared
from trainers.portable.prior import undo_prior
from trainers.predictions import Predictions
from trainers.report.beside_parent import beside_parent
from trainers.report.ensembles import describe_ensembles, members_of
from trainers.report.insight_plots import insight_pictures
from trainers.report.plots import Picture, Scored, pictures
from trainers.report.search_plots import search_pictures
from trainers.report.summaries import describe_data, describe_split
from trainers.report.trade_offs import trade_offs
from trainers.report.training_curves import curve_pictures, diagnose_curves, training_curves
from trainers.report.values import (
    Baseline,
    Calibration,
    Conformal,
    CrossValidation,
    FeatureImportance,
    Insight,
    NestedCrossValidation,
    ParameterImportance,
    Reliability,
    Report,
    SearchSummary,
    SelectedModel,
    SplitSummary,
    TestOpening,
    TestResult,
    Threshold,
)
from trainers.report.words import explain
from trainers.rerun import repeats
from tuning.importance import importances as importances_of
from tuning.result import SearchResult, TrialState, best_of


@dataclass(frozen=True)
class Judgement:
    """What was decided about the candidates, and how the chosen one did on the test rows.

    Attributes:
        choice: The chosen candidate and why the others were not.
        baseline: The best baseline.
        decided: The chosen model, fitted on all development rows, and how its predictions become decisions.
        test: The scoring of the test rows.
        candidates: All that competed.
        ensembles: The ensembles among them.
        findings: What the run noticed.
        rows: Positions of the test rows.
        predictions: The chosen model's predictions for them.
        nested: What the search itself is worth, where the spec asks for it.
    """

    choice: Choice
    baseline: Candidate
    decided: Decided
    test: TestResult
    candidates: Sequence[Candidate]
    ensembles: Sequence[Ensemble]
    findings: tuple[Finding, ...]
    rows: np.ndarray
    predictions: np.ndarray
    nested: NestedCrossValidation | None

    @property
    def model(self) -> Any:
        """The chosen model, without what turns its predictions into decisions."""
        return self.decided.model

    @property
    def threshold(self) -> Threshold | None:
        """The decision threshold; None unless binary."""
        return self.decided.decision.threshold if self.decided.decision else None


@dataclass(frozen=True)
class Explained:
    """What is known of the chosen model beyond its scores.

    Attributes:
        insight: Diagnosis and explanation.
        importances: Permutation importance, strongest first.
        findings: What is out of the ordinary.
        attributed: SHAP values, where the spec asks for them.
    """

    insight: Insight
    importances: tuple[FeatureImportance, ...]
    findings: tuple[Finding, ...]
    attributed: Attributed | None = None


def compose(
    ready: Prepared,
    found: SearchResult,
    judged: Judgement,
    explained: Explained,
    timings: Mapping[str, float],
    predictions: Predictions,
    earlier: Report | None,
) -> tuple[Report, tuple[Picture, ...]]:
    """The report without its place in MLflow, and its pictures.

    Args:
        ready: What was settled before the first fit.
        found: What the search found.
        judged: What was decided.
        explained: What is known of the chosen model beyond its scores.
        timings: Seconds by step.
        predictions: What the chosen model says of rows it was not fitted on.
        earlier: Report of the run that this one repeats, if it does.
    """
    chosen, table = judged.choice.candidate, ready.table
    data = describe_data(table)
    curves = training_curves(found, ready.candidates)
    report = Report(
        decision=ready.spec.decision,
        task=table.task.value,
        data=data,
        split=_split(ready, _details(found, chosen)),
        findings=(
            *ready.findings,
            *judged.findings,
            *explained.findings,
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
        importances=explained.importances,
        nested=judged.nested,
        calibration=_calibration(ready, judged.decided.calibrated, _details(found, chosen)),
        class_decision=judged.decided.decision.classes if judged.decided.decision else None,
        conformal=_conformal(ready, judged),
        manifest=manifest(ready.spec, data, ready.split.digest),
        insight=explained.insight,
        training_curves=curves,
    )
    if earlier is not None:
        report = replace(report, findings=(*report.findings, repeats(earlier, report)))
    if ready.parent is not None:
        report = replace(report, comparison=compare(ready.parent, Run("this run", report, predictions)))
    report = replace(report, explanation=explain(report))
    out_of_fold = Scored("out of fold", np.concatenate(y_folds(ready)), np.concatenate(chosen.predictions))
    shown = pictures(report, out_of_fold, Scored("sealed test", table.target[judged.rows], judged.predictions))
    beside = beside_parent(ready.parent.report, report) if ready.parent else ()
    return report, (
        *shown,
        *beside,
        *trade_offs(report),
        *curve_pictures(curves, chosen.family),
        *insight_pictures(report, explained.attributed),
        *search_pictures(found, ready.candidates, report),
    )


def _details(found: SearchResult, chosen: Candidate) -> Sequence[Mapping[str, Any]]:
    """What is known of each fold's fit of the chosen candidate; nothing of an ensemble's."""
    best = best_of(outcome for outcome in found.outcomes if outcome.study.name == chosen.family)
    return best.details if best else ()


def _calibration(ready: Prepared, calibrated: Calibrated, details: Sequence[Mapping[str, Any]]) -> Calibration | None:
    """Reliability of the out-of-fold probabilities, and what it would be without what corrects them."""
    if ready.table.task is Task.REGRESSION:
        return None
    truth, at = y_folds(ready), calibrated.taught

    def judged(predictions: Sequence[np.ndarray]) -> Reliability:
        return reliability(np.concatenate([truth[k] for k in at]), np.concatenate([predictions[k] for k in at]))

    found = Calibration(
        corrected=judged(calibrated.predictions),
        method=calibrated.method,
        before=judged(calibrated.given) if calibrated.kept else None,
        gain=calibrated.gain,
        gain_se=calibrated.gain_se,
        reason=calibrated.reason,
    )
    priors = [fold["priors"] for fold in details]
    if not all(priors) or not priors:
        return found
    raw = [undo_prior(p, prior["trained"], prior["true"]) for p, prior in zip(calibrated.given, priors, strict=True)]
    return replace(found, uncorrected=judged(raw))


def _conformal(ready: Prepared, judged: Judgement) -> Conformal | None:
    """What prediction sets or intervals hold of the test rows."""
    margins, table = judged.decided.margins, ready.table
    return held(margins, table.target[judged.rows], judged.predictions, table.classes) if margins else None


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

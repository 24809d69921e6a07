"""One training run, from a table to a judged model. This is the page to read first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from trainers.candidates import search_families
from trainers.data.load import Task
from trainers.ensembles.combine import combine
from trainers.ensembles.ensemble import Material
from trainers.evaluation.judge import judge
from trainers.evaluation.selection import Choice, select
from trainers.evaluation.threshold import choose_threshold
from trainers.families.fitting import predict
from trainers.finalists import failed_families, fit_finalists, group_folds, leaders_of, y_folds
from trainers.findings import Finding
from trainers.fits import Fitters
from trainers.nested import nested
from trainers.plan import Prepared, ensemble_fits, prepare
from trainers.report.compose import Judgement, compose
from trainers.report.values import Report, TestResult, Threshold
from trainers.results import Openings, Places, keep
from trainers.spec import TrainingSpec
from trainers.steps import Emit, Steps, shares
from trainers.tracking import Destination
from trainers.workers import Folders, after_workers, fit_on_workers


@dataclass(frozen=True)
class TrainingRun:
    """What the cluster is asked to run.

    Attributes:
        spec: What to train.
        job: Id of the job, or a name given by whoever runs it.
        output: Folder for the journal, the report and the model; the journal of an earlier attempt there is taken up.
        roots: Folders and URI prefixes that data may lie under; None allows any.
        tracking_uri: MLflow tracking server.
        tensorboard: Folder for loss curves.
        openings: Folder that tells which test rows have been opened, shared by all runs that should know of one another.
        rerun_of: report.json of the run that this one repeats; the report then says whether the results are equal.
        jobs: Folder with the folders of earlier jobs, which the search may start from by id; None takes paths.
    """

    spec: TrainingSpec
    job: str
    output: Path
    roots: tuple[str, ...] | None
    tracking_uri: str
    tensorboard: Path
    openings: Path
    rerun_of: Path | None = None
    jobs: Path | None = None


def train(run: TrainingRun, emit: Emit) -> Mapping[str, str]:
    """Trains, judges and publishes.

    Args:
        run: What to train and where to keep it.
        emit: Takes events: ``{"phase": ...}``, ``{"trial": ...}``, ``{"progress": ...}`` or ``{"finding": ...}``.

    Returns:
        Where the report is: ``{"report": path}``.

    Raises:
        SpecError: The caller can mend the request.
        NoModelError: No candidate keeps every limit.
    """
    steps, openings = Steps(emit, shares(run.spec)), Openings(run.openings)
    ready = prepare(run.spec, run.roots, steps.enter, openings.of, run.jobs)
    table, split, spec = ready.table, ready.split, ready.spec
    seed = spec.split.seed
    _tell(ready.findings, emit)

    steps.enter("search")
    found = search_families(ready, run.output / "journal", steps.searched)

    steps.enter("workers")
    leaders = leaders_of(found, ready.candidates)
    folders = Folders(run.output / "checkpoints", run.tensorboard / run.job)
    fitted = fit_on_workers(leaders, ready, folders)

    steps.enter("ensembles")
    with Fitters(table, split.development, spec.resample, spec.compute.trial_cpus) as fitters:
        fit_all = partial(fitters.fit_all, done=steps.fitting(ensemble_fits(ready)))
        combined = combine(spec.ensembles, Material(leaders, table, split, ready.metric, seed), fit_all)
        steps.enter("finalists")
        fit_all = partial(fitters.fit_all, done=steps.fitting(len(leaders) + len(ready.baselines)))
        finish = after_workers(fitted, fit_all, ready, folders)
        finalists = fit_finalists(ready, found, leaders, combined.ensembles, finish)
    noticed = (*failed_families(found, ready.candidates), *combined.findings)
    _tell(noticed, emit)
    models = {finalist.candidate: finalist.model for finalist in finalists}

    steps.enter("select")
    choice = select(tuple(models), spec.requirements, ready.metric, y_folds(ready), group_folds(ready))
    baseline = max((c for c in models if c.kind == "baseline"), key=lambda c: c.mean)
    decision = _decide(ready, choice, baseline.predictions)
    steps.enter("nested")
    outer = nested(ready, choice.candidate, run.output / "nested", steps.within)

    steps.enter("judge")
    model = models[choice.candidate]
    rows = split.open_test(run.job, "final judgement of the chosen model")
    openings.record(split.seal)
    predictions = predict(model, table.features.iloc[rows], table.task)
    reference = predict(models[baseline], table.features.iloc[rows], table.task)
    test = _judge(ready, decision, rows, predictions, reference)

    steps.enter("report")
    candidates = tuple(models)
    judgement = Judgement(
        choice, baseline, decision, test, candidates, combined.ensembles, noticed, model, rows, predictions, outer
    )
    earlier = Report.from_json(run.rerun_of.read_text(encoding="utf-8")) if run.rerun_of else None
    report, pictures = compose(ready, found, judgement, steps.timings, earlier)

    steps.enter("publish")
    mlflow = Destination(run.tracking_uri, spec.tracking.experiment, spec.tracking.register_as, run.job)
    places = Places(run.output, run.tensorboard / run.job, mlflow)
    path = keep(report, pictures, found, model, table, places)
    steps.finish()
    return {"report": str(path)}


def _decide(ready: Prepared, choice: Choice, baseline: tuple[np.ndarray, ...]) -> Threshold | None:
    """The threshold of a binary decision, chosen on out-of-fold predictions."""
    if ready.table.task is not Task.BINARY:
        return None
    sizes = [len(fold.validation) for fold in ready.split.folds]
    return choose_threshold(
        np.concatenate(y_folds(ready)),
        np.concatenate(choice.candidate.predictions),
        np.repeat(np.arange(len(sizes)), sizes),
        ready.spec.threshold,
        np.concatenate(baseline),
    )


def _judge(
    ready: Prepared, decision: Threshold | None, rows: np.ndarray, predictions: np.ndarray, reference: np.ndarray
) -> TestResult:
    """The single scoring of the test rows, beside the best baseline's predictions for them."""
    table, split = ready.table, ready.split
    return judge(
        table.task,
        ready.metric,
        table.target[rows],
        predictions,
        reference,
        table.classes,
        decision,
        ready.spec.threshold if decision else None,
        None if split.groups is None else split.groups[rows],
        ready.spec.split.seed,
    )


def _tell(findings: tuple[Finding, ...], emit: Emit) -> None:
    for finding in findings:
        emit({"finding": {**asdict(finding), "severity": finding.severity.value}})

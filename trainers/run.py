"""One training run, from a table to a judged model. This is the page to read first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from cluster.resources import place, wait_for
from trainers.candidates import search_families
from trainers.deciding import calibrated_candidate, deployed, held_out, judge_decided, settle
from trainers.ensembles.combine import combine
from trainers.ensembles.ensemble import Material
from trainers.evaluation.selection import select
from trainers.families.fitting import predict
from trainers.finalists import failed_families, fit_finalists, group_folds, leaders_of, y_folds
from trainers.findings import Finding
from trainers.fits import Fitters
from trainers.insight.explain import explain
from trainers.nested import nested
from trainers.plan import diagnosis_fits, ensemble_fits, prepare
from trainers.report.compose import Judgement, compose
from trainers.report.values import Report
from trainers.results import Openings, Places, keep
from trainers.spec import TrackingSpec, TrainingSpec
from trainers.steps import Emit, Steps, shares
from trainers.tracking import Destination
from trainers.workers import Folders, after_workers, fit_on_workers, start_ahead


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
        tenant: Whose run it is, as a tag in MLflow; empty: nobody's.
        namespace: What the names of experiment and registered model begin with in MLflow, so that tenants share none.
        rerun_of: report.json of the run that this one repeats; the report then says whether the results are equal.
        jobs: Folder with the folders of earlier jobs, which the spec may name by id; None takes paths.
        share: Share of what the cluster holds that is fitted on at once; less after an attempt that ran out of memory.
    """

    spec: TrainingSpec
    job: str
    output: Path
    roots: tuple[str, ...] | None
    tracking_uri: str
    tensorboard: Path
    openings: Path
    tenant: str = ""
    namespace: str = ""
    rerun_of: Path | None = None
    jobs: Path | None = None
    share: float = 1.0


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
    wait_for(place(spec.compute.trial), steps.waits)
    folders = Folders(run.output / "checkpoints", run.tensorboard / run.job)
    start_ahead(ready, folders)
    found = search_families(ready, run.output / "journal", steps.searched, run.share)

    steps.enter("workers")
    leaders = leaders_of(found, ready.candidates)
    fitted = fit_on_workers(leaders, ready, folders, steps.waits)

    steps.enter("ensembles")
    with Fitters(table, split.development, spec.resample, spec.compute, run.share) as fitters:
        wait_for(fitters.place, steps.waits)
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
        decided = settle(ready, choice.candidate, models[choice.candidate], baseline)
        steps.enter("nested")
        if spec.split.nested:
            fitters.rest()  # its searches need the CPUs
        outer = nested(ready, choice.candidate, run.output / "nested", steps.within, run.share)
        choice = replace(choice, candidate=calibrated_candidate(ready, choice.candidate, decided))

        steps.enter("judge")
        rows = split.open_test(run.job, "final judgement of the chosen model")
        openings.record(split.seal)
        predictions = predict(decided.model, table.features.iloc[rows], table.task)
        reference = predict(models[baseline], table.features.iloc[rows], table.task)
        test = judge_decided(ready, decided, rows, predictions, reference)

        steps.enter("explain")
        judgement = Judgement(
            choice, baseline, decided, test, tuple(models), combined.ensembles, noticed, rows, predictions, outer
        )
        fit_all = partial(fitters.fit_all, done=steps.fitting(diagnosis_fits(ready)))
        explained = explain(ready, found, judgement, fit_all)
        _tell(explained.findings, emit)

    steps.enter("report")
    earlier = Report.from_json(run.rerun_of.read_text(encoding="utf-8")) if run.rerun_of else None
    kept = held_out(ready, choice.candidate, decided, rows, predictions)
    report, pictures = compose(ready, found, judgement, explained, steps.timings, kept, earlier)

    steps.enter("publish")
    places = Places(run.output, run.tensorboard / run.job, _destination(run, spec.tracking))
    path = keep(report, pictures, kept, found, deployed(decided, table), table, places)
    steps.finish()
    return {"report": str(path)}


def _destination(run: TrainingRun, asked: TrackingSpec) -> Destination:
    registered = asked.register_as and run.namespace + asked.register_as
    return Destination(run.tracking_uri, run.namespace + asked.experiment, registered, run.job, run.tenant)


def _tell(findings: tuple[Finding, ...], emit: Emit) -> None:
    for finding in findings:
        emit({"finding": {**asdict(finding), "severity": finding.severity.value}})

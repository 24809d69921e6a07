"""What a job will do, worked out before anything is trained.

A run begins with the same steps, so plan and run refuse the same specs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.resources import room
from trainers.compute import refuse_batches, refuse_what_cannot_be_had, workers_that_do_not_help
from trainers.data.audit import audit
from trainers.data.load import load
from trainers.data.meaning import check_columns
from trainers.data.resample import ResampleMethod
from trainers.data.seal import Opening
from trainers.data.split import Split, assign, key_columns
from trainers.data.table import Table, Task
from trainers.earlier import Run, read_run
from trainers.ensembles.combine import planned_fits
from trainers.ensembles.spec import EnsembleSpec
from trainers.errors import Problems, SpecError, Violation
from trainers.evaluation.calibration import CalibrationMethod
from trainers.evaluation.metrics import Metric, default_metric, metric
from trainers.evaluation.threshold.checks import check_decision
from trainers.families.registry import CandidateSpec, baselines, resolve
from trainers.findings import Finding, Severity
from trainers.report.summaries import describe_data, describe_split
from trainers.report.values import DataSummary, Interval, SplitSummary
from trainers.spec import TrainingSpec, check
from trainers.warm_start import warm_start
from tuning.course import planned_trials
from tuning.objective import Study

# Seconds of one fit for each 100,000 cells (rows x columns): the fastest and the slowest family measured.
FIT_SECONDS = (0.02, 3.0)


@dataclass(frozen=True)
class Prepared:
    """Everything that is settled before the first fit.

    Attributes:
        spec: The spec with every default filled in.
        table: The table.
        split: Where its rows go.
        metric: What the search maximises.
        baselines: Studies of one trial each that every model must beat.
        candidates: Studies to search.
        findings: What audit and split have to say; no unacknowledged error is left.
        parent: The run that this one tries to better, if it names one.
    """

    spec: TrainingSpec
    table: Table
    split: Split
    metric: Metric
    baselines: tuple[Study, ...]
    candidates: tuple[Study, ...]
    findings: tuple[Finding, ...]
    parent: Run | None = None


@dataclass(frozen=True, eq=False)  # told apart as an object, so that what is made of it can be kept
class Plan:
    """What a job will do; the fields are those of the proto's Plan, and the resolved spec.

    Attributes:
        spec: The spec with every default filled in.
        data: The table as it was read.
        split: Rows and classes on each side.
        fits: Model fits when no configuration is stopped early, those of baselines, ensembles and
            diagnosis included.
        cpu_hours: Rough range.
        gpu_hours: Rough range.
        findings: What audit and split have to say.
        task: "binary", "multiclass" or "regression".
    """

    spec: TrainingSpec
    data: DataSummary
    split: SplitSummary
    fits: int
    cpu_hours: Interval
    gpu_hours: Interval
    findings: tuple[Finding, ...]
    task: str


def prepare(
    spec: TrainingSpec,
    roots: Sequence[str] | None,
    entering: Callable[[str], None],
    openings: Callable[[str], Sequence[Opening]] = lambda digest: (),
    jobs: Path | None = None,
) -> Prepared:
    """Loads, splits and audits the table and settles what is searched.

    Args:
        spec: What to train.
        roots: Folders and URI prefixes that data may lie under; None allows any.
        entering: Called with the name of each step as it begins.
        openings: Tells of openings of the same test rows by earlier runs, given their digest.
        jobs: Folder with the folders of earlier jobs, which the spec may name by id; None takes paths.

    Raises:
        SpecError: With every violation that could be found.
    """
    check(spec)
    given = room()
    refuse_what_cannot_be_had(spec.compute, given)
    entering("load")
    table = load(spec.data, (*key_columns(spec.split), *spec.threshold.priced_by), roots)
    spec = _fill(spec, table)
    problems = Problems()
    with problems.noting():
        measure = metric(str(spec.search.metric), table.task)
    with problems.noting():
        check_decision(spec.threshold, table)
    with problems.noting():
        _calibration_fits(spec, table.task)
    with problems.noting():
        _resampling_fits(spec, table.task)
    with problems.noting():
        check_columns(table, [(f"slices.on[{i}]", column) for i, column in enumerate(spec.slices.on)])
    for i, ensemble in enumerate(spec.ensembles):
        with problems.noting(f"ensembles[{i}]."):
            _ensemble_fits(ensemble, table.task)
    candidates: list[Study] = []
    for i, candidate in enumerate(spec.candidates):
        with problems.noting(f"candidates[{i}]"):
            candidates.append(resolve(candidate, table.task))
    warmed: tuple[Study, ...] = ()
    started: tuple[Finding, ...] = ()
    with problems.noting():
        warmed, started = warm_start(candidates, spec.search.warm_start_from, table.fingerprint, jobs)
    parent: Run | None = None
    with problems.noting("parent"):
        parent = read_run(spec.parent, jobs) if spec.parent else None
    entering("split")
    with problems.noting():
        split = assign(table, spec.split, openings)
        _nests(spec, split)
        refuse_batches(candidates, split)
    problems.stop()
    entering("audit")
    slow = workers_that_do_not_help(spec.compute, given)
    findings = (*split.findings, *audit(table, split, measure.name), *started, *slow)
    _refuse(findings, spec.audit.acknowledge)
    return Prepared(spec, table, split, measure, baselines(table.task), warmed, findings, parent)


def plan(spec: TrainingSpec, roots: Sequence[str] | None, jobs: Path | None = None) -> Plan:
    """Works out what the job will do; the arguments are those of ``prepare``.

    Raises:
        SpecError: The job would be refused; the violations say why.
    """
    ready = prepare(spec, roots, lambda step: None, jobs=jobs)
    fits = searched_fits(ready) + ensemble_fits(ready) + diagnosis_fits(ready)
    cells = ready.table.features.size / 100_000
    compute = ready.spec.compute
    low, high = (fits * seconds * cells / 3600 for seconds in FIT_SECONDS)
    return Plan(
        spec=ready.spec,
        data=describe_data(ready.table),
        split=describe_split(ready.split, ready.table),
        fits=fits,
        cpu_hours=Interval(low * compute.trial_cpus, high * compute.trial_cpus),
        gpu_hours=Interval(low * compute.trial_gpus, high * compute.trial_gpus),
        findings=ready.findings,
        task=ready.table.task.value,
    )


def ensemble_fits(ready: Prepared) -> int:
    """Fits of ensembles, at most."""
    return planned_fits(ready.spec.ensembles, len(ready.candidates), len(ready.split.folds))


def diagnosis_fits(ready: Prepared) -> int:
    """Refits of the chosen configuration, at most."""
    return ready.spec.diagnosis.fits_a_fold * len(ready.split.folds)


def searched_fits(ready: Prepared) -> int:
    """Fold fits of baselines and search when no configuration is stopped early, with those of nested cross-validation."""
    studies, split = (*ready.baselines, *ready.candidates), ready.split
    inner = [len(within.folds) for _, within in split.nest()] if ready.spec.split.nested else []
    return (len(split.folds) + sum(inner)) * planned_trials(studies, ready.spec.search) + len(inner)


def _fill(spec: TrainingSpec, table: Table) -> TrainingSpec:
    """Fills in the defaults that depend on the table."""
    *_, linear = baselines(table.task)
    families = (linear.name, "random_forest", "hist_gradient_boosting")
    positive = str(table.classes[1]) if table.task is Task.BINARY else None
    return spec.model_copy(
        update={
            "data": spec.data.model_copy(update={"task": table.task, "positive_class": positive}),
            "candidates": spec.candidates or tuple(CandidateSpec(family=name) for name in families),
            "ensembles": tuple(ensemble.filled(table.task) for ensemble in spec.ensembles),
            "search": spec.search.model_copy(update={"metric": spec.search.metric or default_metric(table.task)}),
        }
    )


def _calibration_fits(spec: TrainingSpec, task: Task) -> None:
    asked = spec.calibration.method not in (CalibrationMethod.AUTO, CalibrationMethod.NONE)
    if task is Task.REGRESSION and asked:
        raise SpecError([Violation("calibration.method", "needs classes, but this target is a number; leave it out")])


def _resampling_fits(spec: TrainingSpec, task: Task) -> None:
    if task is Task.REGRESSION and spec.resample.method is not ResampleMethod.NONE:
        raise SpecError([Violation("resample.method", "needs classes, but this target is a number; leave it out")])


def _nests(spec: TrainingSpec, split: Split) -> None:
    if spec.split.nested and not split.nest():
        message = (
            f"needs folds with at least two others among their training rows, and these {len(split.folds)} have none"
        )
        mend = "use more folds, at least 4 of a time split and 3 of another"
        raise SpecError([Violation("split.nested", f"{message}; {mend}")])


def _ensemble_fits(ensemble: EnsembleSpec, task: Task) -> None:
    if found := list(ensemble.violations_for(task)):
        raise SpecError(found)


def _refuse(findings: Sequence[Finding], acknowledged: Sequence[str]) -> None:
    errors = [f for f in findings if f.severity is Severity.ERROR and f.code not in acknowledged]
    if errors:
        raise SpecError(
            [
                Violation("data", f"{f.code}: {f.message} {f.action} Or add {f.code} to audit.acknowledge.")
                for f in errors
            ]
        )

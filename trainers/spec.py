"""The whole request, and the checks that need more than one part of it."""

from collections.abc import Iterator
from importlib.util import find_spec

from pydantic import BaseModel, Field

from cluster.resources import ComputeSpec
from trainers.compute import contradictions
from trainers.data.audit import AuditSpec
from trainers.data.load import DataSpec
from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.split import SplitSpec
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.errors import SpecError, Violation
from trainers.evaluation.calibration import CalibrationSpec
from trainers.evaluation.conformal import ConformalSpec
from trainers.evaluation.learning import DiagnosisSpec
from trainers.evaluation.partitions import SlicesSpec
from trainers.evaluation.selection import RequirementsSpec
from trainers.evaluation.threshold import ThresholdSpec
from trainers.families.registry import CandidateSpec
from tuning.spec import Algorithm, SearchSpec


class TrackingSpec(BaseModel, frozen=True, extra="forbid"):
    """Where results are kept."""

    experiment: str = Field("trainwright", min_length=1)
    register_as: str | None = Field(None, min_length=1)


class TrainingSpec(BaseModel, frozen=True, extra="forbid"):
    """One training request; the field comments are in proto/trainwright/v1/spec.proto."""

    decision: str = Field(min_length=1)
    data: DataSpec
    split: SplitSpec = SplitSpec()
    candidates: tuple[CandidateSpec, ...] = ()
    search: SearchSpec = SearchSpec()
    ensembles: tuple[EnsembleSpec, ...] = ()
    threshold: ThresholdSpec = ThresholdSpec()
    requirements: RequirementsSpec = RequirementsSpec()
    compute: ComputeSpec = ComputeSpec()
    tracking: TrackingSpec = TrackingSpec()
    audit: AuditSpec = AuditSpec()
    resample: ResampleSpec = ResampleSpec()
    parent: str | None = Field(None, min_length=1)
    calibration: CalibrationSpec = CalibrationSpec()
    conformal: ConformalSpec | None = None
    slices: SlicesSpec = SlicesSpec()
    diagnosis: DiagnosisSpec = DiagnosisSpec()


def slice_columns(spec: TrainingSpec) -> tuple[str, ...]:
    """Columns whose values are parts of the rows that are looked at one by one."""
    return tuple(dict.fromkeys((*spec.slices.on, *spec.split.stratify_on, *spec.threshold.segment_on)))


def check(spec: TrainingSpec) -> None:
    """Checks what needs more than one part of the spec and no table.

    Raises:
        SpecError: With every violation found.
    """
    found = [
        *_columns_contradict(spec),
        *_decision_columns_contradict(spec),
        *_candidates_contradict(spec),
        *_search_contradicts(spec),
        *_diagnosis_contradicts(spec),
        *_requirements_contradict(spec),
        *_ensembles_contradict(spec),
        *contradictions(spec.compute, spec.candidates),
    ]
    if found:
        raise SpecError(found)


def _columns_contradict(spec: TrainingSpec) -> Iterator[Violation]:
    target, split = spec.data.target, spec.split
    if target in spec.data.exclude:
        yield Violation("data.exclude", f"holds the target {target!r}; leave it out: the target is never a feature")
    if target in spec.data.roles:
        yield Violation(
            f"data.roles[{target}]", "is the target, which has no role; use data.task to say how it is read"
        )
    for i, column in enumerate(split.group_on):
        if column == target:
            yield Violation(
                f"split.group_on[{i}]", f"is the target {target!r}; name a column that says what belongs together"
            )
    for i, column in enumerate(spec.slices.on):
        if column == target:
            yield Violation(
                f"slices.on[{i}]", f"is the target {target!r}; name a column that says of which part a row is"
            )
    if split.time_on == target:
        yield Violation("split.time_on", f"is the target {target!r}; name a column that orders the rows in time")
    if split.embargo and not split.time_on:
        yield Violation(
            "split.embargo", f"is {split.embargo:g}, but there is no split.time_on for it to be measured in"
        )


def _decision_columns_contradict(spec: TrainingSpec) -> Iterator[Violation]:
    target, threshold = spec.data.target, spec.threshold
    for i, column in enumerate(threshold.segment_on):
        if column == target:
            yield Violation(f"threshold.segment_on[{i}]", f"is the target {target!r}, which is not known when deciding")
    if threshold.expected_cost is None:
        return
    for field, column in threshold.expected_cost.columns():
        path = f"threshold.expected_cost.{field}"
        if column == target:
            yield Violation(path, f"is the target {target!r}; name a column of costs")
        if column in threshold.segment_on:
            yield Violation(
                path, f"{column!r} is in threshold.segment_on too; a cost makes no segments, leave it out there"
            )


def _candidates_contradict(spec: TrainingSpec) -> Iterator[Violation]:
    seen: set[str] = set()
    for i, candidate in enumerate(spec.candidates):
        if candidate.family in seen:
            yield Violation(
                f"candidates[{i}].family", f"{candidate.family!r} is listed twice; give one space that covers both"
            )
        seen.add(candidate.family)
    if spec.search.max_trials < len(spec.candidates):
        yield Violation(
            "search.max_trials",
            f"{spec.search.max_trials} is less than the {len(spec.candidates)} candidates; give each at least one",
        )


def _requirements_contradict(spec: TrainingSpec) -> Iterator[Violation]:
    if spec.requirements.min_worst_slice is not None and not slice_columns(spec):
        yield Violation(
            "requirements.min_worst_slice",
            "needs parts of the rows to look at; name columns that make them in slices.on",
        )


def _ensembles_contradict(spec: TrainingSpec) -> Iterator[Violation]:
    searched = {candidate.family for candidate in spec.candidates}
    kinds: set[EnsembleKind] = set()
    for i, ensemble in enumerate(spec.ensembles):
        path = f"ensembles[{i}]"
        if ensemble.kind in kinds:
            yield Violation(f"{path}.kind", f"{ensemble.kind} is listed twice; list each kind once")
        kinds.add(ensemble.kind)
        yield from (Violation(f"{path}.{v.field}", v.message) for v in ensemble.violations())
        if ensemble.kind is EnsembleKind.BOOSTING and spec.resample.method is not ResampleMethod.NONE:
            yield Violation(
                f"{path}.kind",
                f"boosting weighs the rows itself, and resample.method is {spec.resample.method}; leave one of them out",
            )
        if spec.split.folds < (least := ensemble.least_folds) and not spec.split.time_on:
            yield Violation(
                "split.folds",
                f"is {spec.split.folds}; {path} ({ensemble.kind}) is scored by models that leave out {least - 1} folds, and "
                f"one more is needed to learn from: make it {least} or more, or leave the ensemble out",
            )
        if ensemble.family and searched and ensemble.family not in searched:
            yield Violation(
                f"{path}.family",
                f"{ensemble.family!r} is not searched; name one of the candidates: {', '.join(sorted(searched))}",
            )


def _search_contradicts(spec: TrainingSpec) -> Iterator[Violation]:
    if spec.search.algorithm is Algorithm.GAUSSIAN_PROCESS and find_spec("torch") is None:
        install = "pip install 'trainwright-server[gaussian-process]'"
        yield Violation("search.algorithm", f"gaussian_process needs torch, which is not installed; {install}")


def _diagnosis_contradicts(spec: TrainingSpec) -> Iterator[Violation]:
    if spec.diagnosis.shap_rows and find_spec("shap") is None:
        install = "pip install 'trainwright-server[shap]'"
        yield Violation(
            "diagnosis.shap_rows", f"SHAP values need shap, which is not installed; {install}, or leave it out"
        )

"""What the service tells about jobs and datasets, as frozen values named and shaped like its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from trainwright.errors import Violation


class JobState(StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    WAITING_FOR_RESOURCES = "waiting_for_resources"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the job will never change again."""
        return self in TERMINAL


TERMINAL: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True)
class JobError:
    """Why a job or an attempt ended without success.

    Attributes:
        code: gRPC status code in lower case, such as ``invalid_argument``.
        message: What went wrong.
        kind: Who can mend it: ``user`` (the request or the data) or ``system`` (the operator).
        violations: Which fields of the spec were wrong, where the error names any.
    """

    code: str
    message: str
    kind: str = ""
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """One run of a job; ``number`` is 1 for the first."""

    number: int = 0
    start_time: datetime | None = None
    end_time: datetime | None = None
    error: JobError | None = None


@dataclass(frozen=True)
class PhaseRecord:
    """One state or phase a job has been in; ``end_time`` is None for the present one."""

    state: JobState
    phase: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        fraction: Share of the work done, 0 to 1; never falls.
        remaining: Estimated seconds left; None while unknown.
        fits_done: Model fits done.
        fits_total: Model fits planned.
        trials_done: Configurations done.
        best_score: Best cross-validated score so far, greater is better; None before the first.
        best_family: Family of the best score.
        pending_resources: What the run waits for, such as ``2 x {CPU: 8}``; empty while it goes on.
    """

    fraction: float = 0.0
    remaining: float | None = None
    fits_done: int = 0
    fits_total: int = 0
    trials_done: int = 0
    best_score: float | None = None
    best_family: str = ""
    pending_resources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One configuration of a candidate and its scores.

    Attributes:
        number: Order in which it was proposed over all candidates, from 0.
        family: Family name.
        params: Parameters by name.
        state: ``running``, ``completed``, ``stopped`` or ``failed``.
        fold_scores: Score of each finished fold, in fold order.
        mean: Mean of the finished folds; None without one.
        fit_seconds: Sum of pure fit time.
        reason: Why it failed or was stopped.
    """

    number: int = 0
    family: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    state: str = ""
    fold_scores: tuple[float, ...] = ()
    mean: float | None = None
    fit_seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Finding:
    """Something to know about the data or the run; ``severity`` is ``error``, ``warning`` or ``info``."""

    code: str = ""
    severity: str = ""
    columns: tuple[str, ...] = ()
    message: str = ""
    action: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    alternative: str = ""


@dataclass(frozen=True)
class StateChange:
    """The job moved from one state to another; ``error`` says why it failed or was cancelled."""

    before: JobState | None
    after: JobState
    error: JobError | None = None


@dataclass(frozen=True)
class PhaseChange:
    """The run moved to another step, such as ``search``."""

    phase: str = ""


@dataclass(frozen=True)
class JobEvent:
    """One thing that happened to a job.

    Attributes:
        sequence: Position in the job's history, from 1 and without gaps.
        time: When it happened.
        attempt: Attempt it belongs to; 0 before the first.
        what: What happened.
    """

    sequence: int
    time: datetime | None
    attempt: int
    what: StateChange | PhaseChange | Trial | Progress | Finding


@dataclass(frozen=True)
class LogLine:
    """One line a run logged; ``level`` is ``debug``, ``info``, ``warning`` or ``error``, and ``number`` grows with each line."""

    time: datetime | None = None
    level: str = ""
    attempt: int = 0
    text: str = ""
    logger: str = ""
    number: int = 0


@dataclass(frozen=True)
class JobInfo:
    """A job as the service described it at one moment.

    Attributes:
        name: ``trainingJobs/{id}``.
        state: Where the job stands.
        phase: The step the run is in; empty before it starts.
        progress: How far the run is.
        error: Why the job failed or was cancelled; None otherwise.
        spec: The spec with every default filled in; empty in lists.
        labels: The caller's labels.
        jobs_ahead: Jobs that start before this one; 0 unless queued.
        priority: Greater starts first.
        estimated_start_time: When a queued job is likely to start; None while unknown.
        history: Every state and phase so far, oldest first; empty in lists.
        attempts: Runs of this job, oldest first.
        create_time: When the job was accepted.
        start_time: When the first attempt started.
        end_time: When the job became terminal.
        update_time: When anything last changed.
        rerun_of: The job this one was rerun from; empty otherwise.
        report: The TrainingReport by field name, once the job has succeeded; None in lists.
        last_sequence: Sequence of the latest event.
        queue_timeout: Longest time to wait for a start, seconds; None without a limit.
        run_deadline: Longest time from start to end, seconds; None without a limit.
        output_uri: Where the job's files are, as a path or URI of the service.
    """

    name: str
    state: JobState
    phase: str = ""
    progress: Progress = field(default_factory=Progress)
    error: JobError | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    jobs_ahead: int = 0
    priority: int = 0
    estimated_start_time: datetime | None = None
    history: tuple[PhaseRecord, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    create_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    update_time: datetime | None = None
    rerun_of: str = ""
    report: Mapping[str, Any] | None = None
    last_sequence: int = 0
    queue_timeout: float | None = None
    run_deadline: float | None = None
    output_uri: str = ""

    @property
    def id(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Plan:
    """What a spec would do.

    Attributes:
        spec: The spec with every default filled in.
        task: ``binary``, ``multiclass`` or ``regression``.
        fits: Model fits, baselines included, when no configuration is stopped early.
        cpu_hours: Estimated range, (low, high).
        gpu_hours: Estimated range, (low, high).
        data: The table as it was read (the report's ``data``).
        split: Rows and classes on each side (the report's ``split``).
        findings: What the audit found.
    """

    spec: Mapping[str, Any]
    task: str
    fits: int
    cpu_hours: tuple[float, float]
    gpu_hours: tuple[float, float]
    data: Mapping[str, Any]
    split: Mapping[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Column:
    """One column of an uploaded table; ``type`` is its Arrow type."""

    name: str = ""
    type: str = ""


@dataclass(frozen=True)
class Dataset:
    """An uploaded table; ``name`` serves as ``data.uri`` of a spec. ``columns`` is empty in lists."""

    name: str = ""
    display_name: str = ""
    size_bytes: int = 0
    rows: int = 0
    columns: tuple[Column, ...] = ()
    create_time: datetime | None = None

    @property
    def id(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return self.name.rpartition("/")[2]

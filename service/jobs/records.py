"""What the store remembers, as frozen values. Times are UTC."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cluster.events import ErrorKind
from service.jobs.states import TERMINAL, State
from trainers.errors import Violation

JOBS = "trainingJobs/"  # before the id, in a job's name


def new_id() -> str:
    """A new job id: 16 hexadecimal digits."""
    return secrets.token_hex(8)


@dataclass(frozen=True, eq=False)
class NewJob:
    """A job to be stored; no other is the same.

    Attributes:
        spec: The spec with every default filled in, as plain JSON values.
        request_digest: Digest of the request's body, compared when its id comes again.
        request_id: The caller's id of the request; empty: none.
        labels: The caller's labels.
        queue_timeout_s: Longest time before the run starts.
        run_deadline_s: Longest time from the first start to the end.
        rerun_of: Id of the job it is a rerun of; empty: none.
        tenant: Who owns it.
        trace: W3C traceparent of the call that made it; empty: none.
        priority: Greater starts first.
        id: Its id.
    """

    spec: Mapping[str, Any]
    request_digest: str = ""
    request_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    queue_timeout_s: float | None = None
    run_deadline_s: float | None = None
    rerun_of: str = ""
    tenant: str = "default"
    trace: str = ""
    priority: int = 0
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class JobError:
    """Why a job or an attempt ended without success.

    Attributes:
        code: google.rpc.Code.
        message: What happened, and what to do.
        kind: Who can mend it.
        violations: What was wrong in the spec, by field.
    """

    code: int
    message: str
    kind: ErrorKind
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Phase:
    """A state, or a step within RUNNING, that the job has been in."""

    state: State
    phase: str
    start_time: datetime
    end_time: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One run of the job.

    Attributes:
        number: From 1.
        start_time: When it started.
        end_time: When it ended; None while it runs.
        error: Why it ended, unless it succeeded.
        pulled: Sequence of the runner's last event that is stored.
    """

    number: int
    start_time: datetime
    end_time: datetime | None = None
    error: JobError | None = None
    pulled: int = 0


@dataclass(frozen=True)
class JobRecord:
    """A stored job. In lists, `spec`, `report` and `history` are empty unless asked for.

    Attributes:
        progress: Latest progress, by field name of the proto's Progress.
        last_sequence: Sequence of the latest event.
        report: The report's JSON, once the job has succeeded.
        output: Folder of its files.
        trace: W3C traceparent of the call that made it; empty: none.
        priority: Greater starts first.
        cpus: CPUs that it asks of the cluster.
        gpus: GPUs that it asks of the cluster.
        owner: Id of the replica that has taken it; empty: none has.
    """

    id: str
    tenant: str
    state: State
    phase: str
    labels: Mapping[str, str]
    request_id: str
    request_digest: str
    rerun_of: str
    create_time: datetime
    update_time: datetime
    start_time: datetime | None
    end_time: datetime | None
    error: JobError | None
    progress: Mapping[str, Any]
    attempts: tuple[Attempt, ...]
    queue_timeout_s: float | None
    run_deadline_s: float | None
    last_sequence: int
    output: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Phase, ...] = ()
    report: Mapping[str, Any] | None = None
    trace: str = ""
    priority: int = 0
    cpus: float = 1.0
    gpus: float = 0.0
    owner: str = ""

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self.state in TERMINAL

    @property
    def queue_deadline(self) -> datetime | None:
        """When it is given up if it still waits: for the cluster in the midst of its run, or before for its beginning."""
        if not self.queue_timeout_s:
            return None
        began = any(phase.state is State.RUNNING for phase in self.history)
        since = self.history[-1].start_time if began else self.create_time
        return since + timedelta(seconds=self.queue_timeout_s)

    @property
    def run_deadline(self) -> datetime | None:
        """When its run is given up; None also before the run has started."""
        if self.start_time is None or not self.run_deadline_s:
            return None
        return self.start_time + timedelta(seconds=self.run_deadline_s)


@dataclass(frozen=True)
class EventRecord:
    """One numbered event of a job.

    Attributes:
        sequence: Position in the job's history, from 1, without gaps.
        time: When it happened.
        attempt: Attempt it belongs to; 0 before the first.
        event: One key, the name of a payload of the proto's JobEvent, with its fields.
    """

    sequence: int
    time: datetime
    attempt: int
    event: Mapping[str, Any]


@dataclass(frozen=True)
class LogRecord:
    """One log line of a job.

    Attributes:
        number: Grows with each line of the job; pass the last one to go on after it.
        level: "debug", "info", "warning" or "error".
    """

    number: int
    time: datetime
    attempt: int
    level: str
    text: str
    logger: str


@dataclass(frozen=True)
class LogQuery:
    """Which log lines, oldest first.

    Attributes:
        after: Only lines with a greater number.
        limit: At most so many.
        min_level: Lowest level.
        contains: Text the line contains, case-sensitive; empty: any.
        attempt: Only of this attempt; 0: of all.
        start_time: Only at or after it.
        end_time: Only before it.
    """

    after: int = 0
    limit: int = 500
    min_level: str = "debug"
    contains: str = ""
    attempt: int = 0
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(frozen=True)
class JobQuery:
    """Which page of jobs.

    Attributes:
        filter: Terms joined by AND: ``state = RUNNING``, ``labels.KEY = "VALUE"``, ``create_time > "RFC 3339"``.
        order_by: ``create_time`` or ``update_time``, with ``asc`` or ``desc``.
        page_size: Jobs a page.
        page_token: From the page before; empty: the first page.
        heavy: Which of "spec", "history" and "report" to read too.
        tenant: Whose jobs.
    """

    filter: str = ""
    order_by: str = "create_time desc"
    page_size: int = 50
    page_token: str = ""
    heavy: frozenset[str] = frozenset()
    tenant: str = "default"


@dataclass(frozen=True)
class Column:
    """A column of a dataset: its name and Arrow type."""

    name: str
    type: str


@dataclass(frozen=True)
class Dataset:
    """An uploaded table.

    Attributes:
        tenant: Who has uploaded it.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    tenant: str
    digest: str
    display_name: str
    size_bytes: int
    rows: int
    columns: tuple[Column, ...]
    create_time: datetime


@dataclass(frozen=True)
class Replica:
    """One process of the service.

    Attributes:
        id: Its id, which it keeps over restarts on the same state folder.
        host: The machine it is on.
        start_time: When it started.
        lease_expire_time: When others take over its jobs unless it renews its lease.
        draining: Whether it has been told to take no new jobs.
        running_jobs: Jobs that it has taken.
        max_running_jobs: Jobs that it starts at once at most.
    """

    id: str
    host: str
    start_time: datetime
    lease_expire_time: datetime
    draining: bool
    running_jobs: int
    max_running_jobs: int


@dataclass(frozen=True)
class QueueLine:
    """Open jobs of one tenant and one priority.

    Attributes:
        oldest_create_time: When the oldest of the queued jobs was accepted; None without one.
    """

    tenant: str
    priority: int
    queued_jobs: int
    running_jobs: int
    oldest_create_time: datetime | None


@dataclass(frozen=True)
class Use:
    """What one tenant holds: jobs that run and wait, what the running ones ask of the cluster, bytes that it keeps on disk."""

    running_jobs: int = 0
    queued_jobs: int = 0
    cpus: float = 0.0
    gpus: float = 0.0
    stored_bytes: int = 0

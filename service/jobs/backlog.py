"""What waits, for whom, and for how long: the queue as callers and operators see it."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, and_, case, func, or_, select

from service.jobs import queue, tables
from service.jobs.claims import WAITING, members, running
from service.jobs.records import JobRecord, QueueLine, Replica, Use
from service.jobs.states import OPEN, State

FRESH_S = 1.0
_RECENT = 20  # jobs whose run times stand for those to come
jobs = tables.jobs.c


@dataclass(frozen=True)
class Standing:
    """Where a job stands in the queue.

    Attributes:
        jobs_ahead: Jobs that start before it.
        estimated_start_time: When it is likely to start; None while unknown.
    """

    jobs_ahead: int = 0
    estimated_start_time: datetime | None = None


@dataclass(frozen=True)
class Look:
    """What was read in one look.

    Attributes:
        time: When, by this process's monotonic clock.
        waiting: Waiting jobs by tenant.
        runs_s: How long recent jobs ran, seconds.
        slots: Jobs that all replicas run at once.
    """

    time: float
    waiting: Counter[str]
    runs_s: tuple[float, ...]
    slots: int


class Backlog:
    """Reads the queue. Safe to use from several threads.

    Args:
        reader: For single statements that read.
    """

    def __init__(self, reader: Engine) -> None:
        self._reader, self._lock = reader, threading.Lock()
        self._look = Look(float("-inf"), Counter(), (), 0)

    def standing(self, job: JobRecord) -> Standing:
        """Where a job stands; one that is not queued stands nowhere."""
        if job.state is not State.QUEUED:
            return Standing()
        look = self.look()
        with self._reader.connect() as connection:
            ahead = _ahead(connection, job)
        return Standing(ahead, queue.estimated_start(ahead, look.runs_s, look.slots, datetime.now(UTC)))

    def look(self, oldest_s: float = FRESH_S) -> Look:
        """What waits and how fast it moves, read again when it is older than that, with what has been counted since.

        What has started since then still counts as waiting.
        """
        with self._lock:
            if time.monotonic() - self._look.time > oldest_s:
                with self._reader.connect() as connection:
                    self._look = Look(time.monotonic(), _waiting(connection), _runs(connection), _slots(connection))
            return self._look

    def count(self, tenant: str) -> None:
        """Counts a job that has just been queued, until the next look finds it."""
        with self._lock:
            self._look.waiting[tenant] += 1

    def lines(self) -> list[QueueLine]:
        """Open jobs by tenant and priority, highest priority first."""
        waits = case((WAITING, 1), else_=0)
        statement = (
            select(
                jobs.tenant,
                jobs.priority,
                func.sum(waits).label("queued_jobs"),
                func.sum(1 - waits).label("running_jobs"),
                func.min(case((WAITING, jobs.create_time))).label("oldest_create_time"),
            )
            .where(jobs.state.in_(OPEN))
            .group_by(jobs.tenant, jobs.priority)
            .order_by(jobs.priority.desc(), jobs.tenant)
        )
        with self._reader.connect() as connection:
            return [QueueLine(**row) for row in connection.execute(statement).mappings()]

    def replicas(self) -> list[Replica]:
        """The replicas that hold a lease, oldest first."""
        with self._reader.connect() as connection:
            return members(connection)

    def use(self) -> dict[str, Use]:
        """What each tenant with open jobs or datasets holds."""
        datasets = tables.datasets.c
        sizes = select(datasets.tenant, func.sum(datasets.size_bytes)).group_by(datasets.tenant)
        with self._reader.connect() as connection:
            held, waiting = running(connection), _waiting(connection)
            stored = {tenant: int(size) for tenant, size in connection.execute(sizes)}
        return {
            tenant: replace(held.get(tenant, Use()), queued_jobs=waiting[tenant], stored_bytes=stored.get(tenant, 0))
            for tenant in sorted({*held, *waiting, *stored})
        }


def _ahead(connection: Connection, job: JobRecord) -> int:
    """Groups what waits by tenant and by whether its priority is higher, leaving out the tenant's own later jobs."""
    higher = (jobs.priority > job.priority).label("higher")
    earlier = or_(jobs.create_time < job.create_time, and_(jobs.create_time == job.create_time, jobs.id < job.id))
    before = or_(higher, and_(jobs.priority == job.priority, or_(jobs.tenant != job.tenant, earlier)))
    statement = select(jobs.tenant, higher, func.count()).where(jobs.state == State.QUEUED, before)
    counts = {
        (tenant, bool(above)): n for tenant, above, n in connection.execute(statement.group_by(jobs.tenant, higher))
    }
    return queue.jobs_ahead(
        higher=sum(n for (_, above), n in counts.items() if above),
        own=counts.get((job.tenant, False), 0),
        others=(n for (tenant, above), n in counts.items() if not above and tenant != job.tenant),
    )


def _waiting(connection: Connection) -> Counter[str]:
    statement = select(jobs.tenant, func.count().label("jobs")).where(jobs.state == State.QUEUED).group_by(jobs.tenant)
    return Counter({row.tenant: row.jobs for row in connection.execute(statement)})


def _runs(connection: Connection) -> tuple[float, ...]:
    statement = select(jobs.start_time, jobs.end_time).where(jobs.state == State.SUCCEEDED)
    recent = connection.execute(statement.order_by(jobs.create_time.desc()).limit(_RECENT))
    return tuple((row.end_time - row.start_time).total_seconds() for row in recent)


def _slots(connection: Connection) -> int:
    replicas = tables.replicas.c
    return connection.scalar(select(func.sum(replicas.max_running_jobs)).where(~replicas.draining)) or 0

"""What waits, for whom, and for how long: the queue as callers and operators see it."""

import threading
import time
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, case, func, select

from service.jobs import queue, tables
from service.jobs.claims import WAITING, members, running
from service.jobs.records import JobRecord, QueueLine, Replica, Use
from service.jobs.states import OPEN, State
from service.jobs.storage import kept_by_tenant

FRESH_S = 1.0
_RECENT = 20  # jobs whose run times stand for those to come
jobs = tables.jobs.c

Place = tuple[datetime, str]  # when a job was created, and its id: the order within a line
Lines = defaultdict[tuple[str, int], list[Place]]  # what waits of a tenant and priority, oldest first


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
        lines: What waits.
        runs_s: How long recent jobs ran, seconds.
        slots: Jobs that all replicas run at once.
    """

    time: float
    lines: Lines
    runs_s: tuple[float, ...]
    slots: int

    def waiting(self) -> Counter[str]:
        """Waiting jobs by tenant."""
        found: Counter[str] = Counter()
        for (tenant, _), line in [*self.lines.items()]:
            found[tenant] += len(line)
        return found

    def ahead(self, job: JobRecord) -> int:
        """Jobs that are likely to start before one that waits."""
        lines = [*self.lines.items()]
        own = self.lines.get((job.tenant, job.priority), ())
        return queue.jobs_ahead(
            higher=sum(len(line) for (_, priority), line in lines if priority > job.priority),
            own=bisect_left(own, (job.create_time, job.id)),
            others=(len(line) for key, line in lines if key[0] != job.tenant and key[1] == job.priority),
        )


class Backlog:
    """Reads the queue. Safe to use from several threads.

    Args:
        reader: For single statements that read.
    """

    def __init__(self, reader: Engine) -> None:
        self._reader, self._lock = reader, threading.Lock()
        self._look = Look(float("-inf"), defaultdict(list), (), 0)

    def standing(self, job: JobRecord) -> Standing:
        """Where a job stands, or stood at most FRESH_S ago; one that is not queued stands nowhere."""
        if job.state is not State.QUEUED:
            return Standing()
        look = self.look()
        ahead = look.ahead(job)
        return Standing(ahead, queue.estimated_start(ahead, look.runs_s, look.slots, datetime.now(UTC)))

    def look(self, oldest_s: float = FRESH_S) -> Look:
        """What waits and how fast it moves, read again when it is older than that, with what has been counted since.

        What other replicas have started since then still counts as waiting.
        """
        with self._lock:
            if time.monotonic() - self._look.time > oldest_s:
                with self._reader.connect() as connection:
                    self._look = Look(time.monotonic(), _lines(connection), _runs(connection), _slots(connection))
            return self._look

    def count(self, job: JobRecord) -> None:
        """Counts a job that has just been queued, until the next look finds it."""
        place = (job.create_time, job.id)
        with self._lock:
            line = self._look.lines[job.tenant, job.priority]
            if place not in line[-_RECENT:]:  # it may have been found already
                insort(line, place)

    def uncount(self, job: JobRecord) -> None:
        """No longer counts a job that has just left the queue."""
        with self._lock, suppress(ValueError):  # of another replica, and not yet found
            self._look.lines[job.tenant, job.priority].remove((job.create_time, job.id))

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
        """What each tenant with open jobs, datasets or files of jobs holds."""
        with self._reader.connect() as connection:
            held, waiting, stored = running(connection), _waiting(connection), kept_by_tenant(connection)
        return {
            tenant: replace(held.get(tenant, Use()), queued_jobs=waiting[tenant], stored_bytes=stored[tenant])
            for tenant in sorted({*held, *waiting, *stored})
        }


def _lines(connection: Connection) -> Lines:
    statement = select(jobs.tenant, jobs.priority, jobs.create_time, jobs.id).where(jobs.state == State.QUEUED)
    lines: Lines = defaultdict(list)
    for tenant, priority, create_time, job in connection.execute(statement.order_by(jobs.create_time, jobs.id)):
        lines[tenant, priority].append((create_time, job))
    return lines


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

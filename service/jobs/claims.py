"""Which replica has which jobs. Each method is one transaction.

A replica holds a lease, a row that it renews; a job is had by the replica that is its owner, as long as that replica's row is
there. So whoever removes the row of a replica, itself at its end or others after its lease, frees its jobs in one statement.
All times are the database's: machines' clocks need not agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select, text, update

from service.jobs import queue, tables
from service.jobs.errors import ReplicaNotFound
from service.jobs.quotas import Quota
from service.jobs.records import Replica, Use
from service.jobs.states import OPEN, State

_CLAIM_LOCK = 0x7472_6170  # any number that all replicas agree on
STARTED = OPEN - {State.QUEUED}
jobs, replicas = tables.jobs.c, tables.replicas.c

HAD = jobs.owner.in_(select(replicas.id))
WAITING = and_(jobs.state == State.QUEUED, ~HAD)
RUNNING = or_(jobs.state.in_(STARTED), and_(jobs.state == State.QUEUED, HAD))


class Lease(StrEnum):
    """How a replica's lease stands."""

    HELD = "held"
    DRAINING = "draining"
    LOST = "lost"


class Claims:
    """Leases of replicas, and the jobs they have taken.

    Args:
        writer: For transactions that write.
        reader: For single statements that read.
    """

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def join(self, replica: str, host: str, slots: int, lease_s: float) -> None:
        """Gives a replica a lease. What it had in an earlier life is free again.

        Args:
            replica: Its id.
            host: The machine it is on.
            slots: Jobs that it starts at once at most.
            lease_s: How long the lease lasts unless it is renewed.
        """
        with self._writer.begin() as connection:
            _free(connection, replica)
            now = _now(connection)
            connection.execute(
                insert(tables.replicas).values(
                    id=replica,
                    host=host,
                    start_time=now,
                    lease_expire_time=now + timedelta(seconds=lease_s),
                    draining=False,
                    max_running_jobs=slots,
                )
            )

    def keep(self, replica: str, lease_s: float) -> Lease:
        """Renews a lease of which a third has passed, and tells how it stands."""
        with self._writer.begin() as connection:
            row = connection.execute(select(tables.replicas).where(replicas.id == replica)).one_or_none()
            if row is None:
                return Lease.LOST
            now = _now(connection)
            if row.lease_expire_time - now < timedelta(seconds=lease_s * 2 / 3):
                until = now + timedelta(seconds=lease_s)
                renewed = connection.execute(
                    update(tables.replicas).where(replicas.id == replica).values(lease_expire_time=until)
                )
                if renewed.rowcount == 0:
                    return Lease.LOST  # to one that removed it meanwhile
            return Lease.DRAINING if row.draining else Lease.HELD

    def leave(self, replica: str) -> None:
        """Ends a lease; the replica's jobs are free at once."""
        with self._writer.begin() as connection:
            _free(connection, replica)

    def release(self, replica: str) -> None:
        """Frees the jobs of a replica that keeps its lease."""
        with self._writer.begin() as connection:
            _let_go(connection, replica)

    def drain(self, replica: str, draining: bool) -> Replica:
        """Stores whether a replica shall take jobs; it learns of it when it next looks at its lease.

        Raises:
            ReplicaNotFound: No replica of this id holds a lease.
        """
        with self._writer.begin() as connection:
            told = connection.execute(update(tables.replicas).where(replicas.id == replica).values(draining=draining))
            if told.rowcount == 0:
                raise ReplicaNotFound(replica)
            return next(each for each in members(connection) if each.id == replica)

    def take_over(self, replica: str) -> list[str]:
        """Takes all jobs that have been started and that nobody has, those of replicas whose lease is over included.

        Returns:
            Ids of the jobs, oldest first.
        """
        with self._writer.begin() as connection:
            over = select(replicas.id).where(replicas.lease_expire_time < _now(connection))
            connection.execute(delete(tables.replicas).where(replicas.id.in_(over.with_for_update(skip_locked=True))))
            found = select(jobs.id).where(jobs.state.in_(STARTED), ~HAD).order_by(jobs.create_time, jobs.id)
            # Another replica takes those that are locked, or this one the next time.
            ids = list(connection.scalars(found.with_for_update(skip_locked=True, of=tables.jobs)))
            if ids:
                connection.execute(update(tables.jobs).where(jobs.id.in_(ids)).values(owner=replica))
            return ids

    def claim(self, replica: str, quota_of: Callable[[str], Quota]) -> str | None:
        """Takes the waiting job whose turn it is.

        Of all replicas one claims at a time, so that no quota is exceeded.

        Returns:
            Its id; None when no job may start now.
        """
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
            chosen = queue.choose(_heads(connection), running(connection), quota_of)
            if chosen is None:
                return None
            still = and_(jobs.id == chosen.job, jobs.state == State.QUEUED)  # unless a cancel came first
            done = connection.execute(update(tables.jobs).where(still).values(owner=replica))
            return chosen.job if done.rowcount else None

    def overdue(self) -> list[str]:
        """Ids of the jobs that have waited longer than they may."""
        with self._reader.connect() as connection:
            now = _now(connection)
            limited = select(jobs.id, jobs.create_time, jobs.queue_timeout_s).where(
                WAITING, jobs.queue_timeout_s.is_not(None)
            )
            return [
                row.id
                for row in connection.execute(limited)
                if row.create_time + timedelta(seconds=row.queue_timeout_s) < now
            ]


def running(connection: Connection) -> dict[str, Use]:
    """What the running jobs of each tenant hold."""
    sums = (func.count().label("running_jobs"), func.sum(jobs.cpus).label("cpus"), func.sum(jobs.gpus).label("gpus"))
    statement = select(jobs.tenant, *sums).where(jobs.state.in_(OPEN), RUNNING).group_by(jobs.tenant)
    found = [dict(row) for row in connection.execute(statement).mappings()]
    return {row.pop("tenant"): Use(**row) for row in found}


def members(connection: Connection) -> list[Replica]:
    """The replicas that hold a lease, oldest first."""
    had = select(func.count()).where(jobs.owner == replicas.id, jobs.state.in_(OPEN)).scalar_subquery()
    statement = select(tables.replicas, had.label("running_jobs")).order_by(replicas.start_time, replicas.id)
    return [Replica(**row) for row in connection.execute(statement).mappings()]


def _heads(connection: Connection) -> list[queue.Head]:
    place = func.row_number().over(partition_by=jobs.tenant, order_by=(jobs.priority.desc(), jobs.create_time, jobs.id))
    waiting = select(
        jobs.id.label("job"), jobs.tenant, jobs.priority, jobs.create_time, jobs.cpus, jobs.gpus, place.label("place")
    )
    first = waiting.where(WAITING).subquery()
    earlier = tables.jobs.alias().c
    served = select(func.max(earlier.start_time)).where(earlier.tenant == first.c.tenant).scalar_subquery()
    columns = [column for column in first.c if column.name != "place"]
    statement = select(*columns, served.label("served")).where(first.c.place == 1)
    return [queue.Head(**row) for row in connection.execute(statement).mappings()]


def _free(connection: Connection, replica: str) -> None:
    _let_go(connection, replica)
    connection.execute(delete(tables.replicas).where(replicas.id == replica))


def _let_go(connection: Connection, replica: str) -> None:
    connection.execute(update(tables.jobs).where(jobs.state.in_(OPEN), jobs.owner == replica).values(owner=""))


def _now(connection: Connection) -> datetime:
    """The database's time; SQLite's is that of this machine, the only one that uses the file."""
    if connection.dialect.name == "postgresql":
        time: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return time
    return datetime.now(UTC)

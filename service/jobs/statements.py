"""The statements of the store, each on a connection that the store has opened.

Those that every call runs are built once: building one takes longer than running it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from service.jobs import tables
from service.jobs.changes import Reported
from service.jobs.errors import IllegalMove, JobNotFound, RequestIdReused
from service.jobs.records import EventRecord, JobRecord, NewJob
from service.jobs.rows import event_row, job_changes, job_record, job_row, log_row
from service.jobs.states import State

HEAVY = frozenset({"spec", "history", "report"})


def columns(heavy: frozenset[str]) -> list[ColumnElement[Any]]:
    """The columns of jobs, of the heavy ones only those named."""
    return [column for column in tables.jobs.columns if column.name not in HEAVY - heavy]


def get(connection: Connection, job: str, heavy: frozenset[str], lock: bool = False) -> JobRecord:
    """Reads a job, and with `lock` keeps others from changing it; raises JobNotFound."""
    row = connection.execute(_by_id(heavy, lock), {"job": job}).mappings().one_or_none()
    if row is None:
        raise JobNotFound(job)
    return job_record(row)


def get_all(connection: Connection, jobs: Sequence[str], heavy: frozenset[str]) -> dict[str, JobRecord]:
    """Reads jobs by id; those that are not there are left out."""
    rows = connection.execute(_by_ids(heavy), {"jobs": list(jobs)}).mappings()
    return {row["id"]: job_record(row) for row in rows}


def answered(connection: Connection, new: NewJob) -> JobRecord | None:
    """The job that this request made when it came before; a job that has failed does not keep its id."""
    if not new.request_id:
        return None
    requests = tables.requests.c
    same_id = and_(requests.tenant == new.tenant, requests.request_id == new.request_id)
    found = connection.execute(select(requests.digest, requests.job).where(same_id)).one_or_none()
    if found is None:
        return None
    state = connection.scalar(select(tables.jobs.c.state).where(tables.jobs.c.id == found.job))
    if state == State.FAILED:
        return None
    if found.digest != new.request_digest:
        raise RequestIdReused(new.request_id, found.job)
    return get(connection, found.job, HEAVY)


def add_jobs(connection: Connection, made: Sequence[tuple[JobRecord, Sequence[EventRecord]]]) -> None:
    """Adds new jobs with their events and labels, and gives them the ids of their requests."""
    add(connection, tables.jobs, [job_row(job) for job, _ in made])
    add(connection, tables.events, [event_row(job.id, event) for job, events in made for event in events])
    labels = [{"job": job.id, "key": key, "value": value} for job, _ in made for key, value in job.labels.items()]
    add(connection, tables.labels, labels)
    for job, _ in made:
        _claim(connection, job)


def save_told(connection: Connection, job: str, number: int, told: Reported) -> None:
    """Adds logs and trials of an attempt; the latest version of a trial takes the place of the earlier one."""
    add(connection, tables.logs, [log_row(job, number, event) for event in told.logs])
    if told.trials:
        trials = tables.trials
        connection.execute(delete(trials).where(trials.c.job == job, trials.c.number.in_(told.trials)))
        add(connection, trials, [{"job": job, "number": n, "trial": trial} for n, trial in told.trials.items()])


def save(connection: Connection, before: JobRecord, after: JobRecord, events: Sequence[EventRecord]) -> None:
    """Writes how a job has changed, with its events; raises IllegalMove when it is no longer as it was before."""
    values = job_changes(before, after)
    if values:
        # The row is locked already where the database can; elsewhere, and against mistakes, this is the compare-and-set.
        same = and_(tables.jobs.c.state == before.state, tables.jobs.c.last_sequence == before.last_sequence)
        done = connection.execute(update(tables.jobs).where(tables.jobs.c.id == before.id, same).values(values))
        if done.rowcount != 1:
            raise IllegalMove(before.id, before.state, after.state)
    add(connection, tables.events, [event_row(before.id, event) for event in events])


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Adds rows, if there are any."""
    if rows:
        connection.execute(_inserting(table), rows)


def _claim(connection: Connection, job: JobRecord) -> None:
    """Gives a new job the id of its request."""
    if not job.request_id:
        return
    key = {"tenant": job.tenant, "request_id": job.request_id}
    # Frees the id of a job that has failed; never that of a job which the same request has made meanwhile.
    failed = tables.requests.c.job.in_(select(tables.jobs.c.id).where(tables.jobs.c.state == State.FAILED))
    connection.execute(delete(tables.requests).filter_by(**key).where(failed))
    add(connection, tables.requests, [{**key, "digest": job.request_digest, "job": job.id}])


@cache
def _by_id(heavy: frozenset[str], lock: bool) -> Select[Any]:
    statement = select(*columns(heavy)).where(tables.jobs.c.id == bindparam("job"))
    return statement.with_for_update() if lock else statement


@cache
def _by_ids(heavy: frozenset[str]) -> Select[Any]:
    return select(*columns(heavy)).where(tables.jobs.c.id.in_(bindparam("jobs", expanding=True)))


@cache
def _inserting(table: Table) -> Insert:
    return insert(table)

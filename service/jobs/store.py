"""Remembers jobs. Each method is one transaction, and each change of a job is written with its events or not at all."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from cluster.events import RunnerEvent
from service.jobs import changes, statements, tables
from service.jobs.aging import Aging
from service.jobs.backlog import Backlog
from service.jobs.catalog import Catalog
from service.jobs.claims import Claims
from service.jobs.database import migrate, open_database, revisions
from service.jobs.errors import IllegalMove, JobsError, NotTerminal, RequestIdReused
from service.jobs.queries import job_page, job_token, read_token, write_token
from service.jobs.records import (
    EventRecord,
    JobError,
    JobQuery,
    JobRecord,
    LogQuery,
    LogRecord,
    NewJob,
)
from service.jobs.rows import LEVELS, job_record
from service.jobs.statements import HEAVY
from service.jobs.states import OPEN, State
from service.jobs.storage import Storage


class Store:
    """The jobs database. Safe to use from several threads.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://...``; its tables are brought up to date.

    Attributes:
        datasets: The uploaded tables.
        claims: Which replica has which jobs.
        backlog: What waits.
        aging: What has been kept long enough.
        storage: How much tenants keep on disk.
    """

    def __init__(self, url: str) -> None:
        self._writer, self._reader = open_database(url)
        migrate(self._writer)
        self.datasets = Catalog(self._writer, self._reader)
        self.claims, self.backlog = Claims(self._writer, self._reader), Backlog(self._reader)
        self.aging, self.storage = Aging(self._writer, self._reader), Storage(self._writer, self._reader)

    def close(self) -> None:
        """Closes the connections."""
        self._writer.dispose()
        self._reader.dispose()

    def revisions(self) -> tuple[str, str]:
        """Returns the revision that the tables are at, and the newest that this program knows."""
        return revisions(self._reader)

    # Jobs

    def create(self, new: NewJob, output: str) -> tuple[JobRecord, bool]:
        """Stores a job, unless its request was answered before.

        Args:
            new: The job.
            output: Folder of its files.

        Returns:
            The job, and whether it was made now. A request id of a job that has FAILED is free again.

        Raises:
            RequestIdReused: The request id came before with another body.
        """
        try:
            return self._create([(new, output)])[0]
        except IntegrityError:  # the same request came twice at once: the other one has made the job
            return self._create([(new, output)])[0]

    def create_all(self, asked: Sequence[tuple[NewJob, str]]) -> list[tuple[JobRecord, bool] | Exception]:
        """Stores jobs under one commit, each as `create` would, and returns what it would return or raise."""
        if len(asked) > 1:
            with suppress(IntegrityError, JobsError):  # one of them cannot be made: each for itself
                return [*self._create(asked)]
            return [answer for each in asked for answer in self.create_all([each])]
        try:
            return [self.create(*each) for each in asked]
        except JobsError as error:
            return [error]

    def answered(self, new: NewJob) -> JobRecord | None:
        """Returns the job that the request of a new job made when it came before, as `create` would.

        Raises:
            RequestIdReused: The request id came before with another body.
        """
        with self._reader.connect() as connection:
            return statements.answered(connection, new)

    def adopt(self, new: NewJob, output: str, told: Sequence[RunnerEvent], report: dict[str, Any]) -> JobRecord:
        """Stores a run that ended well without the service, as a job with its report, events, trials and logs.

        Args:
            new: The job.
            output: Folder of its files.
            told: What the run has reported.
            report: Its report.
        """
        result, events = changes.adopted(new, output, told)
        job = replace(result.job, report=report)
        try:
            with self._writer.begin() as connection:
                statements.add_jobs(connection, [(job, events)])
                statements.save_told(connection, job.id, job.attempts[-1].number, result)
        except IntegrityError:  # the same run came twice at once: the other call has made the job
            return self.get(job.id)
        return job

    def get(self, job: str, heavy: frozenset[str] = HEAVY) -> JobRecord:
        """Returns a job with the given heavy fields.

        Raises:
            JobNotFound: There is none.
        """
        with self._reader.connect() as connection:
            return statements.get(connection, job, heavy)

    def get_all(self, jobs: Sequence[str], heavy: frozenset[str] = HEAVY) -> dict[str, JobRecord]:
        """Returns the jobs that there are, by id, with the given heavy fields."""
        with self._reader.connect() as connection:
            return statements.get_all(connection, jobs, heavy)

    def tenant_of(self, job: str) -> str | None:
        """Returns the tenant that a job belongs to; None when there is no such job."""
        with self._reader.connect() as connection:
            return connection.scalar(select(tables.jobs.c.tenant).where(tables.jobs.c.id == job))

    def last_sequence(self, job: str) -> int:
        """Returns the sequence of a job's latest event; 0 when there is no such job."""
        with self._reader.connect() as connection:
            found = connection.scalar(select(tables.jobs.c.last_sequence).where(tables.jobs.c.id == job))
            return int(found or 0)

    def list_jobs(self, query: JobQuery) -> tuple[list[JobRecord], str]:
        """Returns a page of jobs and the token of the next one, empty on the last.

        Raises:
            InvalidFilter, InvalidOrder, InvalidPageToken: The query cannot be read.
        """
        with self._reader.connect() as connection:
            rows = connection.execute(job_page(query, select(*statements.columns(query.heavy)))).mappings().all()
        found = [job_record(row) for row in rows[: query.page_size]]
        if len(rows) <= query.page_size:
            return found, ""
        last = found[-1]
        time = last.update_time if query.order_by.startswith("update_time") else last.create_time
        return found, job_token(query, time, last.id)

    def open_jobs(self) -> list[JobRecord]:
        """Returns all jobs that have not ended, oldest first, without history."""
        jobs = tables.jobs.c
        statement = (
            select(*statements.columns(frozenset({"spec"})))
            .where(jobs.state.in_(OPEN))
            .order_by(jobs.create_time, jobs.id)
        )
        with self._reader.connect() as connection:
            return [job_record(row) for row in connection.execute(statement).mappings()]

    def jobs_by_state(self) -> dict[tuple[str, str], int]:
        """Returns the number of jobs by tenant and state."""
        jobs = tables.jobs.c
        statement = select(jobs.tenant, jobs.state, func.count()).group_by(jobs.tenant, jobs.state)
        with self._reader.connect() as connection:
            return {(tenant, state): count for tenant, state, count in connection.execute(statement)}

    def move(
        self,
        job: str,
        expected: State,
        to: State,
        error: JobError | None = None,
        report: dict[str, Any] | None = None,
    ) -> JobRecord:
        """Moves a job on, if it is still where it is expected.

        Raises:
            JobNotFound: There is no such job.
            IllegalMove: It is elsewhere, or there is no such move.
        """

        def change(found: JobRecord, now: datetime) -> tuple[JobRecord, Sequence[EventRecord]]:
            if found.state is not expected:
                raise IllegalMove(job, found.state, to)
            after, event = changes.moved(found, to, now, error)
            return replace(after, report=report), [event]

        after = self._change(job, change)
        if expected is State.QUEUED:
            self.backlog.uncount(after)
        return after

    def replace_report(self, job: str, report: dict[str, Any]) -> None:
        """Stores the report of a job that has succeeded anew: it has been published since."""
        with self._writer.begin() as connection:
            jobs = tables.jobs.c
            done = and_(jobs.id == job, jobs.state == State.SUCCEEDED)
            connection.execute(update(tables.jobs).where(done).values(report=report, update_time=_now()))

    def retry(self, job: str, number: int, error: JobError) -> JobRecord:
        """Closes the running attempt, whose number is given, with an error and opens the next one.

        Raises:
            IllegalMove: The job does not run, or runs another attempt.
        """

        def change(found: JobRecord, now: datetime) -> tuple[JobRecord, Sequence[EventRecord]]:
            running = found.state in (State.WAITING_FOR_RESOURCES, State.RUNNING)
            if not running or found.attempts[-1].number != number:
                raise IllegalMove(job, found.state, State.RUNNING)
            return changes.retried(found, error, now), []

        return self._change(job, change)

    def append(self, job: str, number: int, events: Sequence[RunnerEvent]) -> JobRecord:
        """Stores what the runner of an attempt has reported. What is stored already is skipped.

        Events of an attempt that is not the current one, or of a job that has ended, are dropped.
        """
        with self._writer.begin() as connection:
            before = statements.get(connection, job, HEAVY, lock=True)
            if before.is_terminal or not before.attempts or before.attempts[-1].number != number:
                return before
            result = changes.reported(before, events, _now())
            statements.save(connection, before, result.job, result.events)
            statements.save_told(connection, job, number, result)
            return result.job

    def delete(self, job: str, request_id: str = "") -> None:
        """Deletes a job that has ended with all that is stored of it, but for the claim of the request that deletes it.

        Raises:
            JobNotFound: There is none.
            NotTerminal: It has not ended.
        """
        with self._writer.begin() as connection:
            found = statements.get(connection, job, frozenset(), lock=True)
            if not found.is_terminal:
                raise NotTerminal(job, found.state)
            requests = tables.requests.c
            connection.execute(delete(tables.requests).where(requests.job == job, requests.request_id != request_id))
            connection.execute(delete(tables.jobs).where(tables.jobs.c.id == job))

    def claim(self, request_id: str, digest: str, job: str, tenant: str) -> bool:
        """Remembers a tenant's request about an existing job, other than the one that made it.

        Returns:
            Whether the same request came before.

        Raises:
            JobNotFound: There is no such job, and the request did not come before.
            RequestIdReused: The request id came before with another body.
        """
        with self._writer.begin() as connection:
            requests = tables.requests.c
            same_id = and_(requests.tenant == tenant, requests.request_id == request_id)
            found = connection.execute(select(requests.digest, requests.job).where(same_id)).one_or_none()
            if found is not None and found.digest != digest:
                raise RequestIdReused(request_id, found.job)
            if found is None:
                statements.get(connection, job, frozenset())
                row = {"tenant": tenant, "request_id": request_id, "digest": digest, "job": job}
                statements.add(connection, tables.requests, [row])
            return found is not None

    # What belongs to a job

    def events(self, job: str, after: int, limit: int = 500) -> list[EventRecord]:
        """Returns at most ``limit`` events that follow a sequence, oldest first."""
        events = tables.events.c
        statement = (
            select(events.sequence, events.time, events.attempt, events.event)
            .where(events.job == job, events.sequence > after)
            .order_by(events.sequence)
            .limit(limit)
        )
        with self._reader.connect() as connection:
            return [EventRecord(**row) for row in connection.execute(statement).mappings()]

    def logs(self, job: str, query: LogQuery) -> list[LogRecord]:
        """Returns log lines, oldest first."""
        logs = tables.logs.c
        wanted: list[ColumnElement[bool]] = [logs.job == job, logs.number > query.after]
        wanted.append(logs.level >= LEVELS.index(query.min_level))
        if query.contains:
            # LIKE minds case on one database and not on the other; this does on both.
            wanted.append(func.replace(logs.text, query.contains, "") != logs.text)
        if query.attempt:
            wanted.append(logs.attempt == query.attempt)
        if query.start_time:
            wanted.append(logs.time >= query.start_time)
        if query.end_time:
            wanted.append(logs.time < query.end_time)
        statement = select(tables.logs).where(*wanted).order_by(logs.number).limit(query.limit)
        with self._reader.connect() as connection:
            return [
                LogRecord(row.number, row.time, row.attempt, LEVELS[row.level], row.text, row.logger)
                for row in connection.execute(statement)
            ]

    def trials(self, job: str, page_size: int = 100, page_token: str = "") -> tuple[list[dict[str, Any]], str]:
        """Returns a page of a job's trials, by number, and the token of the next one.

        Raises:
            InvalidPageToken: The token is of another list.
        """
        trials = tables.trials.c
        list_name = f"trials of {job}"
        statement = select(trials.number, trials.trial).where(trials.job == job).order_by(trials.number)
        if page_token:
            statement = statement.where(trials.number > read_token(page_token, list_name, int)[0])
        with self._reader.connect() as connection:
            rows = connection.execute(statement.limit(page_size + 1)).all()
        page = rows[:page_size]
        return [row.trial for row in page], write_token([page[-1].number], list_name) if len(rows) > page_size else ""

    def _create(self, asked: Sequence[tuple[NewJob, str]]) -> list[tuple[JobRecord, bool]]:
        with self._writer.begin() as connection:
            earlier = [statements.answered(connection, new) for new, _ in asked]
            made = [changes.accepted(new, output, _now()) for new, output in asked]
            answers = [(old, False) if old else (job, True) for old, (job, _) in zip(earlier, made, strict=True)]
            fresh = [(job, [event]) for (job, event), old in zip(made, earlier, strict=True) if old is None]
            statements.add_jobs(connection, fresh)
            return answers

    def _change(
        self, job: str, change: Callable[[JobRecord, datetime], tuple[JobRecord, Sequence[EventRecord]]]
    ) -> JobRecord:
        with self._writer.begin() as connection:
            before = statements.get(connection, job, HEAVY, lock=True)
            after, events = change(before, _now())
            statements.save(connection, before, after, events)
            return after


def _now() -> datetime:
    return datetime.now(UTC)

"""Streams that follow a job: events and log lines, until the job has ended or the service stops."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields, replace

from service.api.errors import Stopping
from service.api.requests import ReadLogs, WatchTrainingJob
from service.api.resources import ALL, event_message, job_message, log_message
from service.jobs.batching import Batched
from service.jobs.errors import JobNotFound
from service.jobs.manager import Manager
from service.jobs.records import JobRecord, LogQuery
from service.jobs.statements import HEAVY
from service.jobs.store import Store
from trainers.errors import SpecError, Violation
from trainwright.v1 import training_service_pb2 as pb

IN_SNAPSHOTS = ALL - {"report"}
LONGEST_WAIT_S = 1.0  # then the store is asked again: a log line may come between reading and waiting


@dataclass(frozen=True)
class News:
    """What has come of a job after a sequence.

    Attributes:
        messages: Its events, oldest first.
        job: The job as it was after them, without its heavy fields.
    """

    messages: tuple[pb.WatchTrainingJobResponse, ...]
    job: JobRecord


class Streams:
    """Follows jobs.

    Args:
        manager: Tells when a job has changed.
        store: What is read.
        stopping: Set when the service stops; ends every stream.
    """

    def __init__(self, manager: Manager, store: Store, stopping: asyncio.Event) -> None:
        self._manager, self._store, self._stopping = manager, store, stopping
        self._news = Batched(self._read)

    async def watch(self, asked: WatchTrainingJob) -> AsyncIterator[pb.WatchTrainingJobResponse]:
        """Sends the job as it is, then each event after the given sequence, once and in order."""
        job = await asyncio.to_thread(self._store.get, asked.name, HEAVY & IN_SNAPSHOTS)
        seen = asked.after_sequence
        if seen > job.last_sequence:
            raise SpecError([Violation("after_sequence", f"is {seen}, but the latest event is {job.last_sequence}")])
        snapshot = await asyncio.to_thread(job_message, job, IN_SNAPSHOTS, self._store.backlog.standing)
        yield pb.WatchTrainingJobResponse(snapshot=snapshot)
        while not self._stopping.is_set():
            news = await self._news((job.id, seen))
            for message in news.messages:
                yield message
                seen = message.event.sequence
            job = news.job
            if seen == job.last_sequence:
                if job.is_terminal:
                    return
                await self._change(job)
        raise Stopping

    async def logs(self, asked: ReadLogs) -> AsyncIterator[pb.ReadLogsResponse]:
        """Sends the lines there are and, when asked to follow, those that come."""
        job, query = await asyncio.to_thread(self._store.get, asked.name, frozenset()), _query(asked)
        while not self._stopping.is_set():
            lines = await asyncio.to_thread(self._store.logs, asked.name, query)
            for line in lines:
                yield pb.ReadLogsResponse(line=log_message(line))
                query = replace(query, after=line.number)
            if lines:
                continue
            if job.is_terminal or not asked.follow:
                return
            await self._change(job)
            job = await asyncio.to_thread(self._store.get, asked.name, frozenset())
        raise Stopping

    def _read(self, asked: Sequence[tuple[str, int]]) -> Sequence[News | Exception]:
        """Reads and builds once what all who follow a job, and are as far, are sent."""
        return [self._news_of(job, seen) for job, seen in asked]

    def _news_of(self, job: str, seen: int) -> News | Exception:
        try:
            events = self._store.events(job, seen)
            messages = tuple(pb.WatchTrainingJobResponse(event=event_message(event)) for event in events)
            return News(messages, self._store.get(job, frozenset()))
        except JobNotFound as error:
            return error

    async def _change(self, job: JobRecord) -> None:
        """Waits for news of the job, or for the service to stop."""
        change = asyncio.create_task(self._manager.wait_for_change(job.id, job.last_sequence, LONGEST_WAIT_S))
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((change, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            change.cancel()
            stop.cancel()


def _query(asked: ReadLogs) -> LogQuery:
    """The same conditions, by the same names."""
    same = {field.name: getattr(asked, field.name) for field in fields(LogQuery) if hasattr(asked, field.name)}
    return LogQuery(**same, after=asked.after_number)

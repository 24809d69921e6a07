"""Takes one job from its place in the queue to its end.

The store is the truth. Each step reads where the job stands, does one thing, and stores it; so a step that was cut off
anywhere, or overtaken by a cancel, is made good by reading again and going on from there.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.rpc import code_pb2

from cluster.events import Outcome, RunError
from service.jobs.attempt import Attempt, Run
from service.jobs.changes import standing
from service.jobs.deadlines import Deadlines, queue_timeout
from service.jobs.errors import IllegalMove
from service.jobs.records import JobError, JobRecord
from service.jobs.retries import described, may_retry
from service.jobs.states import State
from service.jobs.store import Store
from service.jobs.threads import Threads
from trainers.errors import Violation

MakeRun = Callable[[JobRecord, int], Run]


class Driver:
    """Drives jobs; one call of `drive` a job at a time.

    Args:
        store: Remembers the jobs.
        make_run: Makes what an attempt of a job runs, from the job and the attempt's number.
        user_errors: Exceptions of a run that the caller can mend, with their google.rpc.Code. They are never retried.
        threads: For calls that block.
        changed: Called with a job's id when it has changed.
        ended: Called with each job that has ended.
    """

    def __init__(
        self,
        store: Store,
        make_run: MakeRun,
        user_errors: Mapping[type[Exception], int],
        threads: Threads,
        changed: Callable[[str], None],
        ended: Callable[[JobRecord], None],
    ) -> None:
        self._store, self._make_run, self._user_errors = store, make_run, user_errors
        self._threads, self._changed, self._ended = threads, changed, ended

    async def drive(self, job_id: str) -> None:
        """Starts the job if it is queued, and follows it to its end."""
        deadlines = Deadlines()
        while True:
            job = await self._threads.call(self._store.get, job_id)
            try:
                if job.is_terminal:
                    return
                if job.state is State.QUEUED:
                    await self._move(job, State.WAITING_FOR_RESOURCES)
                else:
                    await self._attempt(job, deadlines)
            except IllegalMove:
                continue  # a cancel came first

    async def expire(self, job_id: str) -> None:
        """Fails a job that has been queued for too long, unless it has been moved meanwhile."""
        job = await self._threads.call(self._store.get, job_id)
        if job.state is State.QUEUED:
            await self._move(job, State.FAILED, queue_timeout(job))

    async def _attempt(self, job: JobRecord, deadlines: Deadlines) -> None:
        """Follows the current attempt until it has ended or the job is to be stopped."""
        attempt = await self._threads.call(Attempt, job.id, job.attempts[-1].number, Path(job.output))
        begins = job.state is not State.CANCELLING and not attempt.has_begun
        if begins and (failed := await self._start(job, attempt)):
            return await self._end(job, attempt, failed)
        while True:
            if job.state is State.CANCELLING:
                return await self._stop(job, attempt, State.CANCELLED, None)
            if overdue := deadlines.overdue(job):
                return await self._stop(job, attempt, State.FAILED, overdue)
            news = await self._threads.call(attempt.poll, job.attempts[-1].pulled)
            if news is None:
                job = await self._threads.call(self._store.get, job.id)
                continue
            if news.events:
                job = await self._threads.call(self._store.append, job.id, attempt.number, news.events)
                self._changed(job.id)
            job = await self._stand(job)
            if news.outcome is not None:
                return await self._end(job, attempt, news.outcome)
            if not news.events:
                job = await self._threads.call(self._store.get, job.id)

    async def _start(self, job: JobRecord, attempt: Attempt) -> Outcome | None:
        """Starts the run; one that cannot even be made is a failed attempt like any other, and is returned as that."""
        try:
            run = await self._threads.call(self._make_run, job, attempt.number)
        except Exception as error:
            return Outcome(error=RunError("system", type(error).__name__, str(error)))
        await self._threads.call(attempt.start, run, tuple(self._user_errors))
        return None

    async def _stand(self, job: JobRecord) -> JobRecord:
        """Has the job wait or run, as its run says."""
        if job.state in (standing(job), State.CANCELLING):
            return job
        return await self._move(job, standing(job))

    async def _stop(self, job: JobRecord, attempt: Attempt, to: State, error: JobError | None) -> None:
        """Ends the run, keeps what it had reported, and then the job."""
        await self._threads.call(attempt.kill)
        for events in await self._threads.call(list, attempt.rest(job.attempts[-1].pulled)):
            await self._threads.call(self._store.append, job.id, attempt.number, events)
        await self._move(job, to, error)

    async def _end(self, job: JobRecord, attempt: Attempt, outcome: Outcome) -> None:
        """Stores how an attempt ended. The runner goes first: its outcome stays in the journal, so nothing is orphaned."""
        await self._threads.call(attempt.kill)
        error, report = outcome.error, None
        if error is None:
            try:
                report = await self._threads.call(_read_report, outcome.result)
            except (OSError, ValueError) as problem:
                error = RunError("system", type(problem).__name__, f"the report cannot be read: {problem}")
        if error is None:
            await self._move(job, State.SUCCEEDED, report=report)
        elif may_retry(job, error):
            await self._threads.call(self._store.retry, job.id, attempt.number, self._describe(error))
            self._changed(job.id)
        else:
            await self._move(job, State.FAILED, self._describe(error))

    async def _move(
        self, job: JobRecord, to: State, error: JobError | None = None, report: dict[str, Any] | None = None
    ) -> JobRecord:
        moved = await self._threads.call(self._store.move, job.id, job.state, to, error, report)
        self._changed(job.id)
        if moved.is_terminal:
            self._ended(moved)
        return moved

    def _describe(self, error: RunError) -> JobError:
        codes = {kind.__name__: code for kind, code in self._user_errors.items()}
        if error.kind == "user":
            violations = tuple(Violation(**each) for each in error.violations)
            return JobError(codes.get(error.type, code_pb2.INVALID_ARGUMENT), error.message, "user", violations)
        return described(error)


def _read_report(result: Any) -> dict[str, Any]:
    report = json.loads(Path(result["report"]).read_text(encoding="utf-8"))
    if not isinstance(report, dict):
        raise ValueError("it is no JSON object")
    return report

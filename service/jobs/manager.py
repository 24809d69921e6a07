"""Takes orders about jobs, and has them carried out; the only writer of job state."""

import asyncio
import hashlib
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from google.rpc import code_pb2

from service import logs, tracing
from service.jobs.admission import Admission
from service.jobs.batching import Batched
from service.jobs.dispatcher import Dispatcher, Seat
from service.jobs.driver import Driver, MakeRun
from service.jobs.errors import Draining, IllegalMove, JobNotFound, NotTerminal, QuotaExceeded, RequestIdReused
from service.jobs.quotas import Quotas
from service.jobs.records import JobError, JobRecord, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.jobs.threads import Threads
from trainers.errors import SpecError

T = TypeVar("T")
_LONGEST_PAUSE_S = 30.0
_ALONE, _NO_LIMITS = Seat(), Quotas()
logger = logging.getLogger(__name__)


class Manager:
    """Runs the jobs of one store on the Ray that the program is connected to.

    Args:
        store: Remembers the jobs.
        make_run: Makes what an attempt of a job runs, from the job and the attempt's number.
        folder: Where each job gets its folder; the cluster must see it under the same path.
        max_running: Jobs that run at once here; further ones are queued.
        user_errors: Exceptions of a run that the caller can mend, with their google.rpc.Code.
        ended: Called with each job that has ended.
        seat: Who this program is among the replicas of the service.
        quotas: What tenants may hold.
        max_queued: Jobs of all tenants that may wait.
        forget: Removes what is kept of a deleted job, by its id, outside its folder.
    """

    def __init__(
        self,
        store: Store,
        make_run: MakeRun,
        folder: Path,
        max_running: int = 4,
        user_errors: Mapping[type[Exception], int] | None = None,
        ended: Callable[[JobRecord], None] = lambda job: None,
        seat: Seat = _ALONE,
        quotas: Quotas = _NO_LIMITS,
        max_queued: int = 10_000,
        forget: Callable[[str], None] = lambda job: None,
    ) -> None:
        self._store, self._folder, self._ended, self._forget = store, folder, ended, forget
        self._threads = Threads(2 * max_running + 8)
        self._calls: set[asyncio.Task[Any]] = set()
        self._waiting: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._admission = Admission(store.backlog, store.storage, quotas, max_queued)
        self._driver = Driver(store, make_run, user_errors or {}, self._threads, self._changed, ended)
        drive = partial(self._persist, self._follow)
        self._dispatcher = Dispatcher(store.claims, seat, max_running, quotas.of, drive, self._driver.expire)
        self._creates, self._sequences = Batched(self._create_all), Batched(self._last_sequences)

    async def start(self) -> None:
        """Takes up the jobs that have been started and that no other replica has. Call it before the first request."""
        await self._dispatcher.start()

    async def hand_over(self) -> None:
        """Lets go of all jobs and takes no new ones. They go on on the cluster, and other replicas follow them."""
        await self._dispatcher.hand_over()

    async def stop(self) -> None:
        """Hands over, and waits for the calls under way. With no other replica, the next start takes the jobs up."""
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._dispatcher.stop()
        await self._threads.close()

    async def check_room(self, tenant: str) -> None:
        """Passes when a tenant may submit another job.

        Raises:
            Draining: No replica would start it.
            QuotaExceeded: Too many wait already.
        """
        await self._threads.call(self._admission.check_room, tenant)

    async def submit(self, new: NewJob) -> JobRecord:
        """Stores a job and queues it; a request that came before gets its job.

        Raises:
            RequestIdReused: The request id came before with another body.
            Draining: No replica would start it.
            QuotaExceeded: It asks for more than its tenant may hold, or too many jobs wait.
            SpecError: Its priority is higher than its tenant's may be.
        """
        return await self._complete(self._submit(new))

    async def cancel(self, tenant: str, job_id: str, reason: str = "", request_id: str = "") -> JobRecord:
        """Stops a job, whatever it does; one that has ended already stays as it is. Request ids are the tenant's own.

        Returns:
            The job: CANCELLED when it had not started, else CANCELLING.

        Raises:
            JobNotFound: There is none.
            RequestIdReused: The request id came before with another body.
        """
        return await self._complete(self._cancel(tenant, job_id, reason, request_id))

    async def rerun(self, job_id: str, request_id: str = "") -> JobRecord:
        """Submits a new job with the spec, labels, limits and priority of an earlier one.

        Raises:
            JobNotFound: There is no earlier one.
            RequestIdReused, Draining, QuotaExceeded, SpecError: As `submit`.
        """
        earlier = await self._threads.call(self._store.get, job_id)
        new = NewJob(
            spec=earlier.spec,
            request_digest=_digest("rerun", job_id),
            request_id=request_id,
            labels=earlier.labels,
            queue_timeout_s=earlier.queue_timeout_s,
            run_deadline_s=earlier.run_deadline_s,
            rerun_of=job_id,
            tenant=earlier.tenant,
            trace=tracing.here(),
            priority=earlier.priority,
        )
        return await self.submit(new)

    async def delete(self, tenant: str, job_id: str, request_id: str = "") -> None:
        """Deletes a job that has ended, with its events, logs and files. A request that came before changes nothing.

        Raises:
            JobNotFound: There is none.
            NotTerminal: It has not ended.
            RequestIdReused: The request id came before with another body.
        """
        await self._complete(self._delete(tenant, job_id, request_id))

    async def wait_for_change(self, job_id: str, after_sequence: int, timeout: float) -> None:
        """Waits until a job has an event after a sequence or something else of it has changed, or the time is over.

        Args:
            job_id: The job.
            after_sequence: Sequence of the last event that the caller knows.
            timeout: Seconds. Ask the store again after it: another program may have changed the job.
        """
        event = self._waiting.setdefault(job_id, asyncio.Event())
        if await self._sequences(job_id) > after_sequence:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await event.wait()

    async def _submit(self, new: NewJob) -> JobRecord:
        job, created = await self._creates(new)
        if created:
            self._dispatcher.wake()
        return job

    def _last_sequences(self, jobs: Sequence[str]) -> Sequence[int | Exception]:
        return [self._store.last_sequence(job) for job in jobs]

    def _create_all(self, asked: Sequence[NewJob]) -> Sequence[tuple[JobRecord, bool] | Exception]:
        answers: dict[str, tuple[JobRecord, bool] | Exception] = {}
        coming: Counter[str] = Counter()
        for new in asked:
            if answer := self._refused(new, coming):
                answers[new.id] = answer
            else:
                coming[new.tenant] += 1
        admitted = [new for new in asked if new.id not in answers]
        made = self._store.create_all([(new, str(self._folder / new.id)) for new in admitted])
        for answer in made:
            if not isinstance(answer, Exception) and answer[1]:
                self._store.backlog.count(answer[0])
        answers |= zip((new.id for new in admitted), made, strict=True)
        return [answers[new.id] for new in asked]

    def _refused(self, new: NewJob, coming: Counter[str]) -> tuple[JobRecord, bool] | Exception | None:
        """Why a job may not wait, or the job that its request made when it came before; None when it may."""
        try:
            self._admission.check(new, coming)
        except (Draining, QuotaExceeded) as error:
            try:
                earlier = self._store.answered(new)
            except RequestIdReused as reused:
                return reused
            return (earlier, False) if earlier else error
        except SpecError as error:
            return error
        return None

    async def _cancel(self, tenant: str, job_id: str, reason: str, request_id: str) -> JobRecord:
        if request_id:
            await self._threads.call(self._store.claim, request_id, _digest("cancel", job_id, reason), job_id, tenant)
        error = JobError(code_pb2.CANCELLED, reason or "cancelled on request", "user")
        while True:
            job = await self._threads.call(self._store.get, job_id)
            if job.is_terminal or job.state is State.CANCELLING:
                return job
            to = State.CANCELLED if job.state is State.QUEUED else State.CANCELLING
            with suppress(IllegalMove):  # the job has just started or ended: look again
                job = await self._threads.call(self._store.move, job_id, job.state, to, error)
                self._changed(job_id)
                if job.is_terminal:
                    self._ended(job)
                return job

    async def _delete(self, tenant: str, job_id: str, request_id: str) -> None:
        repeated = bool(request_id) and await self._threads.call(
            self._store.claim, request_id, _digest("delete", job_id), job_id, tenant
        )
        try:
            await self._remove(job_id, request_id)
        except JobNotFound:
            if not repeated:
                raise

    async def _remove(self, job_id: str, request_id: str) -> None:
        job = await self._threads.call(self._store.get, job_id, frozenset())
        if not job.is_terminal:
            raise NotTerminal(job_id, job.state)
        await self._dispatcher.released(job_id)
        # Files first: a job without files can be deleted again, files without a job would stay for ever.
        await self._threads.call(_remove_files, self._folder, Path(job.output))
        await self._threads.call(self._forget, job_id)
        await self._threads.call(self._store.delete, job_id, request_id)
        self._changed(job_id)

    async def _follow(self, job_id: str) -> None:
        """Drives a job; what is logged meanwhile says which one, and belongs to its trace."""
        job = await self._threads.call(self._store.get, job_id, frozenset())
        logs.about(job=job.id, tenant=job.tenant)
        with tracing.within(job.trace):
            await self._driver.drive(job_id)

    async def _persist(self, step: Callable[[str], Coroutine[Any, Any, None]], job_id: str) -> None:
        """Takes a step until it succeeds: the database or the cluster may be away for a while."""
        pause = 0.5
        while True:
            try:
                return await step(job_id)
            except (JobNotFound, IllegalMove):
                return None  # deleted, or moved by another
            except Exception:
                logger.exception("job %s is tried again in %s s", job_id, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _complete(self, work: Coroutine[Any, Any, T]) -> T:
        """Does work to its end even when the caller goes away: a stored job must be taken, a move told."""
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await asyncio.shield(task)

    def _changed(self, job_id: str) -> None:
        if event := self._waiting.pop(job_id, None):
            event.set()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _remove_files(folder: Path, output: Path) -> None:
    if output.parent.resolve() == folder.resolve():  # a folder that was moved since is not ours to remove
        shutil.rmtree(output, ignore_errors=True)

"""The asyncio client: the same as client.py and job.py, awaited."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from datetime import datetime
from functools import partial
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import grpc

from trainwright import calls
from trainwright.admin import AsyncAdmin
from trainwright.channel import DEFAULT_TARGET, DEFAULT_TIMEOUT, READY_PAUSE, TLS, Endpoint
from trainwright.connection import AsyncConnection
from trainwright.errors import DeadlineExceeded, ServiceError, Unavailable
from trainwright.job import JobHandle
from trainwright.progress import Quiet, view
from trainwright.upload import as_uri, parquet_file
from trainwright.values import Dataset, JobEvent, JobInfo, LogLine, Plan, Trial
from trainwright.watch import Tail, Watch, model_uri_of, report_of, succeeded

if TYPE_CHECKING:
    import pandas as pd


class AsyncTrainingClient:
    """The asyncio twin of ``TrainingClient``, with the same arguments and errors.

    Make it inside a running event loop, and use it as an asynchronous context manager or close it.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        tls: TLS | None = None,
        token: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self._connection = AsyncConnection(Endpoint(target, credentials, tls, token, timeout))
        self.datasets = AsyncDatasets(self._connection)
        self.admin = AsyncAdmin(self._connection)

    async def submit(
        self,
        spec: calls.Spec,
        data: "pd.DataFrame | str | PathLike[str] | None" = None,
        *,
        request_id: str | None = None,
        labels: Mapping[str, str] | None = None,
        queue_timeout: float | None = None,
        run_deadline: float | None = None,
        priority: int = 0,
    ) -> "AsyncJob":
        """Starts a job; as ``TrainingClient.submit``."""
        call = calls.create(
            await self._complete(spec, data),
            request_id=request_id,
            labels=labels,
            queue_timeout=queue_timeout,
            run_deadline=run_deadline,
            priority=priority,
        )
        return self.job((await self._connection.run(call)).name)

    async def plan(self, spec: calls.Spec, data: "pd.DataFrame | str | PathLike[str] | None" = None) -> Plan:
        """Tells what a spec would do; as ``TrainingClient.plan``."""
        return await self._connection.run(calls.plan(await self._complete(spec, data)))

    async def get(self, id: str) -> JobInfo:
        """Reads a job, by its id or name, as it is now."""
        return await self.job(id).describe()

    def list(self, filter: str = "", order_by: str = "") -> AsyncIterator[JobInfo]:
        """Goes through the jobs; as ``TrainingClient.list``."""
        return self._connection.pages(lambda token: calls.list_jobs(filter, order_by, token))

    async def adopt(
        self, folder: "str | PathLike[str]", *, request_id: str | None = None, labels: Mapping[str, str] | None = None
    ) -> "AsyncJob":
        """Takes up a run that was made without the service; as ``TrainingClient.adopt``."""
        return self.job((await self._connection.run(calls.adopt(str(folder), request_id, labels))).name)

    async def compare(self, reference: str, *others: str) -> tuple[Mapping[str, Any], ...]:
        """Sets finished jobs beside a reference; as ``TrainingClient.compare``."""
        return await self._connection.run(calls.compare([calls.job_name(id) for id in (reference, *others)]))

    def job(self, id: str) -> "AsyncJob":
        """The handle of a job, by its id or name. Asks nothing of the service."""
        return AsyncJob(self._connection, id)

    async def wait_ready(self, timeout: float = 60.0) -> None:
        """Waits until the service answers; as ``TrainingClient.wait_ready``."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                await self._connection.run(calls.list_jobs("", "", ""))
                return
            except (Unavailable, DeadlineExceeded):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(READY_PAUSE)

    async def close(self) -> None:
        """Closes the connection."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _complete(
        self, spec: calls.Spec, data: "pd.DataFrame | str | PathLike[str] | None"
    ) -> Mapping[str, object]:
        values = calls.read_spec(spec)
        if data is None:
            return values
        return calls.with_uri(values, as_uri(data) or (await self.datasets.upload(data)).name)


class AsyncJob(JobHandle):
    """The asyncio twin of ``Job``."""

    def __init__(self, connection: AsyncConnection, name: str, differences: tuple[str, ...] = ()) -> None:
        super().__init__(name, differences)
        self._connection = connection

    async def describe(self) -> JobInfo:
        """Reads the job as it is now."""
        return await self._connection.run(calls.get(self.name))

    async def wait(self, timeout: float | None = None, progress: bool = True) -> JobInfo:
        """Waits until the job has ended; as ``Job.wait``."""
        with view() if progress else Quiet() as seen:
            async for message in self.watch(timeout=timeout):
                seen.show(message)
        return succeeded(await self.describe())

    async def watch(self, after: int = 0, timeout: float | None = None) -> AsyncGenerator[JobInfo | JobEvent, None]:
        """Follows the job; as ``Job.watch``."""
        watch = Watch(self.name, after, timeout)
        while not watch.finished:
            lost = None
            try:
                async with aclosing(self._connection.stream(watch.call(), watch.time_left())) as messages:
                    async for message in messages:
                        if watch.accept(message):
                            yield message
            except ServiceError as error:
                lost = error
            await asyncio.sleep(watch.pause(lost))

    async def events(self, after: int = 0, timeout: float | None = None) -> AsyncGenerator[JobEvent, None]:
        """Follows the job's events; as ``Job.events``."""
        async with aclosing(self.watch(after, timeout)) as messages:
            async for message in messages:
                if isinstance(message, JobEvent):
                    yield message

    def logs(
        self,
        *,
        follow: bool = False,
        level: str | None = None,
        contains: str = "",
        attempt: int = 0,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[LogLine]:
        """Reads log lines, oldest first; as ``Job.logs``."""
        make = partial(
            calls.logs,
            self.name,
            follow=follow,
            level=level,
            contains=contains,
            attempt=attempt,
            since=since,
            until=until,
        )
        return self._lines(Tail(self.name, make))

    def trials(self) -> AsyncIterator[Trial]:
        """Goes through the configurations tried, in the order they were proposed."""
        return self._connection.pages(lambda token: calls.list_trials(self.name, token))

    async def report(self) -> Mapping[str, Any]:
        """Reads the report; as ``Job.report``."""
        return report_of(await self.describe())

    async def model_uri(self) -> str:
        """Where MLflow keeps the model; as ``Job.model_uri``."""
        return model_uri_of(await self.describe())

    async def cancel(self, reason: str = "") -> JobInfo:
        """Stops the job; as ``Job.cancel``."""
        return await self._connection.run(calls.cancel(self.name, reason))

    async def rerun(self, *, request_id: str | None = None) -> "AsyncJob":
        """Starts a new job from this one's spec and manifest; as ``Job.rerun``."""
        name, differences = await self._connection.run(calls.rerun(self.name, request_id))
        return AsyncJob(self._connection, name, differences)

    async def delete(self, *, allow_missing: bool = False) -> None:
        """Deletes the ended job; as ``Job.delete``."""
        await self._connection.run(calls.delete(self.name, allow_missing))

    async def _lines(self, tail: Tail) -> AsyncGenerator[LogLine, None]:
        while not tail.finished:
            lost = None
            try:
                async with aclosing(self._connection.stream(tail.call())) as lines:
                    async for line in lines:
                        if tail.accept(line):
                            yield line
                tail.finished = True
            except ServiceError as error:
                lost = error
            await asyncio.sleep(tail.pause(lost))


class AsyncDatasets:
    """The asyncio twin of ``Datasets``. Found as ``AsyncTrainingClient.datasets``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def upload(self, data: "pd.DataFrame | str | PathLike[str]", *, display_name: str = "") -> Dataset:
        """Uploads a table; as ``Datasets.upload``. Converting and reading it happens in a thread."""
        preparing = parquet_file(data, display_name)
        file = await asyncio.to_thread(preparing.__enter__)
        try:
            return await self._connection.run(calls.upload(file.parts()))
        finally:
            await asyncio.to_thread(preparing.__exit__, None, None, None)

    async def get(self, id: str) -> Dataset:
        """Reads a dataset with its columns, by its digest or name."""
        return await self._connection.run(calls.get_dataset(calls.dataset_name(id)))

    def list(self) -> AsyncIterator[Dataset]:
        """Goes through the datasets, newest first, without their columns."""
        return self._connection.pages(calls.list_datasets)

    async def delete(self, id: str, *, allow_missing: bool = False) -> None:
        """Deletes a dataset that no open job reads."""
        await self._connection.run(calls.delete_dataset(calls.dataset_name(id), allow_missing))

"""The synchronous client."""

import time
from collections.abc import Iterator, Mapping
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import grpc

from trainwright import calls
from trainwright.admin import Admin
from trainwright.channel import DEFAULT_TARGET, DEFAULT_TIMEOUT, READY_PAUSE, TLS, Endpoint
from trainwright.connection import Connection
from trainwright.errors import DeadlineExceeded, Unavailable
from trainwright.job import Job
from trainwright.upload import as_uri, parquet_file
from trainwright.values import Dataset, JobInfo, Plan

if TYPE_CHECKING:
    import pandas as pd


class TrainingClient:
    """A client of the training service.

    Use it as a context manager, or close it. It connects with the first call and may be shared between threads.
    Every method may raise a ServiceError: Unavailable when the service does not answer, InvalidSpec when it refuses
    what was sent, and the others of ``trainwright.errors``.

    Args:
        target: gRPC target of the service, such as ``host:port``, or ``host1:port,host2:port`` of its replicas.
        credentials: Channel credentials of your own making; they take the place of ``tls``.
        tls: Connect over TLS with these files; None for a connection in the clear.
        token: Bearer token to send with each call. In the clear it is sent to this machine only.
        timeout: Seconds allowed for each call, its retries included. Streams have no limit.

    Attributes:
        datasets: The uploaded tables.
        admin: The service as a whole, for operators.
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
        self._connection = Connection(Endpoint(target, credentials, tls, token, timeout))
        self.datasets = Datasets(self._connection)
        self.admin = Admin(self._connection)

    def submit(
        self,
        spec: calls.Spec,
        data: "pd.DataFrame | str | PathLike[str] | None" = None,
        *,
        request_id: str | None = None,
        labels: Mapping[str, str] | None = None,
        queue_timeout: float | None = None,
        run_deadline: float | None = None,
        priority: int = 0,
    ) -> Job:
        """Starts a job.

        Args:
            spec: The spec's values, or the path of a YAML file with them.
            data: The table, in place of the spec's ``data.uri``. A DataFrame (without its index) or a local CSV or
                Parquet file is uploaded; a URI or ``datasets/{digest}`` is handed on for the service to read.
            request_id: Makes the call safe to repeat: the same id and request give the same job. Default: a new one.
            labels: Labels to find the job by, at most 32.
            queue_timeout: Longest time to wait for a start, seconds. Default: no limit.
            run_deadline: Longest time from start to end, seconds. Default: no limit.
            priority: Greater starts first, -100 to 100, and at most what the tenant's quota allows.

        Raises:
            InvalidSpec: The spec or the data is not as it must be; ``violations`` tells where. No job is made.
        """
        call = calls.create(
            self._complete(spec, data),
            request_id=request_id,
            labels=labels,
            queue_timeout=queue_timeout,
            run_deadline=run_deadline,
            priority=priority,
        )
        return self.job(self._connection.run(call).name)

    def plan(self, spec: calls.Spec, data: "pd.DataFrame | str | PathLike[str] | None" = None) -> Plan:
        """Validates a spec as ``submit`` does and tells what it would do, without starting a job."""
        return self._connection.run(calls.plan(self._complete(spec, data)))

    def get(self, id: str) -> JobInfo:
        """Reads a job, by its id or name, as it is now."""
        return self.job(id).describe()

    def list(self, filter: str = "", order_by: str = "") -> Iterator[JobInfo]:
        """Goes through the jobs, newest first, without their specs, histories and reports.

        Args:
            filter: Terms joined by AND: ``state = RUNNING``, ``labels.KEY = "VALUE"``, ``create_time > "RFC 3339"``.
            order_by: ``create_time`` or ``update_time``, followed by ``asc`` or ``desc``.
        """
        return self._connection.pages(lambda token: calls.list_jobs(filter, order_by, token))

    def adopt(
        self, folder: "str | PathLike[str]", *, request_id: str | None = None, labels: Mapping[str, str] | None = None
    ) -> Job:
        """Takes up a run that was made without the service, such as by a Ray job, as a job that has succeeded.

        Args:
            folder: The run's folder, as the service sees it, under its data roots. The service keeps a copy.
            request_id: Makes the call safe to repeat. Without one, too, the same run gives the same job.
            labels: Labels to find the job by, at most 32.

        Raises:
            InvalidSpec: There is no run there that has ended with a report, or it lies where the service may not read.
        """
        return self.job(self._connection.run(calls.adopt(str(folder), request_id, labels)).name)

    def compare(self, reference: str, *others: str) -> tuple[Mapping[str, Any], ...]:
        """Sets finished jobs beside a reference: what changed in the spec and whether it helped.

        Args:
            reference: Id or name of the job to compare with.
            others: Ids or names of the jobs to compare, at least one.

        Returns:
            A comparison for each of the others, with the fields of the message ``Comparison``; ``summary`` has it in words.
        """
        return self._connection.run(calls.compare([calls.job_name(id) for id in (reference, *others)]))

    def job(self, id: str) -> Job:
        """The handle of a job, by its id or name. Asks nothing of the service."""
        return Job(self._connection, id)

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Waits until the service answers, as after starting it.

        Raises:
            Unavailable: It has not answered within these seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._connection.run(calls.list_jobs("", "", ""))
                return
            except (Unavailable, DeadlineExceeded):
                if time.monotonic() > deadline:
                    raise
                time.sleep(READY_PAUSE)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _complete(self, spec: calls.Spec, data: "pd.DataFrame | str | PathLike[str] | None") -> Mapping[str, object]:
        values = calls.read_spec(spec)
        if data is None:
            return values
        return calls.with_uri(values, as_uri(data) or self.datasets.upload(data).name)


class Datasets:
    """Uploaded tables, addressed by the digest of their content. Found as ``TrainingClient.datasets``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def upload(self, data: "pd.DataFrame | str | PathLike[str]", *, display_name: str = "") -> Dataset:
        """Uploads a table; the same content twice is one dataset.

        Args:
            data: A DataFrame (without its index), or the path of a CSV or Parquet file.
            display_name: Name to show. Default: the file's name.

        Raises:
            InvalidSpec: There is no such file, or it is no table.
            MissingPackage: It has to be converted to Parquet, and pandas or pyarrow is not installed.
        """
        with parquet_file(data, display_name) as file:
            return self._connection.run(calls.upload(file.parts()))

    def get(self, id: str) -> Dataset:
        """Reads a dataset with its columns, by its digest or name."""
        return self._connection.run(calls.get_dataset(calls.dataset_name(id)))

    def list(self) -> Iterator[Dataset]:
        """Goes through the datasets, newest first, without their columns."""
        return self._connection.pages(calls.list_datasets)

    def delete(self, id: str, *, allow_missing: bool = False) -> None:
        """Deletes a dataset that no open job reads."""
        self._connection.run(calls.delete_dataset(calls.dataset_name(id), allow_missing))

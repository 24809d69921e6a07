"""The handle of a job."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from trainwright import calls
from trainwright.connection import Connection
from trainwright.errors import ServiceError
from trainwright.progress import Quiet, view
from trainwright.values import JobEvent, JobInfo, LogLine, Trial
from trainwright.watch import Tail, Watch, model_uri_of, report_of, succeeded


class JobHandle:
    """What names a job.

    Attributes:
        name: ``trainingJobs/{id}``.
        differences: For a job made by ``rerun``: what differs from what the earlier job recorded, a sentence each.
    """

    def __init__(self, name: str, differences: tuple[str, ...] = ()) -> None:
        self.name, self.differences = calls.job_name(name), differences

    @property
    def id(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, JobHandle) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class Job(JobHandle):
    """A job of the service. It keeps nothing but the name: every answer is fresh.

    Made by ``TrainingClient.submit`` or ``TrainingClient.job``. Every method may raise a ServiceError.
    """

    def __init__(self, connection: Connection, name: str, differences: tuple[str, ...] = ()) -> None:
        super().__init__(name, differences)
        self._connection = connection

    def describe(self) -> JobInfo:
        """Reads the job as it is now."""
        return self._connection.run(calls.get(self.name))

    def wait(self, timeout: float | None = None, progress: bool = True) -> JobInfo:
        """Waits until the job has ended, over restarts of the service.

        Args:
            timeout: Seconds to wait; None for as long as it takes.
            progress: Show progress on the standard error: a live view in a terminal where rich is installed, lines
                elsewhere.

        Returns:
            The job with its report.

        Raises:
            JobFailed: The job failed.
            JobCancelled: The job was cancelled.
            WaitTimeout: The time is over; the job goes on.
        """
        with view() if progress else Quiet() as seen:
            for message in self.watch(timeout=timeout):
                seen.show(message)
        return succeeded(self.describe())

    def watch(self, after: int = 0, timeout: float | None = None) -> Iterator[JobInfo | JobEvent]:
        """Follows the job: a snapshot at each (re)connection, and between them each event once.

        Args:
            after: Sequence of the last event already seen.
            timeout: Seconds to follow; None until the job has ended.

        Raises:
            WaitTimeout: The time is over before the job has ended.
        """
        watch = Watch(self.name, after, timeout)
        while not watch.finished:
            lost = None
            try:
                for message in self._connection.stream(watch.call(), watch.time_left()):
                    if watch.accept(message):
                        yield message
            except ServiceError as error:
                lost = error
            time.sleep(watch.pause(lost))

    def events(self, after: int = 0, timeout: float | None = None) -> Iterator[JobEvent]:
        """Follows the job's events to its end, each once and in order, over lost connections; as ``watch``."""
        return (message for message in self.watch(after, timeout) if isinstance(message, JobEvent))

    def logs(
        self,
        *,
        follow: bool = False,
        level: str | None = None,
        contains: str = "",
        attempt: int = 0,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[LogLine]:
        """Reads log lines, oldest first, each once, over lost connections and restarts of the service.

        Args:
            follow: Go on until the job has ended.
            level: Lowest level: ``debug``, ``info``, ``warning`` or ``error``. Default: all.
            contains: Only lines with this text.
            attempt: Only lines of this attempt; 0 for all.
            since: Only lines at or after this time.
            until: Only lines before this time.
        """
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

    def trials(self) -> Iterator[Trial]:
        """Goes through the configurations tried, in the order they were proposed."""
        return self._connection.pages(lambda token: calls.list_trials(self.name, token))

    def report(self) -> Mapping[str, Any]:
        """Reads the report: the TrainingReport by field name.

        Raises:
            JobNotFinished: The job has not ended.
            JobFailed: It failed.
            JobCancelled: It was cancelled.
        """
        return report_of(self.describe())

    @property
    def model_uri(self) -> str:
        """Where MLflow keeps the model, for ``mlflow.pyfunc.load_model``; raises as ``report``."""
        return model_uri_of(self.describe())

    def cancel(self, reason: str = "") -> JobInfo:
        """Stops the job; partial results stay. A job that has ended is left as it is."""
        return self._connection.run(calls.cancel(self.name, reason))

    def rerun(self, *, request_id: str | None = None) -> "Job":
        """Starts a new job from this one's spec and manifest; see ``differences`` of the new job."""
        name, differences = self._connection.run(calls.rerun(self.name, request_id))
        return Job(self._connection, name, differences)

    def delete(self, *, allow_missing: bool = False) -> None:
        """Deletes the ended job with its events, logs and files. MLflow records stay."""
        self._connection.run(calls.delete(self.name, allow_missing))

    def _lines(self, tail: Tail) -> Iterator[LogLine]:
        while not tail.finished:
            lost = None
            try:
                for line in self._connection.stream(tail.call()):
                    if tail.accept(line):
                        yield line
                tail.finished = True
            except ServiceError as error:
                lost = error
            time.sleep(tail.pause(lost))

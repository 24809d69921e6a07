"""Following a job over as many connections as it takes."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc

from trainwright import calls
from trainwright.errors import JobCancelled, JobFailed, JobNotFinished, ServiceError, WaitTimeout
from trainwright.values import JobEvent, JobInfo, JobState, LogLine, StateChange

PATIENCE: Final = 300.0
_LONGEST_PAUSE: Final = 5.0
# A connection that broke, or a server that is stopping.
_LOST: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})


class Reader:
    """Where a reader of a stream stands, and whether it is to connect again.

    Holds no connection, so the synchronous and the asyncio client share it.

    Args:
        name: The job.
        after: Number of the last message already seen.
        timeout: Seconds until the reader gives up; None to follow to the end.
        patience: Seconds without any answer until a lost connection is an error.
    """

    def __init__(self, name: str, after: int = 0, timeout: float | None = None, patience: float = PATIENCE) -> None:
        self.finished = False
        self._name, self._after, self._patience = name, after, patience
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._losses, self._lost_since = 0, 0.0

    def time_left(self) -> float | None:
        """Seconds until the reader gives up, as a deadline for the call."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def pause(self, error: ServiceError | None) -> float:
        """Seconds to wait before connecting again; 0 when there is nothing more to come.

        Args:
            error: What ended the connection; None when the service ended the stream.

        Raises:
            WaitTimeout: The reader's time is over.
            ServiceError: Connecting again would not help, or has not helped for too long.
        """
        if self.finished:
            return 0.0
        left = self.time_left()
        if left is not None and left <= 0:
            raise WaitTimeout(f"{self._name} has not ended in the time given. It goes on.") from None
        if error and error.code not in _LOST:
            raise error
        if self._losses == 0:
            self._lost_since = time.monotonic()
        if error and time.monotonic() - self._lost_since > self._patience:
            raise error
        self._losses += 1
        pause = min(_LONGEST_PAUSE, 0.1 * 2.0 ** min(self._losses, 10)) * random.uniform(0.5, 1.0)
        return pause if left is None else min(pause, left)

    def _is_new(self, number: int) -> bool:
        """Takes note of a message by its number; False when it was seen before."""
        self._losses = 0
        if number <= self._after:
            return False
        self._after = number
        return True


class Watch(Reader):
    """A reader of a job's events, which ends when the job has."""

    def call(self) -> calls.Call[JobInfo | JobEvent]:
        """The call that goes on where the last connection ended."""
        return calls.watch(self._name, self._after)

    def accept(self, message: JobInfo | JobEvent) -> bool:
        """Takes note of a message; False for an event that was seen before."""
        if isinstance(message, JobInfo):
            self._losses = 0
            self.finished = message.state.terminal and message.last_sequence <= self._after
            return True
        if not self._is_new(message.sequence):
            return False
        self.finished = isinstance(message.what, StateChange) and message.what.after.terminal
        return True


class Tail(Reader):
    """A reader of a job's log, which ends when the service ends the stream.

    Args:
        name: The job.
        make: Makes the call for the lines ``after`` a number.
    """

    def __init__(self, name: str, make: Callable[..., calls.Call[LogLine]]) -> None:
        super().__init__(name)
        self._make, self._first = make, make(after=0)

    def call(self) -> calls.Call[LogLine]:
        """The call that goes on where the last connection ended."""
        return self._make(after=self._after) if self._after else self._first

    def accept(self, line: LogLine) -> bool:
        """Takes note of a line; False for one that was seen before."""
        return self._is_new(line.number)


def succeeded(job: JobInfo) -> JobInfo:
    """Returns a job that has succeeded.

    Raises:
        JobFailed: It failed.
        JobCancelled: It was cancelled.
        JobNotFinished: It has not ended.
    """
    if job.state is JobState.SUCCEEDED:
        return job
    if job.state is JobState.FAILED:
        raise JobFailed(job)
    if job.state is JobState.CANCELLED:
        raise JobCancelled(job)
    raise JobNotFinished(f"{job.name} is {job.state.value} and has no result yet.")


def report_of(job: JobInfo) -> Mapping[str, Any]:
    """Returns the report of a job that has succeeded; raises as ``succeeded``."""
    return succeeded(job).report or {}


def model_uri_of(job: JobInfo) -> str:
    """Returns where MLflow keeps the model of a job that has succeeded; raises as ``succeeded``.

    Raises:
        JobNotFinished: The model has not reached MLflow yet.
    """
    uri = str(report_of(job).get("tracking", {}).get("model_uri", ""))
    if not uri:
        raise JobNotFinished(f"The model of {job.name} has not been published to MLflow yet.")
    return uri

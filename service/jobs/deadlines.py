"""Tells when a job has had its time, however the machine's clock is set meanwhile."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from google.rpc import code_pb2

from service.jobs.records import JobError, JobRecord
from service.jobs.states import State


class Deadlines:
    """The deadlines of a job that is being driven.

    A stored deadline is a time of day. When it is seen first it becomes a point of the monotonic clock, and is measured by
    that from then on: a clock that is put forward ends no job, and one that is put back lets none run on.

    Args:
        wall: The time of day.
        monotonic: Seconds on a clock that nobody sets.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._due: dict[datetime, float] = {}

    def overdue(self, job: JobRecord) -> JobError | None:
        """Why the job has to end now; None while it has time."""
        if job.state is State.WAITING_FOR_RESOURCES and self._has_passed(job.queue_deadline):
            return queue_timeout(job)
        if self._has_passed(job.run_deadline):
            message = f"the run did not end within {job.run_deadline_s:g} s; allow more by run_deadline, or search less"
            return JobError(code_pb2.DEADLINE_EXCEEDED, message, "user")
        return None

    def _has_passed(self, deadline: datetime | None) -> bool:
        if deadline is None:
            return False
        if deadline not in self._due:
            self._due[deadline] = self._monotonic() + (deadline - self._wall()).total_seconds()
        return self._monotonic() > self._due[deadline]


def queue_timeout(job: JobRecord) -> JobError:
    """Says that a job did not start in time."""
    message = f"the run did not start within {job.queue_timeout_s:g} s; allow more by queue_timeout, or try again later"
    return JobError(code_pb2.DEADLINE_EXCEEDED, message, "user")

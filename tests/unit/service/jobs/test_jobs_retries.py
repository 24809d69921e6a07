"""Which failed attempts are followed by another one."""

from datetime import UTC, datetime

import pytest

from cluster.events import RunError
from cluster.faults import Fault
from service.jobs import changes
from service.jobs.records import JobRecord, NewJob
from service.jobs.retries import described, may_retry, out_of_memory
from service.jobs.states import State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def failure(fault: Fault, kind: str = "system") -> RunError:
    return RunError(kind, "Error", "why", fault)


def after(*faults: Fault, **compute: int) -> JobRecord:
    """A job whose earlier attempts ended by these faults; the latest has just begun."""
    job, _ = changes.accepted(NewJob(spec={"compute": compute}), "/jobs/x", NOW)
    job, _ = changes.moved(job, State.WAITING_FOR_RESOURCES, NOW)
    for fault in faults:
        job = changes.retried(job, described(failure(fault)), NOW)
    return job


@pytest.mark.parametrize(
    ("earlier", "fault", "more"),
    [
        ([], Fault.OTHER, True),
        ([Fault.OTHER], Fault.OTHER, False),
        ([Fault.NODE_LOST] * 3, Fault.OTHER, True),
        ([Fault.OTHER], Fault.NODE_LOST, True),
        ([Fault.NODE_LOST] * 4, Fault.NODE_LOST, False),
        ([Fault.OUT_OF_MEMORY], Fault.OTHER, False),
        ([], Fault.OUT_OF_MEMORY, True),
        ([], Fault.DISK_FULL, False),
    ],
)
def test_lost_nodes_and_failures_have_budgets_of_their_own(earlier: list[Fault], fault: Fault, more: bool) -> None:
    job = after(*earlier, max_failures=1, max_preemptions=4)
    assert may_retry(job, failure(fault)) is more


def test_what_the_caller_can_mend_is_never_tried_again() -> None:
    assert not may_retry(after(), failure(Fault.OTHER, "user"))


def test_attempts_that_ran_out_of_memory_are_counted_by_what_is_stored() -> None:
    job = after(Fault.OUT_OF_MEMORY, Fault.OTHER, Fault.NODE_LOST, Fault.OUT_OF_MEMORY)
    assert out_of_memory(job.attempts) == 2


def test_a_full_disk_says_what_to_do() -> None:
    assert described(failure(Fault.DISK_FULL)).message.endswith("then rerun the job.")

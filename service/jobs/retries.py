"""Decides whether a job whose attempt failed gets another one."""

from collections import Counter
from collections.abc import Sequence

from google.rpc import code_pb2

from cluster.events import RunError
from cluster.faults import Fault
from cluster.resources import ComputeSpec
from service.jobs.records import Attempt, JobError, JobRecord

# The code of an attempt's error says what ended it: to callers, and to whoever counts attempts later.
CODES = {
    Fault.OTHER: code_pb2.INTERNAL,
    Fault.NODE_LOST: code_pb2.UNAVAILABLE,
    Fault.OUT_OF_MEMORY: code_pb2.RESOURCE_EXHAUSTED,
    Fault.DISK_FULL: code_pb2.RESOURCE_EXHAUSTED,  # the last attempt, always
}
_REMEDIES = {
    Fault.DISK_FULL: "The disk is full: make room in the service's state folder and on the cluster's nodes, then rerun the job.",
    Fault.OUT_OF_MEMORY: "It ran out of memory, on less of the cluster with each attempt: lower search.parallelism, "
    "leave out the largest family, or use nodes with more memory.",
}


def described(error: RunError) -> JobError:
    """A fault of the system as it is told, with what to do where there is something to do."""
    text = f"{error.type}: {error.message}"
    return JobError(CODES[error.fault], " ".join(filter(None, [text, _REMEDIES.get(error.fault, "")])), "system")


def may_retry(job: JobRecord, error: RunError) -> bool:
    """Whether a job may have another attempt after its latest one has ended by an error.

    Lost nodes are counted apart from failures. What the caller can mend and a full disk are not tried again: nothing would
    be different.

    Args:
        job: With the attempts so far, the failed one last and without its error yet.
        error: What ended it.
    """
    if error.kind == "user" or error.fault is Fault.DISK_FULL:
        return False
    compute = ComputeSpec.model_validate(job.spec.get("compute", {}))
    lost = CODES[Fault.NODE_LOST]
    before = Counter(attempt.error.code == lost for attempt in job.attempts if attempt.error)
    if error.fault is Fault.NODE_LOST:
        return before[True] < compute.max_preemptions
    return before[False] < compute.max_failures


def out_of_memory(attempts: Sequence[Attempt]) -> int:
    """How many attempts have ended for want of memory."""
    code = CODES[Fault.OUT_OF_MEMORY]
    return sum(attempt.error is not None and attempt.error.code == code for attempt in attempts)

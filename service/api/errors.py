"""One total table from the errors raised below the API to what a caller is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RequestInfo, ResourceInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode as Code

from service.doors import callers
from service.jobs import errors as jobs
from trainers import errors as trainers

DOMAIN = "trainwright"
RETRY_AFTER_S = 1
# Bytes. A status travels in headers, twice and encoded, and a client cuts off what has more than 8 KiB of them.
LONGEST_MESSAGE, LONGEST_DETAIL = 800, 2000


class Stopping(Exception):  # noqa: N818 (as the errors of service.jobs)
    """The service is being stopped."""

    def __init__(self) -> None:
        super().__init__("the service is stopping; call again, and a watch goes on after the last sequence seen")


class SlowReader(Exception):  # noqa: N818
    """A stream's reader does not take what it asked for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"nothing was read for {seconds:g} s; call again, and a watch goes on after the last sequence seen"
        )


@dataclass(frozen=True)
class Answer:
    """What a caller is told about a kind of error.

    Attributes:
        code: gRPC status code.
        reason: Stable upper-case name for programs (google.rpc.ErrorInfo).
        details: Further details, made from the error.
    """

    code: Code
    reason: str
    details: Callable[[Any], Iterable[Message]] = lambda error: ()


def bad_request(violations: Iterable[trainers.Violation]) -> BadRequest:
    """Violations as the detail that clients know; of very many the first."""
    told, left = BadRequest(), LONGEST_DETAIL
    for violation in violations:
        field, description = _short(violation.field, 200), _short(violation.message, 500)
        left -= len((field + description).encode(errors="replace"))
        if left < 0:
            break
        told.field_violations.add(field=field, description=description)
    return told


def status(error: Exception, call_id: str) -> Status:
    """The status that tells a caller about an error; of an unforeseen one it tells only the id to look for in the log."""
    answer = next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), None)
    if answer is None:
        answer = Answer(Code.INTERNAL, "INTERNAL")
        message = f"the service failed; its log says why under call {call_id}"
    else:
        message = str(error)
    made = Status(code=answer.code.value[0], message=_short(message, LONGEST_MESSAGE))
    shared = (ErrorInfo(reason=answer.reason, domain=DOMAIN), RequestInfo(request_id=call_id))
    for detail in (*answer.details(error), *shared):
        made.details.add().Pack(detail)
    return made


def _short(text: str, longest: int) -> str:
    """The beginning of a text, of so many bytes."""
    kept = text.encode(errors="replace")
    return kept.decode() if len(kept) <= longest else kept[:longest].decode(errors="ignore") + "…"


def _named(error: jobs.NotFound) -> Iterable[Message]:
    kinds = {jobs.DatasetNotFound: "Dataset", jobs.ReplicaNotFound: "Replica"}
    kind = next((name for error_kind, name in kinds.items() if isinstance(error, error_kind)), "TrainingJob")
    yield ResourceInfo(resource_type=kind, resource_name=error.name)


def _query(error: jobs.InvalidQuery) -> Iterable[Message]:
    yield bad_request([trainers.Violation(error.field, error.problem)])


def _quota(error: jobs.QuotaExceeded) -> Iterable[Message]:
    yield QuotaFailure(violations=[QuotaFailure.Violation(subject=error.subject, description=error.problem)])
    if error.passes:
        yield from _soon(error)


def _soon(error: Exception) -> Iterable[Message]:
    yield RetryInfo(retry_delay=Duration(seconds=RETRY_AFTER_S))


# Total over the errors of service.jobs and trainers, subclasses by their base; a test holds it so.
ANSWERS: dict[type[Exception], Answer] = {
    trainers.SpecError: Answer(Code.INVALID_ARGUMENT, "INVALID_FIELDS", lambda error: [bad_request(error.violations)]),
    trainers.NoModelError: Answer(Code.FAILED_PRECONDITION, "NO_MODEL"),
    jobs.NotFound: Answer(Code.NOT_FOUND, "NOT_FOUND", _named),
    jobs.RequestIdReused: Answer(
        Code.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
        lambda error: [ResourceInfo(resource_type="TrainingJob", resource_name=f"trainingJobs/{error.job}")],
    ),
    jobs.NotTerminal: Answer(Code.FAILED_PRECONDITION, "JOB_NOT_TERMINAL"),
    jobs.NoReport: Answer(Code.FAILED_PRECONDITION, "NO_REPORT"),
    jobs.IllegalMove: Answer(Code.ABORTED, "JOB_MOVED", _soon),
    jobs.DatasetInUse: Answer(Code.FAILED_PRECONDITION, "DATASET_IN_USE"),
    jobs.QuotaExceeded: Answer(Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", _quota),
    jobs.Draining: Answer(Code.UNAVAILABLE, "DRAINING", _soon),
    jobs.StoreAway: Answer(Code.UNAVAILABLE, "STORE_AWAY", _soon),
    jobs.DiskFull: Answer(Code.RESOURCE_EXHAUSTED, "DISK_FULL", _soon),
    jobs.InvalidQuery: Answer(Code.INVALID_ARGUMENT, "INVALID_FIELDS", _query),
    callers.Unauthenticated: Answer(Code.UNAUTHENTICATED, "UNAUTHENTICATED"),
    callers.PermissionDenied: Answer(Code.PERMISSION_DENIED, "PERMISSION_DENIED"),
    callers.TooManyCalls: Answer(
        Code.RESOURCE_EXHAUSTED,
        "TOO_MANY_CALLS",
        lambda error: [RetryInfo(retry_delay=Duration(nanos=int(min(error.retry_s, 0.999) * 1e9)))],
    ),
    SlowReader: Answer(Code.UNAVAILABLE, "SLOW_READER", _soon),
    Stopping: Answer(Code.UNAVAILABLE, "STOPPING", _soon),
}

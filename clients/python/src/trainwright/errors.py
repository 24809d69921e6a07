# ruff: noqa: N818 (named for what happened, as in `except NotFound`)
"""The errors a caller meets: one small tree, and one total table from gRPC status codes to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, cast

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

if TYPE_CHECKING:
    from trainwright.values import JobInfo


@dataclass(frozen=True)
class Violation:
    """One thing wrong with a request.

    Attributes:
        field: Path of the value, such as ``data.target``.
        message: What was wrong, and what would be right.
    """

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class TrainwrightError(Exception):
    """Base of every error this package raises on purpose. Its text says what was wrong and ends with what to do.

    Attributes:
        hint: What to do about errors of this class.
    """

    hint: ClassVar[str] = ""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(f"{_sentence(message)}{self.hint}".strip())


class ServiceError(TrainwrightError):
    """The service refused or failed a call, or did not answer it.

    Attributes:
        code: gRPC status code of the answer; None when the call was refused before it was sent.
        violations: Which fields were wrong, and how; empty where the answer named none.
    """

    def __init__(self, message: str, violations: Sequence[Violation] = (), code: grpc.StatusCode | None = None) -> None:
        self.violations = tuple(violations)
        self.code = code
        super().__init__("\n".join([message, *(f"  {violation}" for violation in self.violations)]))


class InvalidSpec(ServiceError):
    """The spec, or another part of the request, is not as it must be; ``violations`` tells where."""

    hint = "Mend what is named here and submit again."


class NotFound(ServiceError):
    """There is no such job or dataset."""

    hint = "Check the name against `trainwright list` or `trainwright datasets list`."


class AlreadyExists(ServiceError):
    """The request_id was used before for another request."""

    hint = "Give a new request_id, or repeat the first request unchanged."


class FailedPrecondition(ServiceError):
    """The job or dataset is not in a state that allows this."""

    hint = "Look at the state with `trainwright get`, and wait for it or cancel first."


class PermissionDenied(ServiceError):
    """The caller may not do this."""

    hint = "Ask the operator of the service for this right."


class Unauthenticated(ServiceError):
    """The service does not know the caller."""

    hint = "Give a valid token: TrainingClient(token=...) or TRAINWRIGHT_TOKEN."


class ResourceExhausted(ServiceError):
    """A quota or a size limit is reached."""

    hint = "Wait for other jobs to end or ask for less; the operator of the service sets the limits."


class Aborted(ServiceError):
    """Another change came in between."""

    hint = "Read the present state and try again."


class Unavailable(ServiceError):
    """The service does not answer."""

    hint = (
        "Start it with `trainwright-server`, or give its address: "
        "TrainingClient(target=...), --server or TRAINWRIGHT_SERVER."
    )


class DeadlineExceeded(ServiceError, TimeoutError):
    """The service did not answer in time."""

    hint = "Try again, or allow more time: TrainingClient(timeout=...) or --timeout."


class CallCancelled(ServiceError):
    """The call was given up before its answer came."""

    hint = "Make the call again; with the same request_id it is not done twice."


class Unimplemented(ServiceError):
    """The service does not know this call."""

    hint = "Use a client and a service of the same version."


class InternalError(ServiceError):
    """The service failed in a way it did not foresee."""

    hint = "Try again; if it stays, give the operator this text and the service's log."


class JobNotFinished(TrainwrightError):
    """The job has no result yet."""

    hint = "Wait for it: Job.wait() or `trainwright watch`."


class WaitTimeout(JobNotFinished, TimeoutError):
    """The job did not end within the time given to ``wait``. The job goes on."""


class JobEnded(TrainwrightError):
    """The job ended without a result.

    Attributes:
        job: The job as it ended.
    """

    def __init__(self, job: JobInfo) -> None:
        self.job = job
        error = job.error
        lines = [f"{job.name} {job.state.value}: {error.message if error else 'no reason was given'}"]
        lines += [f"  {violation}" for violation in (error.violations if error else ())]
        super().__init__("\n".join(lines))


class JobFailed(JobEnded):
    """The job failed; ``job.error.kind`` says who can mend it: ``user`` or ``system``."""

    hint = "Read `trainwright logs` for the job; mend the request or the data, or rerun it."


class JobCancelled(JobEnded):
    """The job was cancelled."""

    hint = "Start it again with Job.rerun() or `trainwright rerun`."


class MissingPackage(TrainwrightError):
    """An optional package is needed for this."""


# Total over the codes that are errors; a test holds it so.
BY_STATUS: Final[dict[grpc.StatusCode, type[ServiceError]]] = {
    grpc.StatusCode.CANCELLED: CallCancelled,
    grpc.StatusCode.UNKNOWN: InternalError,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidSpec,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhausted,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.ABORTED: Aborted,
    grpc.StatusCode.OUT_OF_RANGE: InvalidSpec,
    grpc.StatusCode.UNIMPLEMENTED: Unimplemented,
    grpc.StatusCode.INTERNAL: InternalError,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DATA_LOSS: InternalError,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
}


def from_rpc(error: grpc.RpcError) -> ServiceError:
    """Turns a failed call, synchronous or asyncio, into an error of this module."""
    # Both kinds of failed call carry the answer themselves, which the types of grpc do not tell.
    answer = cast(grpc.Call, error)
    code = answer.code()
    status = rpc_status.from_call(answer)
    found = violations(status.details) if status else ()
    # The service's message lists the violations once more, for clients that show nothing else.
    message = answer.details() or code.name
    listed = len(found) > 0 and all(violation.message in message for violation in found)
    return BY_STATUS[code]("The request is not as it must be:" if listed else message, found, code)


def violations(details: Iterable[status_pb2.Any]) -> tuple[Violation, ...]:
    """Reads the field violations of every google.rpc.BadRequest among a status's details."""
    found = []
    for detail in details:
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            found += [Violation(each.field, each.description) for each in bad.field_violations]
    return tuple(found)


def _sentence(text: str) -> str:
    """Ends a text so that another sentence can follow it."""
    if "\n" in text:
        return text + "\n"
    return text + (" " if text.endswith((".", "!", "?")) else ". ")

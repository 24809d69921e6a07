import inspect
from base64 import b64encode
from urllib.parse import quote

import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RequestInfo, ResourceInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from service.api.errors import ANSWERS, Stopping, status
from service.jobs import errors as jobs
from trainers import errors as trainers
from trainers.evaluation.threshold import UnreachableError

BASES = {jobs.JobsError}  # never raised itself
RAISED = {
    kind
    for module in (jobs, trainers)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, Exception) and kind not in BASES
}


@pytest.mark.parametrize("kind", sorted(RAISED, key=lambda kind: kind.__name__))
def test_every_error_below_the_api_has_an_answer(kind: type[Exception]) -> None:
    assert any(base in ANSWERS for base in kind.__mro__)


def test_the_errors_looked_at_are_all_there_are() -> None:
    assert {jobs.JobNotFound, jobs.InvalidFilter, trainers.SpecError, trainers.NoModelError} < RAISED


def details(made: Status, kind: type) -> list:
    found = []
    for each in made.details:
        message = kind()
        if each.Unpack(message):
            found.append(message)
    return found


def test_violations_are_told_field_by_field() -> None:
    error = UnreachableError([trainers.Violation("a.b", "is 1"), trainers.Violation("c", "is 2")])
    made = status(error, "call")
    assert made.code == StatusCode.INVALID_ARGUMENT.value[0]
    (bad,) = details(made, BadRequest)
    assert [(v.field, v.description) for v in bad.field_violations] == [("a.b", "is 1"), ("c", "is 2")]


@pytest.mark.parametrize("letter", ["x", "é", "\ud800"])
def test_a_status_fits_into_the_headers_of_a_client(letter: str) -> None:
    """Percent-encoded message and base64 details, as gRPC sends them."""
    made = status(trainers.SpecError([trainers.Violation("f" * 300, letter * 10_000)] * 40), "c" * 64)
    message, packed = quote(made.message, safe=""), b64encode(made.SerializeToString())
    assert len(message) + len(packed) < 7800
    (bad,) = details(made, BadRequest)
    assert bad.field_violations[0].description.startswith("?" if letter == "\ud800" else letter)


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (jobs.JobNotFound("7"), StatusCode.NOT_FOUND, ResourceInfo),
        (jobs.DatasetNotFound("7"), StatusCode.NOT_FOUND, ResourceInfo),
        (jobs.RequestIdReused("r", "7"), StatusCode.ALREADY_EXISTS, ResourceInfo),
        (jobs.NotTerminal("7", "running"), StatusCode.FAILED_PRECONDITION, ErrorInfo),
        (jobs.DatasetInUse("d", "7"), StatusCode.FAILED_PRECONDITION, ErrorInfo),
        (jobs.IllegalMove("7", "running", "queued"), StatusCode.ABORTED, RetryInfo),
        (jobs.InvalidFilter("what"), StatusCode.INVALID_ARGUMENT, BadRequest),
        (jobs.QuotaExceeded("tenants/t", "2 jobs wait", passes=True), StatusCode.RESOURCE_EXHAUSTED, RetryInfo),
        (jobs.QuotaExceeded("tenants/t", "too large", passes=False), StatusCode.RESOURCE_EXHAUSTED, QuotaFailure),
        (jobs.ReplicaNotFound("7"), StatusCode.NOT_FOUND, ResourceInfo),
        (jobs.Draining(), StatusCode.UNAVAILABLE, RetryInfo),
        (Stopping(), StatusCode.UNAVAILABLE, RetryInfo),
    ],
)
def test_an_error_has_its_code_and_details(error: Exception, code: StatusCode, kind: type) -> None:
    made = status(error, "call")
    assert (made.code, made.message) == (code.value[0], str(error))
    assert details(made, kind)
    assert details(made, RequestInfo)[0].request_id == "call"


def test_an_unforeseen_error_tells_only_where_to_look() -> None:
    made = status(KeyError("secret"), "call 7")
    assert made.code == StatusCode.INTERNAL.value[0]
    assert "secret" not in str(made)
    assert "call 7" in made.message

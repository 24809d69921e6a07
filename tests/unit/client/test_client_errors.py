import inspect

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from trainwright import cli, errors
from trainwright.values import JobError, JobInfo, JobState

TREE = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, errors.TrainwrightError) and each is not errors.TrainwrightError
]


def test_every_status_but_ok_has_its_error():
    assert set(errors.BY_STATUS) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


def test_every_service_error_comes_from_a_status():
    mapped = set(errors.BY_STATUS.values())
    assert mapped == {each for each in TREE if issubclass(each, errors.ServiceError)} - {errors.ServiceError}


@pytest.mark.parametrize("status", errors.BY_STATUS)
def test_a_message_ends_with_what_to_do(status):
    error = errors.BY_STATUS[status]("it went wrong")
    assert str(error).startswith("it went wrong. ")
    assert str(error).endswith(error.hint)
    assert error.hint.endswith(".")


@pytest.mark.parametrize("kind", TREE)
def test_every_error_has_an_exit_code_that_is_no_success(kind):
    assert next(code for each, code in cli.EXIT_CODES if issubclass(kind, each)) > 0


def test_violations_stand_on_lines_of_their_own():
    error = errors.InvalidSpec(
        "Not valid.", [errors.Violation("data.target", "is missing"), errors.Violation("", "no")]
    )
    assert str(error).splitlines()[:3] == ["Not valid.", "  data.target: is missing", "  no"]
    assert str(error).splitlines()[3] == errors.InvalidSpec.hint


def test_a_failed_job_tells_why():
    job = JobInfo("trainingJobs/a", JobState.FAILED, error=JobError("internal", "the cluster is gone", "system"))
    assert "trainingJobs/a failed: the cluster is gone. Read `trainwright logs`" in str(errors.JobFailed(job))


def test_time_that_is_over_is_a_timeout_of_python():
    assert issubclass(errors.WaitTimeout, TimeoutError)
    assert issubclass(errors.DeadlineExceeded, TimeoutError)


class FailedCall(grpc.RpcError):
    """A failed call whose message lists its violations once more, as the service's does."""

    def __init__(self, message: str) -> None:
        bad = BadRequest(field_violations=[BadRequest.FieldViolation(field="data.target", description="is no column")])
        self._status = Status(code=grpc.StatusCode.INVALID_ARGUMENT.value[0], message=message)
        self._status.details.add().Pack(bad)

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.INVALID_ARGUMENT

    def details(self) -> str:
        return self._status.message

    def trailing_metadata(self) -> list[tuple[str, bytes]]:
        return [("grpc-status-details-bin", self._status.SerializeToString())]


def test_a_violation_is_told_once():
    told = str(errors.from_rpc(FailedCall("data.target: is no column")))
    assert told.count("data.target: is no column") == 1
    assert str(errors.from_rpc(FailedCall("too late"))).startswith("too late")

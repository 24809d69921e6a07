import dataclasses
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2

from trainwright import admin, decode, values
from trainwright.messages import from_dict
from trainwright.v1 import admin_service_pb2, dataset_service_pb2, report_pb2, training_service_pb2

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "message", "folded"),
    [
        (values.JobInfo, training_service_pb2.TrainingJob, {"error_kind"}),
        (values.Attempt, training_service_pb2.Attempt, {"error_kind"}),
        (values.PhaseRecord, training_service_pb2.PhaseRecord, set()),
        (values.Progress, training_service_pb2.Progress, set()),
        (values.Trial, training_service_pb2.Trial, set()),
        (values.PhaseChange, training_service_pb2.PhaseChange, set()),
        (values.LogLine, training_service_pb2.LogLine, set()),
        (values.Finding, report_pb2.Finding, set()),
        (values.Dataset, dataset_service_pb2.Dataset, set()),
        (values.Column, dataset_service_pb2.DatasetColumn, set()),
        (admin.QueueLine, admin_service_pb2.QueueLine, set()),
        (admin.Replica, admin_service_pb2.Replica, set()),
        (admin.Quota, admin_service_pb2.Quota, set()),
        (admin.Tenant, admin_service_pb2.Tenant, set()),
        (admin.Queue, admin_service_pb2.GetQueueResponse, set()),
    ],
)
def test_values_have_the_fields_of_their_messages(value, message, folded):
    assert {field.name for field in dataclasses.fields(value)} == set(message.DESCRIPTOR.fields_by_name) - folded


def test_states_are_those_of_the_contract():
    known = {name.removeprefix("JOB_STATE_").lower() for name in training_service_pb2.JobState.keys()}  # noqa: SIM118
    assert {state.value for state in values.JobState} == known - {"unspecified"}
    assert [state for state in values.JobState if state.terminal] == ["succeeded", "failed", "cancelled"]


def test_a_job_is_read_whole():
    detail = any_pb2.Any()
    violation = error_details_pb2.BadRequest.FieldViolation(field="data.target", description="one class")
    detail.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    message = from_dict(
        training_service_pb2.TrainingJob,
        {
            "name": "trainingJobs/a",
            "state": "failed",
            "error": {"code": 3, "message": "cannot be trained"},
            "error_kind": "user",
            "history": [{"state": "queued", "start_time": NOON}],
            "attempts": [{"number": 1, "error": {"code": 14, "message": "lost"}, "error_kind": "system"}],
            "progress": {"fraction": 0.5, "best_score": 0.0},
            "run_deadline": 60,
        },
    )
    message.error.details.append(detail)

    job = decode.job(message)

    assert job.error == values.JobError(
        "invalid_argument", "cannot be trained", "user", (values.Violation("data.target", "one class"),)
    )
    assert job.history == (values.PhaseRecord(values.JobState.QUEUED, start_time=NOON),)
    assert job.attempts[0].error == values.JobError("unavailable", "lost", "system")
    assert job.progress == values.Progress(fraction=0.5, best_score=0.0)
    assert (job.id, job.run_deadline, job.queue_timeout, job.report) == ("a", 60.0, None, None)


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        ({"phase": {"phase": "search"}}, values.PhaseChange("search")),
        ({"progress": {}}, values.Progress()),
        (
            {"trial": {"state": "stopped", "fold_scores": [0.0, 1.0]}},
            values.Trial(state="stopped", fold_scores=(0.0, 1.0)),
        ),
        ({"finding": {"columns": ["a"], "evidence": {"n": 3}}}, values.Finding(columns=("a",), evidence={"n": 3})),
        (
            {"state": {"from": "running", "to": "failed", "error": {"message": "no"}, "error_kind": "user"}},
            values.StateChange(values.JobState.RUNNING, values.JobState.FAILED, values.JobError("ok", "no", "user")),
        ),
    ],
)
def test_an_event_carries_what_happened(payload, what):
    message = from_dict(training_service_pb2.JobEvent, {"sequence": 7, "time": NOON, "attempt": 2, **payload})
    assert decode.event(message) == values.JobEvent(7, NOON, 2, what)


def test_every_payload_of_an_event_is_read():
    payload = training_service_pb2.JobEvent.DESCRIPTOR.oneofs_by_name["payload"]
    for field in payload.fields:
        message = from_dict(
            training_service_pb2.JobEvent, {field.name: {"to": "running"} if field.name == "state" else {}}
        )
        assert decode.event(message).what is not None


def test_a_report_has_its_zeros_and_empty_lists():
    message = from_dict(
        report_pb2.TrainingReport,
        {
            "threshold": {"chosen": {"recall": 1.0}},
            "test": {"intervals": {"r2": {"high": 0.5}}, "confusion": {"rows": [{"counts": [0, 3]}]}},
            "selected": {"params": {"depth": 3, "rate": 0.5}},
        },
    )

    report = decode.whole(message)

    assert report["threshold"]["chosen"]["cost"] == 0.0
    assert "at_half" not in report["threshold"]
    assert report["test"]["intervals"] == {"r2": {"low": 0.0, "high": 0.5}}
    assert report["test"]["confusion"] == {"labels": [], "rows": [{"counts": [0, 3]}]}
    assert report["selected"]["params"] == {"depth": 3, "rate": 0.5}
    assert (report["candidates"], report["timings"], report["task"]) == ([], {}, "")
    assert from_dict(report_pb2.TrainingReport, report) == message


def test_codes_are_told_by_name():
    error = from_dict(training_service_pb2.Attempt, {"error": {"code": grpc.StatusCode.ABORTED.value[0]}})
    assert decode._attempt(error).error.code == "aborted"

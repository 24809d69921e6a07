"""Jobs over the wire: a real service, a real run, raw stubs."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RequestInfo, ResourceInfo
from grpc_status import rpc_status

from tests.serving import SMALL_SPEC
from trainwright.v1 import training_service_pb2 as pb

MISSING = "trainingJobs/0000000000000000"


@pytest.fixture(scope="module")
def finished(service) -> pb.TrainingJob:
    """A job that has run to its end."""
    job = service.create(request_id="finished", labels={"line": "7", "plant": "north"}).job
    answers = list(watch(service, job.name))
    assert answers[-1].event.state.to == pb.JOB_STATE_SUCCEEDED, answers[-1]
    return get(service, job.name)


@pytest.fixture
def endless(service) -> Iterator[pb.TrainingJob]:
    """A job that runs until it is cancelled."""
    job = service.create(long_spec()).job
    yield job
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job.name))
    list(watch(service, job.name))


def long_spec() -> dict[str, Any]:
    return {
        "decision": "Take long",
        "data": {"uri": "parts.csv", "target": "bad"},
        "candidates": [{"family": "random_forest"}],
        "search": {"max_trials": 5000, "racing": False},
    }


def watch(service, name: str, after: int = 0) -> Iterator[pb.WatchTrainingJobResponse]:
    return service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name, after_sequence=after), timeout=200)


def get(service, name: str, *paths: str) -> pb.TrainingJob:
    request = pb.GetTrainingJobRequest(name=name, read_mask=FieldMask(paths=paths) if paths else None)
    return service.training.GetTrainingJob(request).job


def jobs(service, **fields: Any) -> list[pb.TrainingJob]:
    return list(service.training.ListTrainingJobs(pb.ListTrainingJobsRequest(**fields)).jobs)


def refused(call, request) -> grpc.Call:
    """How a call is refused, at once or, of a stream, with the first answer."""
    with pytest.raises(grpc.RpcError) as caught:
        next(answer) if hasattr(answer := call(request), "__next__") else answer
    return caught.value


def detail(error: grpc.Call, kind: type) -> Any:
    for each in rpc_status.from_call(error).details:
        found = kind()
        if each.Unpack(found):
            return found
    raise AssertionError(f"no {kind.__name__}")


# A job that has run


def test_a_finished_job_has_a_judged_model(service, finished) -> None:
    assert finished.report.selected.family
    assert finished.report.test.rows == 24
    assert finished.report.data.rows == 120
    assert finished.spec.search.metric == "average_precision"
    assert finished.output_uri == f"{service.state}/jobs/{finished.name.removeprefix('trainingJobs/')}"
    assert [each.number for each in finished.attempts] == [1]
    assert finished.create_time.ToDatetime() <= finished.start_time.ToDatetime() < finished.end_time.ToDatetime()
    assert finished.progress.fraction == 1


def test_history_has_every_state_and_phase_without_gaps(finished) -> None:
    assert [each.state for each in finished.history][:2] == [pb.JOB_STATE_QUEUED, pb.JOB_STATE_WAITING_FOR_RESOURCES]
    phases = [each.phase for each in finished.history if each.phase]
    assert phases[0] == "load"
    assert phases[-1] == "publish"
    for before, after in zip(finished.history, finished.history[1:], strict=False):
        assert before.end_time == after.start_time


def test_a_watch_has_a_snapshot_and_every_event_once(service, finished) -> None:
    first, *rest = watch(service, finished.name)
    assert first.snapshot.name == finished.name
    assert not first.snapshot.HasField("report")
    assert [each.event.sequence for each in rest] == list(range(1, finished.last_sequence + 1))


def test_a_watch_goes_on_after_a_sequence(service, finished) -> None:
    everything = [each.event for each in watch(service, finished.name)][1:]
    for after in (1, finished.last_sequence - 1, finished.last_sequence):
        _, *rest = watch(service, finished.name, after)
        assert [each.event for each in rest] == everything[after:]


def test_a_watch_from_the_future_is_refused(service, finished, violations) -> None:
    request = pb.WatchTrainingJobRequest(name=finished.name, after_sequence=finished.last_sequence + 1)
    assert "after_sequence" in violations(refused(service.training.WatchTrainingJob, request))


def test_trials_are_paged_in_order(service, finished) -> None:
    first = service.training.ListTrials(pb.ListTrialsRequest(parent=finished.name, page_size=2))
    rest = service.training.ListTrials(
        pb.ListTrialsRequest(parent=finished.name, page_size=1000, page_token=first.next_page_token)
    )
    assert [trial.number for trial in (*first.trials, *rest.trials)] == list(
        range(len(first.trials) + len(rest.trials))
    )
    assert {trial.family for trial in (*first.trials, *rest.trials)} >= {"dummy", "decision_tree"}
    assert {(trial.family, trial.state, trial.reason) for trial in rest.trials} == {
        ("decision_tree", pb.TRIAL_STATE_COMPLETED, "")
    }


# Creating


def test_the_same_request_is_the_same_job(service, finished) -> None:
    again = service.create(request_id="finished", labels={"plant": "north", "line": "7"}).job
    assert again.name == finished.name


def test_a_repeated_request_needs_no_table(service, finished) -> None:
    table = service.folder / "parts.csv"
    table.rename(table.with_suffix(".away"))
    try:
        assert service.create(request_id="finished", labels={"plant": "north", "line": "7"}).job.name == finished.name
    finally:
        table.with_suffix(".away").rename(table)


@pytest.mark.parametrize("validate_only", [True, False])
def test_a_request_id_with_another_body_is_refused(service, finished, validate_only: bool) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        service.create(request_id="finished", labels={"plant": "south"}, validate_only=validate_only)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert detail(caught.value, ResourceInfo).resource_name == finished.name


def test_validate_only_answers_with_spec_and_plan_and_makes_no_job(service, finished) -> None:
    before = len(jobs(service, page_size=1000))
    answer = service.create(validate_only=True, labels={"a": "b"})
    assert (answer.job.name, dict(answer.job.labels)) == ("", {"a": "b"})
    assert answer.job.spec == finished.spec
    assert [fold.train_rows + fold.validation_rows for fold in answer.plan.split.folds] == [96, 96]
    assert answer.plan.fits == 8
    assert answer.plan.cpu_hours.low < answer.plan.cpu_hours.high
    assert len(jobs(service, page_size=1000)) == before


def test_a_spec_as_resolved_may_be_sent_again(service, finished) -> None:
    request = pb.CreateTrainingJobRequest(spec=finished.spec, validate_only=True)
    assert service.training.CreateTrainingJob(request).job.spec == finished.spec


# Reading


def test_masks_leave_out_what_is_not_asked_for(service, finished) -> None:
    job = get(service, finished.name, "state", "report.data.rows")
    assert job.report.data.rows == 120
    job.report.data.ClearField("rows")
    assert job == pb.TrainingJob(state=pb.JOB_STATE_SUCCEEDED, report={"data": {}})
    assert get(service, finished.name, "*") == finished


def test_lists_are_light_unless_more_is_asked_for(service, finished) -> None:
    (listed,) = jobs(service, filter='labels.line = "7"')
    assert listed.name == finished.name
    assert not {"spec", "report", "history"} & {field.name for field, _ in listed.ListFields()}
    (listed,) = jobs(service, filter='labels.line = "7"', read_mask=FieldMask(paths=["spec.decision"]))
    assert listed == pb.TrainingJob(spec={"decision": finished.spec.decision})


def test_lists_are_paged_and_filtered(service, finished, endless) -> None:
    everything = [job.name for job in jobs(service, page_size=1000)]
    token, paged = "", []
    while True:
        page = service.training.ListTrainingJobs(pb.ListTrainingJobsRequest(page_size=1, page_token=token))
        paged += [job.name for job in page.jobs]
        token = page.next_page_token
        if not token:
            break
    assert paged == everything
    assert everything.index(endless.name) < everything.index(finished.name)
    assert finished.name in [job.name for job in jobs(service, filter="state = SUCCEEDED")]
    assert endless.name not in [job.name for job in jobs(service, filter="state = SUCCEEDED")]
    assert [job.name for job in jobs(service, page_size=1000, order_by="create_time asc")] == everything[::-1]


@pytest.mark.parametrize("field", ["filter", "order_by", "page_token"])
def test_lists_refuse_what_they_cannot_read(service, violations, field: str) -> None:
    request = pb.ListTrainingJobsRequest(**{field: "nonsense"})
    assert field in violations(refused(service.training.ListTrainingJobs, request))


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("GetTrainingJob", pb.GetTrainingJobRequest(name=MISSING)),
        ("CancelTrainingJob", pb.CancelTrainingJobRequest(name=MISSING)),
        ("RerunTrainingJob", pb.RerunTrainingJobRequest(name=MISSING)),
        ("DeleteTrainingJob", pb.DeleteTrainingJobRequest(name=MISSING)),
        ("CompareTrainingJobs", pb.CompareTrainingJobsRequest(names=[MISSING, MISSING])),
        ("WatchTrainingJob", pb.WatchTrainingJobRequest(name=MISSING)),
        ("ReadLogs", pb.ReadLogsRequest(name=MISSING)),
        ("ListTrials", pb.ListTrialsRequest(parent=MISSING)),
    ],
)
def test_a_job_that_is_not_there_is_named(service, call: str, request_: Any) -> None:
    error = refused(getattr(service.training, call), request_)
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert detail(error, ResourceInfo).resource_name == MISSING
    assert detail(error, ErrorInfo).reason == "NOT_FOUND"
    assert detail(error, RequestInfo).request_id == dict(error.trailing_metadata())["x-request-id"]


# Following, cancelling, deleting


def test_a_watch_follows_a_job_that_is_cancelled(service) -> None:
    job = service.create(long_spec()).job
    stream = watch(service, job.name)
    sequences, asked = [], False
    for answer in stream:
        if answer.HasField("event"):
            sequences.append(answer.event.sequence)
        if answer.event.HasField("trial") and not asked:
            request, asked = pb.CancelTrainingJobRequest(name=job.name, reason="enough", request_id="stop it"), True
            assert service.training.CancelTrainingJob(request).job.state == pb.JOB_STATE_CANCELLING
            service.training.CancelTrainingJob(request)
    ended = get(service, job.name)
    assert (ended.state, ended.error.message) == (pb.JOB_STATE_CANCELLED, "enough")
    assert sequences == list(range(1, ended.last_sequence + 1))
    assert service.training.ListTrials(pb.ListTrialsRequest(parent=job.name)).trials


def test_a_watcher_may_leave(service, endless) -> None:
    stream = watch(service, endless.name)
    next(stream)
    stream.cancel()
    assert get(service, endless.name, "state").state in (
        pb.JOB_STATE_QUEUED, pb.JOB_STATE_WAITING_FOR_RESOURCES, pb.JOB_STATE_RUNNING
    )  # fmt: skip


def test_a_job_that_runs_is_not_deleted(service, endless) -> None:
    error = refused(service.training.DeleteTrainingJob, pb.DeleteTrainingJobRequest(name=endless.name))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_a_rerun_is_a_new_job_that_says_what_differs(service, finished) -> None:
    rerun = pb.RerunTrainingJobRequest(name=finished.name, request_id="again")
    first, second = service.training.RerunTrainingJob(rerun), service.training.RerunTrainingJob(rerun)
    assert first.job.name == second.job.name != finished.name
    assert first.job.rerun_of == finished.name
    assert (first.job.spec, dict(first.job.labels)) == (finished.spec, dict(finished.labels))
    assert list(first.differences) == []
    table = service.folder / "parts.csv"
    before = table.read_text()
    table.write_text(before + "3,3,new,1\n")
    try:
        changed = service.training.RerunTrainingJob(pb.RerunTrainingJobRequest(name=finished.name))
    finally:
        table.write_text(before)
    [change] = changed.differences
    rows = finished.report.manifest.data_rows
    assert change == f"The table had {rows:,} rows and has now {rows + 1:,}."
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=changed.job.name))
    list(watch(service, changed.job.name))
    list(watch(service, first.job.name))
    report = get(service, first.job.name).report
    assert "RERUN_EQUAL" in [finding.code for finding in report.findings]
    assert report.split.digest == finished.report.split.digest
    assert [opening.by for opening in report.split.openings[-2:]] == [
        name.removeprefix("trainingJobs/") for name in (finished.name, first.job.name)
    ]


def test_a_job_says_whether_its_one_change_helped_and_the_same_is_told_on_request(service, finished) -> None:
    parent = finished.name.removeprefix("trainingJobs/")
    job = service.create({**SMALL_SPEC, "parent": parent, "threshold": {"min_recall": 0.9}}).job
    list(watch(service, job.name))
    told = get(service, job.name).report.comparison
    assert [change.path for change in told.changes if change.now] == ["threshold.min_recall"]
    assert (told.reference, told.paired, told.verdict, told.difference) == (parent, True, "level", 0)
    assert told.flips.rows == 96
    asked = pb.CompareTrainingJobsRequest(names=[finished.name, job.name, finished.name])
    ours, itself = service.training.CompareTrainingJobs(asked).comparisons
    assert (ours.reference, ours.job) == (finished.name, job.name)
    assert (ours.changes, ours.flips, ours.test) == (told.changes, told.flips, told.test)
    assert (itself.flips.flipped, list(itself.changes)) == (0, [])


def test_jobs_without_a_report_cannot_be_compared(service, finished, endless) -> None:
    error = refused(
        service.training.CompareTrainingJobs, pb.CompareTrainingJobsRequest(names=[finished.name, endless.name])
    )
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert detail(error, ErrorInfo).reason == "NO_REPORT"
    alone = refused(service.training.CompareTrainingJobs, pb.CompareTrainingJobsRequest(names=[finished.name]))
    assert detail(alone, BadRequest).field_violations[0].field == "names"


def test_a_deleted_job_is_gone_with_its_files(service) -> None:
    job = service.create(long_spec()).job
    service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job.name))
    list(watch(service, job.name))
    folder = service.state / "jobs" / job.name.removeprefix("trainingJobs/")
    request = pb.DeleteTrainingJobRequest(name=job.name, request_id="delete it")
    service.training.DeleteTrainingJob(request)
    service.training.DeleteTrainingJob(request)
    assert not folder.exists()
    assert job.name not in [each.name for each in jobs(service, page_size=1000)]
    service.training.DeleteTrainingJob(pb.DeleteTrainingJobRequest(name=job.name, allow_missing=True))
    error = refused(service.training.DeleteTrainingJob, pb.DeleteTrainingJobRequest(name=job.name))
    assert error.code() is grpc.StatusCode.NOT_FOUND

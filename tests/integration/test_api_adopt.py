"""A run that was made without the service is taken up as a job."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from trainwright.v1 import training_service_pb2 as pb


@pytest.fixture(scope="module")
def job(service) -> pb.TrainingJob:
    """A job that has ended; its folder is what `python -m trainers --out` leaves."""
    name = service.create(request_id="to be adopted").job.name
    for _ in service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name), timeout=200):
        pass
    return get(service, name)


@pytest.fixture
def run(service, job) -> Iterator[Path]:
    """That folder, where data may be read from."""
    folder = service.folder / "run"
    shutil.copytree(job.output_uri, folder)
    yield folder
    shutil.rmtree(folder)


def get(service, name: str) -> pb.TrainingJob:
    return service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).job


def adopt(service, folder, **fields) -> pb.TrainingJob:
    return service.training.AdoptTrainingJob(pb.AdoptTrainingJobRequest(folder=str(folder), **fields)).job


def belongings(service, name: str) -> tuple:
    trials = service.training.ListTrials(pb.ListTrialsRequest(parent=name)).trials
    logs = [(each.line.text, each.line.time) for each in service.training.ReadLogs(pb.ReadLogsRequest(name=name))]
    watched = service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name), timeout=60)
    events = [each.event for each in watched if each.HasField("event")]
    return list(trials), logs, [e.WhichOneof("payload") for e in events], events[-1].state.to


def test_an_adopted_run_has_what_the_job_has(service, job, run) -> None:
    adopted = adopt(service, run, labels={"from": "ray"})
    assert adopted.name != job.name
    assert (adopted.report, adopted.spec, adopted.state) == (job.report, job.spec, pb.JOB_STATE_SUCCEEDED)
    assert belongings(service, adopted.name) == belongings(service, job.name)
    assert [each.phase for each in adopted.history] == [each.phase for each in job.history]
    assert job.start_time.ToDatetime() <= adopted.start_time.ToDatetime() < adopted.end_time.ToDatetime()
    assert adopted.end_time.ToDatetime() <= job.end_time.ToDatetime()
    listed = service.training.ListTrainingJobs(pb.ListTrainingJobsRequest(filter='labels.from = "ray"')).jobs
    assert [each.name for each in listed] == [adopted.name]


def test_the_same_run_is_the_same_job_and_deleting_it_leaves_the_run(service, run) -> None:
    first, second = adopt(service, run), adopt(service, run, request_id="again")
    assert first.name == second.name
    service.training.DeleteTrainingJob(pb.DeleteTrainingJobRequest(name=first.name))
    assert not Path(first.output_uri).exists()
    assert (run / "report.json").exists()


def test_an_adopted_job_can_be_the_parent_of_another_and_be_compared(service, job, run) -> None:
    adopted = adopt(service, run)
    answer = service.training.CompareTrainingJobs(pb.CompareTrainingJobsRequest(names=[job.name, adopted.name]))
    assert len(answer.comparisons) == 1


def test_what_lies_elsewhere_or_has_no_ended_run_is_refused(service, run, violations, tmp_path) -> None:
    (tmp_path / "report.json").write_text("{}")
    (run.parent / "link").symlink_to(tmp_path)
    (run / "events-1.jsonl").rename(run / "kept")
    lines = (run / "kept").read_text().splitlines(keepends=True)
    (run / "events-1.jsonl").write_text("".join(lines[:-1]))
    for folder, why in (
        (tmp_path, "outside"),
        (run.parent / "link", "outside"),
        ("../..", "outside"),
        (run.parent / "nowhere", "none has ended there"),
        (run, "none has ended there"),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            adopt(service, folder)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert why in violations(caught.value)["folder"], folder
    (run.parent / "link").unlink()
    (run / "kept").replace(run / "events-1.jsonl")
    (run / "report.json").write_text(json.dumps({"decision": 1}))
    with pytest.raises(grpc.RpcError) as caught:
        adopt(service, run)
    assert "cannot be read" in violations(caught.value)["folder"]

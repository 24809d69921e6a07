"""The synchronous client against a real gRPC server."""

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import trainwright
from trainwright import JobState, TrainingClient

SPEC = {"decision": "stop machines in time", "data": {"uri": "a.csv", "target": "y"}}
FAILED = [
    {"state": {"to": "running"}},
    {"state": {"from": "running", "to": "failed", "error": {"code": 3, "message": "one class"}, "error_kind": "user"}},
]
CANCELLED = [{"state": {"to": "cancelled", "error": {"code": 1, "message": "asked for"}}}]


@pytest.fixture
def client(target: str) -> Iterator[TrainingClient]:
    with TrainingClient(target, timeout=20) as client:
        yield client


def test_submit_sends_spec_labels_and_limits(client, service):
    job = client.submit(SPEC, labels={"team": "press"}, request_id="r-1")

    info = client.get(job.id)
    assert info.spec == SPEC
    assert info.labels == {"team": "press"}
    assert client.submit(SPEC, labels={"team": "press"}, request_id="r-1") == job
    assert client.submit(SPEC) != job


def test_a_file_is_uploaded_as_parquet_and_named_in_the_spec(client, service, tmp_path):
    table = pd.DataFrame({"a": [1, 2], "y": ["no", "yes"]})
    table.to_csv(tmp_path / "t.csv", index=False)

    from_frame, from_csv = client.submit(SPEC, table), client.submit(SPEC, tmp_path / "t.csv")

    uri = from_frame.describe().spec["data"]["uri"]
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(service.content[uri])), table)
    assert from_csv.describe().spec["data"] == {"uri": uri, "target": "y"}


def test_an_upload_is_cut_into_parts_the_service_takes(client, service, tmp_path):
    path = tmp_path / "big.parquet"
    path.write_bytes(bytes(range(256)) * 10_000)  # 2.56 MB: the servicer checks size and digest, not the format

    dataset = client.datasets.upload(path)

    assert dataset.size_bytes == 2_560_000
    assert service.deadline > 1e9  # as long as its bytes need
    assert dataset.display_name == "big.parquet"
    assert [each.name for each in client.datasets.list()] == [dataset.name]
    client.datasets.delete(dataset.id)
    with pytest.raises(trainwright.NotFound, match="datasets list"):
        client.datasets.get(dataset.id)


@pytest.mark.parametrize("uri", ["s3://bucket/t.parquet", "datasets/abc"])
def test_a_uri_is_handed_on(client, uri):
    assert client.submit(SPEC, uri).describe().spec["data"]["uri"] == uri


def test_refused_fields_are_told_one_by_one(client):
    with pytest.raises(trainwright.InvalidSpec) as caught:
        client.submit({**SPEC, "data": {"uri": "a.csv", "target": "no such column"}})

    assert [each.field for each in caught.value.violations] == ["data.target"]
    assert "data.target: there is no column 'no such column'; the columns are a, b" in str(caught.value)
    assert str(caught.value).endswith("submit again.")


def test_plan_makes_no_job(client, service):
    planned = client.plan(SPEC)

    assert (planned.fits, planned.task, planned.cpu_hours) == (12, "binary", (0.1, 0.2))
    assert planned.spec == SPEC
    assert not service.jobs


def test_wait_shows_progress_and_returns_the_report(client, capsys):
    job = client.submit(SPEC)

    info = job.wait()

    assert info.state is JobState.SUCCEEDED
    assert job.report()["selected"]["params"] == {"max_depth": 4}
    assert job.model_uri == "models:/m-1"
    assert "best 0.8000 xgboost" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "error", "text"),
    [(FAILED, trainwright.JobFailed, "one class"), (CANCELLED, trainwright.JobCancelled, "asked for")],
)
def test_a_job_without_result_raises(client, service, script, error, text):
    service.script = script
    job = client.submit(SPEC)

    for ask in (lambda: job.wait(progress=False), job.report, lambda: job.model_uri):
        with pytest.raises(error, match=text) as caught:
            ask()
        assert caught.value.job.id == job.id


def test_the_kind_of_a_failure_is_told(client, service):
    service.script = FAILED
    error = client.submit(SPEC).describe().error
    assert (error.kind, error.code) == ("user", "invalid_argument")


def test_events_go_on_after_lost_connections_without_loss_or_repeat(client, service):
    service.lose_after = [2, 4]
    job = client.submit(SPEC)

    events = list(job.events())

    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert service.watched == [0, 2, 4]
    assert [event.sequence for event in job.events(after=3)] == [4, 5]
    assert list(job.events(after=5)) == []


def test_waiting_ends_when_its_time_is_over(client, service):
    service.script = []
    job = client.submit(SPEC)

    with pytest.raises(trainwright.WaitTimeout, match="goes on"):
        job.wait(timeout=0.3, progress=False)
    with pytest.raises(trainwright.JobNotFinished, match="is running"):
        job.report()


def test_an_unknown_job_is_not_retried(client, service):
    with pytest.raises(trainwright.NotFound, match="There is no job trainingJobs/none"):
        client.job("none").wait()
    assert service.watched == []


def test_lists_go_over_pages(client):
    jobs = [client.submit(SPEC) for _ in range(5)]
    assert [info.id for info in client.list()] == [job.id for job in reversed(jobs)]
    assert [trial.number for trial in jobs[0].trials()] == [0, 0, 0]


def test_jobs_are_compared_with_a_reference(client):
    first, second = client.submit(SPEC), client.submit(SPEC)
    [found] = client.compare(first.id, second.name)
    assert (found["reference"], found["job"], found["verdict"]) == (first.name, second.name, "better")
    assert found["reference_mean"] == 0.0  # fields left out have their defaults


def test_cancel_rerun_and_delete(client, service):
    job = client.submit(SPEC)

    again = job.rerun()
    assert again.differences == ("numpy is newer",)
    assert again.describe().spec == SPEC
    assert job.cancel("enough").state is JobState.CANCELLED
    assert job.describe().error.message == "enough"
    job.delete()
    assert list(service.jobs) == [again.name]


def test_log_lines_go_on_after_lost_connections_without_loss_or_repeat(client, service):
    job = client.submit(SPEC)
    service.lose_after = [4, 7]
    assert [(line.number, line.text) for line in job.logs(follow=True)] == [(4, "loading"), (7, "slow disk")]
    assert service.lose_after == []


def test_logs_are_filtered_by_the_service(client):
    job = client.submit(SPEC)
    assert [line.text for line in job.logs()] == ["loading", "slow disk"]
    assert [(line.text, line.time.year) for line in job.logs(level="warning")] == [("slow disk", 2026)]
    with pytest.raises(trainwright.InvalidSpec, match="debug, info, warning, error"):
        job.logs(level="loud")


def test_calls_have_a_deadline_and_are_repeated_while_the_service_is_away(client, service):
    job = client.submit(SPEC)
    service.unavailable = 2

    job.describe()

    assert 0 < service.deadline < 25  # 20 s, and a little for clocks that are read at different moments
    assert service.unavailable == 0


def test_the_token_travels_with_each_call(target, service):
    with TrainingClient(target, token="secret") as client:
        client.submit(SPEC).describe()
    assert service.metadata["authorization"] == "Bearer secret"


def test_no_service_is_unavailable():
    with (
        TrainingClient("127.0.0.1:1") as client,
        pytest.raises(trainwright.Unavailable, match="trainwright-server") as caught,
    ):
        client.wait_ready(0)
    assert "Connection refused" in str(caught.value)


def test_a_spec_is_read_from_yaml(client, tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text("decision: stop machines in time\ndata: {uri: a.csv, target: y}\n")
    assert client.submit(path).describe().spec == client.submit(str(path)).describe().spec == SPEC

import grpc
import pytest

from trainwright import errors
from trainwright.values import JobEvent, JobInfo, JobState, PhaseChange, StateChange
from trainwright.watch import Watch, model_uri_of, succeeded

LOST = errors.Unavailable("gone", (), grpc.StatusCode.UNAVAILABLE)


def event(sequence, what=None):
    return JobEvent(sequence, None, 1, what or PhaseChange("search"))


def snapshot(state=JobState.RUNNING, last=0):
    return JobInfo("trainingJobs/a", state, last_sequence=last)


def test_it_goes_on_after_the_last_event_seen():
    watch = Watch("trainingJobs/a", after=2)
    assert watch.call().request.after_sequence == 2
    assert [watch.accept(event(n)) for n in (2, 3, 3, 4)] == [False, True, False, True]
    assert watch.call().request.after_sequence == 4
    assert not watch.finished


@pytest.mark.parametrize(("state", "finished"), [(JobState.FAILED, True), (JobState.CANCELLING, False)])
def test_it_ends_at_a_terminal_event(state, finished):
    watch = Watch("a")
    watch.accept(event(1, StateChange(JobState.RUNNING, state)))
    assert watch.finished is finished


def test_a_terminal_snapshot_ends_it_only_when_no_event_is_due():
    due, done = Watch("a", after=3), Watch("a", after=4)
    due.accept(snapshot(JobState.SUCCEEDED, last=4))
    done.accept(snapshot(JobState.SUCCEEDED, last=4))
    assert (due.finished, done.finished) == (False, True)
    assert done.pause(None) == 0


def test_pauses_grow_and_start_again_after_an_answer():
    watch = Watch("a")
    pauses = [watch.pause(LOST) for _ in range(8)]
    assert 0 < pauses[0] <= 0.2
    assert 2.5 <= pauses[-1] <= 5
    watch.accept(snapshot())
    assert watch.pause(LOST) <= 0.2


def test_only_a_lost_connection_is_tried_again():
    refused = errors.NotFound("no such job", (), grpc.StatusCode.NOT_FOUND)
    with pytest.raises(errors.NotFound):
        Watch("a").pause(refused)


def test_patience_ends():
    watch = Watch("a", patience=-1.0)
    with pytest.raises(errors.Unavailable):
        watch.pause(LOST)


def test_time_given_ends():
    watch = Watch("trainingJobs/a", timeout=0)
    assert watch.time_left() == 0
    with pytest.raises(errors.WaitTimeout, match="trainingJobs/a has not ended"):
        watch.pause(errors.DeadlineExceeded("over", (), grpc.StatusCode.DEADLINE_EXCEEDED))
    assert Watch("a", timeout=0.05).pause(None) <= 0.05


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (JobState.FAILED, errors.JobFailed),
        (JobState.CANCELLED, errors.JobCancelled),
        (JobState.QUEUED, errors.JobNotFinished),
    ],
)
def test_only_success_is_success(state, error):
    assert succeeded(snapshot(JobState.SUCCEEDED)).state is JobState.SUCCEEDED
    with pytest.raises(error):
        succeeded(snapshot(state))


def test_a_model_not_yet_in_mlflow_is_told():
    with pytest.raises(errors.JobNotFinished, match="not been published"):
        model_uri_of(JobInfo("a", JobState.SUCCEEDED, report={"tracking": {}}))

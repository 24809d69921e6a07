"""A run that must wait for the cluster in the midst of its work."""

from datetime import UTC, datetime, timedelta

from cluster.events import RunnerEvent
from service.jobs import changes
from service.jobs.records import JobError, JobRecord, NewJob
from service.jobs.states import State

START = datetime(2026, 1, 1, tzinfo=UTC)
PENDING = ["2 x {CPU: 8}"]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def moved(job: JobRecord, to: State, seconds: float) -> JobRecord:
    return changes.moved(job, to, at(seconds))[0]


def told(job: JobRecord, seconds: float, *events: dict) -> JobRecord:
    pulled = job.attempts[-1].pulled
    numbered = [RunnerEvent(pulled + n, at(seconds), event) for n, event in enumerate(events, 1)]
    return changes.reported(job, numbered, at(seconds)).job


def running() -> JobRecord:
    job, _ = changes.accepted(NewJob(spec={}, queue_timeout_s=60.0), "out", START)
    job = moved(moved(job, State.WAITING_FOR_RESOURCES, 10), State.RUNNING, 20)
    return told(job, 30, {"phase": {"phase": "search"}}, {"progress": {"fraction": 0.1}})


def test_it_stands_where_its_run_says():
    job = running()
    assert changes.standing(job) is State.RUNNING
    job = told(job, 40, {"progress": {"fraction": 0.1, "pending_resources": PENDING}})
    assert changes.standing(job) is State.WAITING_FOR_RESOURCES
    job = told(job, 50, {"progress": {"fraction": 0.1, "pending_resources": []}})
    assert changes.standing(job) is State.RUNNING


def test_waiting_keeps_phase_and_attempt():
    job = moved(running(), State.WAITING_FOR_RESOURCES, 40)
    assert (job.phase, len(job.attempts), job.start_time) == ("search", 1, at(10))
    job = moved(job, State.RUNNING, 50)
    assert [(phase.state, phase.phase) for phase in job.history[-3:]] == [
        (State.RUNNING, "search"),
        (State.WAITING_FOR_RESOURCES, "search"),
        (State.RUNNING, "search"),
    ]


def test_the_queue_timeout_counts_from_the_beginning_and_then_for_each_wait():
    queued, _ = changes.accepted(NewJob(spec={}, queue_timeout_s=60.0), "out", START)
    assert moved(queued, State.WAITING_FOR_RESOURCES, 50).queue_deadline == at(60)
    assert moved(running(), State.WAITING_FOR_RESOURCES, 1000).queue_deadline == at(1060)


def test_another_attempt_waits_for_nothing_that_the_last_one_waited_for():
    job = told(running(), 40, {"progress": {"fraction": 0.1, "pending_resources": PENDING}})
    job = changes.retried(job, JobError(13, "lost", "system"), at(50))
    assert changes.standing(job) is State.RUNNING
    assert job.progress["fraction"] == 0.1

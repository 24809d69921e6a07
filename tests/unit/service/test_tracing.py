"""What a job's trace says, worked out from its events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.trace import NoOpTracer

from service import tracing
from service.jobs import changes
from service.jobs.records import Attempt, EventRecord, JobError, JobRecord, NewJob
from service.jobs.states import State

START = datetime(2026, 1, 1, tzinfo=UTC)
LOST = JobError(13, "the node was lost", "system")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def job(*attempts: Attempt, end: float, error: JobError | None = None) -> JobRecord:
    accepted, _ = changes.accepted(NewJob(spec={}, tenant="press", id="a1"), "/x", START)
    start = attempts[0].start_time if attempts else None
    return replace(
        accepted, state=State.FAILED, start_time=start, end_time=at(end), attempts=attempts, error=error
    )  # fmt: skip


def told(attempt: int, *happened: tuple[float, dict]) -> list[EventRecord]:
    return [EventRecord(i + 1, at(seconds), attempt, event) for i, (seconds, event) in enumerate(happened)]


def trial(number: int, state: str, *scores: float, **more) -> dict:
    values = {"number": number, "family": "ridge", "state": state, "fold_scores": list(scores), "fit_seconds": 2.0}
    return {"trial": values | more}


def shape(part: tracing.Part) -> tuple:
    """Name, start and end in seconds, and the same of its parts."""
    begin, end = ((each - START).total_seconds() for each in (part.start, part.end))
    return (part.name, begin, end, *map(shape, part.parts))


def test_steps_and_trials_lie_in_the_attempt_that_made_them() -> None:
    first = Attempt(1, at(5), at(60), LOST)
    second = Attempt(2, at(60))
    events = [
        *told(0, (0, {"state": {"to": "queued"}})),
        *told(
            1,
            (5, {"state": {"to": "waiting_for_resources"}}),
            (10, {"phase": {"phase": "load"}}),
            (20, {"phase": {"phase": "search"}}),
            (30, trial(0, "running", 0.5)),
            (31, {"progress": {"fraction": 0.5}}),
            (40, trial(0, "completed", 0.5, 0.75, mean=0.625)),
            (21, trial(1, "failed", reason="ValueError: no")),
        ),
        *told(2, (70, {"phase": {"phase": "load"}})),
    ]
    story = tracing.history(job(first, second, end=90, error=LOST), events)
    assert shape(story) == (
        "job", 0, 90,
        ("queued", 0, 5),
        ("attempt 1", 5, 60, ("load", 10, 20), ("search", 20, 60, ("trial 0", 28, 40), ("trial 1", 20, 21))),
        ("attempt 2", 60, 90, ("load", 70, 90)),
    )  # fmt: skip
    completed, failed = story.parts[1].parts[1].parts
    assert (completed.about["trainwright.folds"], completed.about["trainwright.mean"], completed.error) == (
        2,
        0.625,
        "",
    )
    assert failed.error == "ValueError: no"
    assert (story.error, story.parts[1].error, story.parts[2].error) == (LOST.message, LOST.message, "")
    assert story.about["trainwright.tenant"] == "press"


def test_a_job_that_never_started_has_only_waited() -> None:
    assert shape(tracing.history(job(end=30), [])) == ("job", 0, 30, ("queued", 0, 30))


def test_without_a_target_nothing_is_made_and_the_callers_trace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.TARGETS:
        monkeypatch.delenv(name, raising=False)
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with tracing.exporting() as tracer, tracing.answering(tracer, "/s/m", {"traceparent": caller}) as span:
        assert isinstance(tracer, NoOpTracer)
        assert not span.is_recording()
        assert tracing.here() == caller
    assert tracing.here() == ""

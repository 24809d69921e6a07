"""What happens to a job, as values: each function takes the job as it is and returns it as it will be, with its events."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from cluster.events import RunnerEvent
from service.jobs.errors import IllegalMove
from service.jobs.need import need
from service.jobs.records import Attempt, EventRecord, JobError, JobRecord, NewJob, Phase
from service.jobs.states import MOVES, TERMINAL, State


@dataclass(frozen=True)
class Reported:
    """What a runner's events make of a job.

    Attributes:
        job: The job afterwards.
        events: New events of the job.
        logs: The runner's events that are log lines.
        trials: Latest version of each trial, by number.
    """

    job: JobRecord
    events: tuple[EventRecord, ...]
    logs: tuple[RunnerEvent, ...]
    trials: dict[int, dict[str, Any]]


def accepted(new: NewJob, output: str, now: datetime) -> tuple[JobRecord, EventRecord]:
    """The job at its beginning, queued."""
    asked = need(new.spec)
    job = JobRecord(
        id=new.id,
        tenant=new.tenant,
        state=State.QUEUED,
        phase="",
        labels=dict(new.labels),
        request_id=new.request_id,
        request_digest=new.request_digest,
        rerun_of=new.rerun_of,
        create_time=now,
        update_time=now,
        start_time=None,
        end_time=None,
        error=None,
        progress={},
        attempts=(),
        queue_timeout_s=new.queue_timeout_s,
        run_deadline_s=new.run_deadline_s,
        last_sequence=1,
        output=output,
        spec=dict(new.spec),
        history=(Phase(State.QUEUED, "", now),),
        trace=new.trace,
        priority=new.priority,
        cpus=asked.cpus,
        gpus=asked.gpus,
    )
    return job, EventRecord(1, now, 0, {"state": {"to": State.QUEUED.value}})


def moved(job: JobRecord, to: State, now: datetime, error: JobError | None = None) -> tuple[JobRecord, EventRecord]:
    """The job in another state. Its first start opens its first attempt; its end closes the last one.

    A run that has to wait for the cluster, and goes on, stays in its phase.

    Args:
        job: As it is.
        to: Where it goes.
        now: When.
        error: Why, for FAILED and CANCELLING and CANCELLED; without one the job keeps the error that it has.

    Raises:
        IllegalMove: The table of moves has no such move.
    """
    if to not in MOVES[job.state]:
        raise IllegalMove(job.id, job.state, to)
    error = error or job.error
    attempts, start_time = job.attempts, job.start_time
    if to is State.WAITING_FOR_RESOURCES and not attempts:
        attempts, start_time = (Attempt(1, now),), now
    elif to in TERMINAL and attempts:
        attempts = (*attempts[:-1], replace(attempts[-1], end_time=now, error=error))
    change = {"from": job.state.value, "to": to.value, **_error_fields(error)}
    phase = job.phase if {job.state, to} == {State.WAITING_FOR_RESOURCES, State.RUNNING} else ""
    after = replace(
        job,
        state=to,
        phase=phase,
        history=_history(job, Phase(to, phase, now, now if to in TERMINAL else None)),
        error=error,
        attempts=attempts,
        start_time=start_time,
        end_time=now if to in TERMINAL else None,
        update_time=now,
        last_sequence=job.last_sequence + 1,
    )
    return after, EventRecord(after.last_sequence, now, _attempt(after), {"state": change})


def retried(job: JobRecord, error: JobError, now: datetime) -> JobRecord:
    """The job with its last attempt closed by an error and the next one open."""
    last = replace(job.attempts[-1], end_time=now, error=error)
    progress = {name: value for name, value in job.progress.items() if name != "pending_resources"}
    return replace(
        job, progress=progress, attempts=(*job.attempts[:-1], last, Attempt(last.number + 1, now)), update_time=now
    )


def reported(job: JobRecord, events: Sequence[RunnerEvent], now: datetime) -> Reported:
    """The job with what its current attempt's runner has reported; events that it has already are left out."""
    current = job.attempts[-1]
    fresh = [event for event in events if event.sequence > current.pulled]
    made: list[EventRecord] = []
    logs: list[RunnerEvent] = []
    trials: dict[int, dict[str, Any]] = {}
    for event in fresh:
        ((name, value),) = event.event.items()
        if name == "log":
            logs.append(event)
            continue
        if name == "trial":
            trials[value["number"]] = value
        elif name == "phase":
            job = replace(
                job, phase=value["phase"], history=_history(job, Phase(job.state, value["phase"], event.time))
            )
        elif name == "progress":
            # A later attempt counts from its journal on; what was reached is not taken back.
            value = {**value, "fraction": max(value.get("fraction", 0.0), job.progress.get("fraction", 0.0))}
            job = replace(job, progress=value)
        made.append(EventRecord(job.last_sequence + len(made) + 1, event.time, current.number, {name: value}))
    if fresh:
        current = replace(current, pulled=fresh[-1].sequence)
        last = job.last_sequence + len(made)
        job = replace(job, attempts=(*job.attempts[:-1], current), last_sequence=last, update_time=now)
    return Reported(job, tuple(made), tuple(logs), trials)


def adopted(new: NewJob, output: str, told: Sequence[RunnerEvent]) -> tuple[Reported, tuple[EventRecord, ...]]:
    """A run that ended well without the service as a job, at the times that the run's events tell, and all events of it.

    Args:
        new: The job.
        output: Folder of its files.
        told: What the run has reported, at least one event.
    """
    began, ended = told[0].time, told[-1].time
    job, queued = accepted(new, output, began)
    job, starting = moved(job, State.WAITING_FOR_RESOURCES, began)
    job, running = moved(job, State.RUNNING, began)
    result = reported(job, told, ended)
    job, done = moved(result.job, State.SUCCEEDED, ended)
    return replace(result, job=job), (queued, starting, running, *result.events, done)


def standing(job: JobRecord) -> State:
    """Where a job stands whose runner answers: it waits for what its run has last reported to be missing, or it runs."""
    return State.WAITING_FOR_RESOURCES if job.progress.get("pending_resources") else State.RUNNING


def _attempt(job: JobRecord) -> int:
    return job.attempts[-1].number if job.attempts else 0


def _history(job: JobRecord, new: Phase) -> tuple[Phase, ...]:
    return (*job.history[:-1], replace(job.history[-1], end_time=new.start_time), new)


def _error_fields(error: JobError | None) -> dict[str, Any]:
    if error is None:
        return {}
    violations = {"violations": [asdict(each) for each in error.violations]} if error.violations else {}
    return {"error_kind": error.kind, "error": {"code": error.code, "message": error.message, **violations}}

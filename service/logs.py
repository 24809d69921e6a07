"""The service's own log: lines for people or, for machines, JSON with what each line is about."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum
from types import MappingProxyType

from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

from trainers.redaction import redacted

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


class LogFormat(StrEnum):
    """How lines are written."""

    TEXT = "text"
    JSON = "json"


def about(**facts: str) -> None:
    """Adds facts, such as the job, to every line that is logged from here on in this task and what it starts."""
    _about.set({**_about.get(), **{name: fact for name, fact in facts.items() if fact}})


def configure(form: LogFormat) -> None:
    """Writes the log of this process to the standard error."""
    handler = logging.StreamHandler()
    handler.addFilter(_add_facts)
    handler.setFormatter(_Json() if form is LogFormat.JSON else _Text())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _add_facts(record: logging.LogRecord) -> bool:
    for name, fact in _about.get().items():
        setattr(record, name, fact)
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        record.trace_id, record.span_id = trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)
    return True


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _Text(_Redacted):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")


class _Json(_Redacted, JsonFormatter):
    def __init__(self) -> None:
        renamed = {"levelname": "level", "name": "logger"}
        super().__init__(["levelname", "name", "message"], rename_fields=renamed, timestamp="time")

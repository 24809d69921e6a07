"""Rows of the database as records, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from cluster.events import RunnerEvent
from service.jobs.records import Attempt, Column, Dataset, EventRecord, JobError, JobRecord, Phase
from service.jobs.states import State

_ERROR: Any = JobError | None
# The values that lie inside one column as JSON.
_NESTED: Mapping[str, TypeAdapter[Any]] = {
    "attempts": TypeAdapter(tuple[Attempt, ...]),
    "history": TypeAdapter(tuple[Phase, ...]),
    "error": TypeAdapter(_ERROR),
}
LEVELS = ("debug", "info", "warning", "error")
_COLUMNS = TypeAdapter(tuple[Column, ...])


def job_record(row: RowMapping) -> JobRecord:
    """The job of a row, which may lack heavy columns."""
    values = {name: _NESTED[name].validate_python(value) if name in _NESTED else value for name, value in row.items()}
    return JobRecord(**{**values, "state": State(row["state"])})


def job_row(job: JobRecord) -> dict[str, Any]:
    """All columns of a job."""
    values = {name: getattr(job, name) for name in JobRecord.__dataclass_fields__}
    for name, adapter in _NESTED.items():
        values[name] = adapter.dump_python(values[name], mode="json")
    return {**values, "state": job.state.value, "labels": dict(job.labels)}


def job_changes(before: JobRecord, after: JobRecord) -> dict[str, Any]:
    """The columns in which two versions of a job differ."""
    old, new = job_row(before), job_row(after)
    return {name: value for name, value in new.items() if value != old[name]}


def dataset_record(row: RowMapping) -> Dataset:
    """The dataset of a row."""
    return Dataset(**{**row, "columns": _COLUMNS.validate_python(row["columns"])})


def dataset_row(dataset: Dataset) -> dict[str, Any]:
    """The row of a dataset."""
    values = {name: getattr(dataset, name) for name in Dataset.__dataclass_fields__}
    return {**values, "columns": _COLUMNS.dump_python(dataset.columns, mode="json")}


def event_row(job: str, event: EventRecord) -> dict[str, Any]:
    """The row of an event."""
    return {
        "job": job, "sequence": event.sequence, "time": event.time, "attempt": event.attempt, "event": dict(event.event)
    }  # fmt: skip


def log_row(job: str, attempt: int, event: RunnerEvent) -> dict[str, Any]:
    """The row of a runner's log line."""
    line = event.event["log"]
    level = LEVELS.index(line["level"])
    return {
        "job": job, "time": event.time, "attempt": attempt, "level": level, "text": line["text"], "logger": line["logger"]
    }  # fmt: skip

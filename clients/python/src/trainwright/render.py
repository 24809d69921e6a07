"""Writes answers to the standard output: as tables for people, as JSON or YAML for programs."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.live import FINDING_STYLES, STATE_STYLES
from trainwright.progress import duration
from trainwright.values import Dataset, Finding, JobError, JobInfo, JobState, LogLine, Plan, Trial

T = TypeVar("T")

_PIPED_WIDTH: Final = 200


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def show(value: T, format: Format, draw: Callable[[T], RenderableType]) -> None:
    """Writes a value in the format; ``draw`` makes the table."""
    match format:
        case Format.JSON:
            print(json.dumps(plain(value), indent=2, ensure_ascii=False))
        case Format.YAML:
            import yaml

            print(yaml.safe_dump(plain(value), sort_keys=False, allow_unicode=True), end="")
        case Format.TABLE:
            console = Console()
            console.print(draw(value), width=None if console.is_terminal else _PIPED_WIDTH)


def plain(value: Any) -> Any:
    """Turns values of this package into what JSON holds; times become RFC 3339 text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def jobs(items: Iterable[JobInfo]) -> Table:
    """Draws a list of jobs."""
    table = columns("id", "state", "phase", "done>", "created", "took>", "labels")
    for job in items:
        table.add_row(
            job.id,
            state(job.state),
            job.phase,
            f"{job.progress.fraction:.0%}",
            when(job.create_time),
            took(job),
            " ".join(f"{key}={value}" for key, value in job.labels.items()),
        )
    return table


def job(info: JobInfo) -> RenderableType:
    """Draws one job."""
    progress = info.progress
    best = "" if progress.best_score is None else f"{progress.best_score:.4f} {progress.best_family}"
    rows: list[tuple[str, RenderableType]] = [
        ("name", info.name),
        ("state", state(info.state)),
        ("decision", str(info.spec.get("decision", ""))),
        ("phase", info.phase),
        ("priority", str(info.priority or "")),
        ("jobs ahead", str(info.jobs_ahead or "")),
        ("starts about", when(info.estimated_start_time)),
        ("progress", f"{progress.fraction:.0%}, {progress.fits_done}/{progress.fits_total} fits"),
        ("best score", best),
        ("created", when(info.create_time)),
        ("took", took(info)),
        ("attempts", str(len(info.attempts) or "")),
        ("rerun of", info.rerun_of),
        ("labels", " ".join(f"{key}={value}" for key, value in info.labels.items())),
        ("error", _error(info.error)),
        ("output", info.output_uri),
    ]
    return pairs(rows)


def plan(planned: Plan) -> RenderableType:
    """Draws a plan with the findings of the audit."""
    data, split = planned.data, planned.split
    rows: list[tuple[str, RenderableType]] = [
        ("task", planned.task),
        ("rows", f"{data.get('rows', 0):,} in {len(data.get('columns', ()))} feature columns"),
        ("classes", _counts(data.get("class_counts", {}))),
        ("development", f"{split.get('development_rows', 0):,} rows, {len(split.get('folds', ()))} folds"),
        ("test", f"{split.get('test_rows', 0):,} rows, sealed"),
        ("fits", f"at most {planned.fits:,}"),
        ("CPU hours", "{:.2f} to {:.2f}".format(*planned.cpu_hours)),
        ("GPU hours", "{:.2f} to {:.2f}".format(*planned.gpu_hours) if planned.gpu_hours[1] else ""),
    ]
    return Group(pairs(rows), *(finding(each) for each in planned.findings))


def trials(items: Iterable[Trial]) -> Table:
    """Draws a list of trials."""
    table = columns("trial>", "family", "state", "mean>", "folds>", "fit s>", "parameters")
    for trial in items:
        table.add_row(
            str(trial.number),
            trial.family,
            trial.state,
            "" if trial.mean is None else f"{trial.mean:.4f}",
            str(len(trial.fold_scores)),
            f"{trial.fit_seconds:.1f}",
            trial.reason or parameters(trial.params),
        )
    return table


def datasets(items: Iterable[Dataset]) -> Table:
    """Draws a list of datasets."""
    table = columns("name", "display name", "rows>", "bytes>", "created")
    for each in items:
        table.add_row(each.name, each.display_name, f"{each.rows:,}", f"{each.size_bytes:,}", when(each.create_time))
    return table


def dataset(one: Dataset) -> RenderableType:
    """Draws one dataset with its columns."""
    table = columns("column", "type")
    for column in one.columns:
        table.add_row(column.name, column.type)
    size = f"{one.rows:,} rows, {one.size_bytes:,} bytes"
    return Group(pairs([("name", one.name), ("display name", one.display_name), ("size", size)]), table)


def log_line(line: LogLine) -> Text:
    """Draws a log line."""
    style = {"warning": "yellow", "error": "red", "debug": "dim"}.get(line.level, "")
    time = line.time.strftime("%H:%M:%S") if line.time else ""
    return Text.assemble((time, "dim"), " ", (f"{line.level:<7}", style), " ", (line.logger, "dim"), " ", line.text)


def finding(found: Finding) -> Text:
    """Draws a finding and what mends it."""
    style = FINDING_STYLES.get(found.severity, "")
    mends = " Or: ".join(filter(None, (found.action, found.alternative)))
    return Text.assemble((f"{found.severity} {found.code}: ", style), found.message, " ", (mends, "dim"))


def columns(*names: str) -> Table:
    """An empty table; a name ending in ``>`` makes a column of numbers."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name.rstrip(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    return table


def pairs(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """A table of names and values, without the values that are empty."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(name, value)
    return table


def state(value: JobState) -> Text:
    """A state in its colour."""
    return Text(value.value, style=STATE_STYLES[value])


def when(time: datetime | None) -> str:
    """A time in the reader's zone, to the minute."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time else ""


def took(job: JobInfo) -> str:
    """How long an ended job ran."""
    return duration((job.end_time - job.start_time).total_seconds()) if job.start_time and job.end_time else ""


def parameters(params: Mapping[str, Any]) -> str:
    """Parameters in one line, by name; real numbers to four digits."""
    return " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in sorted(params.items()))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{label}: {count:,}" for label, count in counts.items())


def _error(error: JobError | None) -> str:
    if error is None:
        return ""
    who = f" ({error.kind} error)" if error.kind else ""
    return "\n".join([f"{error.message}{who}", *(f"  {violation}" for violation in error.violations)])

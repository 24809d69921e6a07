"""Finds and reads earlier runs: by id among the jobs of a service, by path without one."""

from dataclasses import dataclass
from pathlib import Path

from trainers.errors import SpecError, Violation
from trainers.files import REPORT
from trainers.predictions import Predictions, load
from trainers.report.values import Report


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        name: Id of the job, or a path.
        report: Its report.
        predictions: What its model said of rows it was not fitted on; None where that was not kept.
    """

    name: str
    report: Report
    predictions: Predictions | None


def folder_of(reference: str, jobs: Path | None) -> Path:
    """Where an earlier run's files are.

    Args:
        reference: A job's id or resource name; without ``jobs``, the path of a report.json or of the folder it is in.
        jobs: Folder with a folder a job; nothing outside it is read. None where any path may be.

    Raises:
        SpecError: The reference is no job's id; its field is empty.
    """
    if jobs is None:
        path = Path(reference)
        return path.parent if path.name == REPORT else path
    job = reference.removeprefix("trainingJobs/")
    if Path(job).name != job:
        raise no_report(reference, jobs)
    return jobs / job


def no_report(reference: str, jobs: Path | None) -> SpecError:
    """Says that an earlier run has no report where it was looked for."""
    if jobs is not None:
        return job_without_report(reference)
    return SpecError([Violation("", f"there is no report at {reference}; name a report.json, or the folder it is in")])


def job_without_report(reference: str) -> SpecError:
    """Says that a job has no report that may be read."""
    return SpecError([Violation("", f"job {reference!r} has no report; name the id of a job that has succeeded")])


def read_run(reference: str, jobs: Path | None) -> Run:
    """Finds and reads an earlier run; the arguments are those of ``folder_of``.

    Raises:
        SpecError: There is none, or it cannot be read; its field is empty.
    """
    folder = folder_of(reference, jobs)
    try:
        return read_folder(reference, folder)
    except (OSError, ValueError):
        raise no_report(reference, jobs) from None


def read_folder(name: str, folder: Path) -> Run:
    """Reads the run whose files are in a folder.

    Raises:
        OSError: There is no report.
        ValueError: It cannot be read.
    """
    report = Report.from_json((folder / REPORT).read_text(encoding="utf-8"))
    try:
        return Run(name, report, load(folder))
    except OSError:  # a run of before predictions were kept
        return Run(name, report, None)

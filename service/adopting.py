"""Takes up runs that were made without the service: their files are copied, and their record becomes a job's."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from cluster.events import RunnerEvent, read_events, read_outcome
from service.jobs.errors import JobNotFound
from service.jobs.records import JobRecord, NewJob
from service.jobs.store import Store
from service.settings import Settings
from trainers.errors import SpecError, Violation
from trainers.files import EVENTS, REPORT
from trainers.report.values import Report
from trainers.spec import TrainingSpec

# What of a run's folder a job has too. The rest is the run's own: its lock, its checkpoints, its tracking database.
FILES = (REPORT, "report.html", "report.md", "model_card.md", "predictions.parquet", EVENTS)
FOLDERS = ("pictures", "model", "journal")
ALL = 1 << 62


class Adopter:
    """Takes up runs. Its calls block.

    Args:
        store: Remembers the jobs.
        settings: Where the service keeps files, and under which folders runs may lie.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings

    def adopt(self, folder: str, new: NewJob) -> JobRecord:
        """Makes a run a job that has succeeded; the same run of the same tenant is the same job.

        Args:
            folder: The run's folder, under the data roots.
            new: The job to be; its id and its spec are made those of the run.

        Raises:
            SpecError: There is no such folder, or no run in it that has ended with a report; the field is ``folder``.
            RequestIdReused: The request id came before with another body.
        """
        if earlier := self._store.answered(new):
            return earlier
        run = self._find(folder)
        report, events = _read(run, folder)
        record = hashlib.sha256(f"{new.tenant}\0".encode() + (run / EVENTS).read_bytes()).hexdigest()
        new = replace(new, id=record[:16], spec=report["manifest"]["spec"])
        try:
            return self._store.get(new.id)
        except JobNotFound:
            self._keep_openings(run)
            return self._store.adopt(new, str(self._copy(run, new.id)), events, report)

    def _find(self, folder: str) -> Path:
        """The run's folder, with links resolved, so that what is checked is what is read."""
        found = _resolved(folder)
        roots = [root for root in self._settings.roots if "://" not in root]
        if not any(found.is_relative_to(root) for root in roots):
            allowed = ", ".join(map(repr, roots))
            raise _wrong(
                f"{folder!r} lies outside what may be read ({allowed}); move the run there, or add to data_roots"
            )
        if not _is_folder(found):
            raise _wrong(f"there is no folder {folder!r}; name the --out of a run, as the service sees it")
        return found

    def _copy(self, run: Path, job: str) -> Path:
        """The job's folder, whole or not at all. Links are left behind: they may lead anywhere."""
        output = self._settings.jobs / job
        draft = output.with_name(f".{job}-{uuid4().hex}")
        draft.mkdir(parents=True)
        for name in FILES:
            if (run / name).is_file() and not (run / name).is_symlink():
                shutil.copy2(run / name, draft / name)
        for name in FOLDERS:
            if (run / name).is_dir() and not (run / name).is_symlink():
                shutil.copytree(run / name, draft / name, ignore=_links)
        shutil.rmtree(output, ignore_errors=True)  # of a call that was cut off before the job was stored
        draft.replace(output)
        return output

    def _keep_openings(self, run: Path) -> None:
        """Later jobs on the same test rows are to know that this run has seen them."""
        for record in sorted((run / "openings").glob("*.jsonl")):
            ours = self._settings.openings / record.name
            ours.parent.mkdir(parents=True, exist_ok=True)
            known = ours.read_text(encoding="utf-8").splitlines() if ours.is_file() else []
            with ours.open("a", encoding="utf-8") as lines:
                lines.writelines(
                    f"{line}\n" for line in record.read_text(encoding="utf-8").splitlines() if line not in known
                )


def _resolved(folder: str) -> Path:
    try:
        return Path(folder).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, links in a circle
        raise _wrong(f"is no path ({error}); name the --out of a run, as the service sees it") from None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long for the file system
        return False


def _read(run: Path, folder: str) -> tuple[dict[str, Any], Sequence[RunnerEvent]]:
    """The report and the record of a run that has ended well."""
    ended = read_outcome(run / EVENTS)
    if ended is None or ended.error:
        why = ended.error.message if ended and ended.error else "none has ended there"
        raise _wrong(
            f"{folder!r} has no run that ended with a report ({why}); name the --out of one that did, as the service sees it"
        )
    try:
        text = (run / REPORT).read_text(encoding="utf-8")
        Report.from_json(text)
        report: dict[str, Any] = json.loads(text)
        TrainingSpec.model_validate(report["manifest"].get("spec"))
    except (OSError, ValueError) as error:
        raise _wrong(
            f"{folder!r} has a report that cannot be read ({error}); run the spec again with the same --out"
        ) from None
    return report, read_events(run / EVENTS, 0, ALL)


def _links(folder: str, names: Sequence[str]) -> set[str]:
    return {name for name in names if (Path(folder) / name).is_symlink()}


def _wrong(message: str) -> SpecError:
    return SpecError([Violation("folder", message)])

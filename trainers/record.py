"""What a run without a service leaves in its folder: its events, as a service keeps them, and word that it is under way."""

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cluster.events import ErrorKind, EventLog, Outcome, RunError, read_outcome
from cluster.runner import LogEvents
from trainers.errors import NoModelError, SpecError, Violation
from trainers.files import EVENTS, REPORT
from trainers.manifest import differences, manifest
from trainers.plan import plan
from trainers.report.values import Report
from trainers.spec import TrainingSpec
from trainers.steps import Emit

LOGGERS = ("trainers", "tuning", "cluster")
RUNS = "TRAINWRIGHT_RUNS"


def folder_for(spec: TrainingSpec, name: str) -> Path:
    """Where a spec's run lies when no folder is named: the same spec has the same folder, and so goes on.

    Args:
        spec: What to train.
        name: What people call it.
    """
    digest = hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:8]
    return Path(os.environ.get(RUNS, "out")) / f"{name}-{digest}"


def check_stays(folder: Path) -> None:
    """Refuses a folder that would be gone with the Ray job that writes it.

    Raises:
        SpecError: It lies in Ray's copy of the job's working folder.
    """
    if "working_dir_files" in folder.resolve().parts:
        message = "lies in Ray's copy of the working folder, which goes with the job"
        raise SpecError([Violation("--out", f"{message}; name a folder that every node reaches, or set {RUNS} to one")])


def is_done(folder: Path, spec: TrainingSpec) -> bool:
    """Whether a run in this folder has ended with a report, and all that can change its results is as recorded."""
    ended = read_outcome(folder / EVENTS)
    if ended is None or ended.error or not (folder / REPORT).is_file():
        return False
    recorded = Report.from_json((folder / REPORT).read_text(encoding="utf-8")).manifest
    today = plan(spec, None)
    return not differences(recorded, manifest(today.spec, today.data, today.split.digest))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps a second run off the folder.

    Raises:
        SpecError: There is one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SpecError([Violation("--out", f"{folder} has a run under way; wait for it, or stop it")]) from None
        yield


def recorded(folder: Path, run: Callable[[Emit], Mapping[str, str]], show: Emit) -> Mapping[str, str]:
    """Runs, and keeps what is reported and logged, and how it ended; the record of an earlier run there is replaced.

    Args:
        folder: Of the run.
        run: Called with what takes the events; returns where the report is.
        show: Gets every event too.
    """
    (folder / EVENTS).unlink(missing_ok=True)
    log = EventLog(folder / EVENTS)

    def emit(event: Mapping[str, object]) -> None:
        log.append(event)
        show(event)

    handler = LogEvents(log)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).addHandler(handler)
    try:
        result = run(emit)
    except Exception as error:
        kind: ErrorKind = "user" if isinstance(error, SpecError | NoModelError) else "system"
        log.end(Outcome(error=RunError(kind, type(error).__name__, str(error))))
        raise
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(handler)
    log.end(Outcome(result=dict(result)))
    return result

"""What a run has for MLflow, kept in its folder until MLflow has it.

A run leaves its letter in the folder first and then sends it. When the server is away the letter stays, and may be sent later,
by the service or by ``python -m trainers.outbox FOLDER``; sent twice, or again after a crash, it makes nothing twice.
"""

import argparse
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from cluster.files import whole
from trainers import tracking
from trainers.files import LETTER, REPORT
from trainers.findings import Finding, Severity
from trainers.report.plots import Picture
from trainers.report.values import Report
from trainers.report.write import write_report
from trainers.tracking import Destination, TrackingUnavailable
from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState

NOT_PUBLISHED = "NOT_PUBLISHED"
SENT, AWAY = 0, os.EX_TEMPFAIL


@dataclass(frozen=True)
class SentTrial:
    """What MLflow gets of a trial."""

    number: int
    family: str
    params: dict[str, Any]
    state: TrialState
    fold_scores: tuple[float, ...]
    fit_seconds: float
    reason: str


@dataclass(frozen=True)
class Letter:
    """What is to be published and is not in the report.

    Attributes:
        destination: Where to.
        trials: All trials of the search.
        pictures: Title and text of each picture in the folder, by its name.
    """

    destination: Destination
    trials: tuple[SentTrial, ...]
    pictures: dict[str, tuple[str, str]]


_LETTER = TypeAdapter(Letter)


def post(folder: Path, destination: Destination, trials: Sequence[TrialOutcome], pictures: Sequence[Picture]) -> None:
    """Leaves a letter in the folder, whole or not at all."""
    letter = Letter(
        destination,
        tuple(
            SentTrial(t.number, t.study.name, dict(t.params), t.state, t.fold_scores, t.fit_seconds, t.reason)
            for t in trials
        ),
        {picture.name: (picture.title, picture.text) for picture in pictures},
    )
    with whole(folder / LETTER) as file:
        file.write_bytes(_LETTER.dump_json(letter, fallback=_plain))


def send(folder: Path) -> None:
    """Publishes what the folder's letter says, has the report tell where, and removes the letter.

    Nothing is done where there is no letter. Everything that is published is read from the folder, so that it is the
    same whenever it is sent.

    Args:
        folder: With report.json, the pictures, the model and the letter.

    Raises:
        TrackingUnavailable: Soon, when the server is away or refuses. The report says so, and the letter stays.
    """
    with _alone(folder) as letter:
        if letter is None:
            return
        known = Report.from_json((folder / REPORT).read_text(encoding="utf-8"))
        report = replace(known, findings=tuple(each for each in known.findings if each.code != NOT_PUBLISHED))
        pictures = [
            Picture(name, title, text, (folder / "pictures" / f"{name}.svg").read_bytes())
            for name, (title, text) in letter.pictures.items()
        ]
        trials = [
            TrialOutcome(t.number, Study(t.family, {}, {}), t.params, t.state, t.fold_scores, t.fit_seconds, t.reason)
            for t in letter.trials
        ]
        try:
            where = tracking.publish(report, trials, folder / tracking.MODEL, letter.destination)
            write_report(replace(report, tracking=where), pictures, folder)
            tracking.attach(where, folder)
        except TrackingUnavailable as away:
            waiting = replace(report, findings=(*report.findings, _unpublished(away, folder)))
            if waiting != known:
                write_report(waiting, pictures, folder)
            raise
        (folder / LETTER).unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[Letter | None]:
    """The letter, held so that no other process sends it meanwhile; None when there is none."""
    try:
        file = (folder / LETTER).open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = (folder / LETTER).exists()  # else another has sent it while this one waited
        yield _LETTER.validate_json(file.read()) if there else None


def _unpublished(away: TrackingUnavailable, folder: Path) -> Finding:
    return Finding(
        code=NOT_PUBLISHED,
        severity=Severity.WARNING,
        message=f"Not published yet. {away}",
        action="Start the tracking server. The service then publishes the results by itself; without a service, run "
        f"python -m trainers.outbox {folder}. Nothing is trained again.",
    )


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # of NumPy
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be kept for publishing")


def main() -> int:
    """Sends one folder's letter; exit status 0 when nothing is left to send, 75 when the server is away."""
    parser = argparse.ArgumentParser(
        prog="python -m trainers.outbox", description="Publishes a run that MLflow was away for."
    )
    parser.add_argument("folder", type=Path, help="folder of the run, with report.json")
    folder: Path = parser.parse_args().folder
    if not (folder / REPORT).is_file():
        parser.error(f"{folder} has no {REPORT}; name the folder of a finished run")
    try:
        send(folder)
    except TrackingUnavailable as away:
        print(away, file=sys.stderr)
        return AWAY
    tracked = json.loads((folder / REPORT).read_text(encoding="utf-8")).get("tracking")
    print(tracked["model_uri"] if tracked else "nothing to publish")
    return SENT


if __name__ == "__main__":
    sys.exit(main())

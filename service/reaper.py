"""Ends what has lost its owner: runners, files that nothing in the database names, and files that nobody finishes.

What a crash leaves between two statements is found here, so no statement elsewhere has to be undone. The reaper touches only
what is this service's beyond doubt: runners of jobs that it has in its database or a folder of, and its own folders.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path

from cluster import runner
from service.jobs.errors import JobNotFound
from service.jobs.records import JobRecord
from service.jobs.store import Store
from service.settings import Settings
from trainers.files import SCRATCH

logger = logging.getLogger(__name__)


class Kind(StrEnum):
    """What may be left over."""

    RUNNER = "runner"
    JOB_FOLDER = "job folder"
    DATASET = "dataset"
    SCRATCH = "scratch folder"
    UNFINISHED = "unfinished file"


@dataclass(frozen=True)
class Thing:
    """Something that has to have an owner.

    Attributes:
        kind: What it is.
        name: Of a runner ``JOB-ATTEMPT``, else a path.
        version: Changes while somebody works on it, such as the time of the last write of an unfinished file.
    """

    kind: Kind
    name: str
    version: float = 0.0

    @property
    def owner(self) -> str:
        """Id of the job or digest of the dataset that it belongs to."""
        if self.kind is Kind.RUNNER:
            return self.name.rpartition("-")[0]
        return Path(self.name).parent.name if self.kind is Kind.SCRATCH else Path(self.name).stem


@dataclass(frozen=True)
class Owners:
    """Who there is.

    Attributes:
        jobs: By id, the jobs that things were found of; None where there is only its folder.
        rows: Ids of jobs with a row, of those that folders were found of.
        datasets: Digests of datasets with a row.
    """

    jobs: Mapping[str, JobRecord | None]
    rows: frozenset[str]
    datasets: frozenset[str]


def has_lost_owner(thing: Thing, owners: Owners) -> bool:
    """Whether nothing answers for a thing any more. An unfinished file has nobody but whoever writes it."""
    if thing.kind is Kind.RUNNER:
        if thing.owner not in owners.jobs:
            return False  # of another service on the same cluster
        job = owners.jobs[thing.owner]
        return (
            job is None or job.is_terminal or f"{job.id}-{job.attempts[-1].number if job.attempts else 0}" != thing.name
        )
    if thing.kind is Kind.SCRATCH:
        job = owners.jobs.get(thing.owner)
        return job is None or job.is_terminal
    known = {Kind.JOB_FOLDER: owners.rows, Kind.DATASET: owners.datasets, Kind.UNFINISHED: frozenset[str]()}
    return thing.owner not in known[thing.kind]


class Reaper:
    """Looks for things without an owner, and ends those that were so, unchanged, for the time of grace.

    Args:
        settings: Folders, and the grace of files.
        store: Knows the owners.
        clock: Seconds on a clock that nobody sets.
    """

    RUNNER_GRACE_S = 60.0  # long enough for an end or a retry under way to be stored
    UNFINISHED_GRACE_S = 3600.0  # who has written nothing for so long is gone, whatever the database says

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._since: dict[Thing, float] = {}

    async def reap(self) -> None:
        """Looks once. What is found without an owner for the first time stays, so a mistake has time to be noticed."""
        ended = await asyncio.to_thread(self._reap)
        for thing in ended:
            logger.warning("%s %s had no owner and is ended", thing.kind, thing.name)

    def _reap(self) -> list[Thing]:
        found = [*self._runners(), *self._files()]
        owners = self._owners(found)
        now = self._clock()
        lost = [thing for thing in found if has_lost_owner(thing, owners)]
        self._since = {thing: self._since.get(thing, now) for thing in lost}
        due = [thing for thing in lost if now - self._since[thing] >= self._grace(thing)]
        for thing in due:
            self._end(thing)
        return due

    def _grace(self, thing: Thing) -> float:
        if thing.kind is Kind.RUNNER:
            return self.RUNNER_GRACE_S
        kept = self._settings.orphans_kept_s
        return min(kept, self.UNFINISHED_GRACE_S) if thing.kind in (Kind.SCRATCH, Kind.UNFINISHED) else kept

    def _runners(self) -> list[Thing]:
        return [Thing(Kind.RUNNER, name) for name in runner.names()]

    def _files(self) -> Iterable[Thing]:
        for folder in (self._settings.jobs, self._settings.tensorboard):
            for path in folder.glob("*"):
                yield Thing(Kind.JOB_FOLDER, str(path))
        for path in self._settings.jobs.glob(f"*/{SCRATCH}"):
            yield Thing(Kind.SCRATCH, str(path))
        datasets, jobs = self._settings.datasets, self._settings.jobs
        for kind, found in (
            (Kind.DATASET, datasets.glob("*.parquet")),
            (Kind.UNFINISHED, chain(datasets.glob("*.part"), jobs.glob("*/*.partial"))),
        ):
            for path in found:
                with suppress(FileNotFoundError):  # finished meanwhile
                    yield Thing(kind, str(path), path.stat().st_mtime)

    def _owners(self, found: list[Thing]) -> Owners:
        jobs = {thing.owner for thing in found if thing.kind in (Kind.RUNNER, Kind.SCRATCH)}
        aging = self._store.aging
        return Owners(
            jobs={job: known for job in jobs for known in self._job(job)},
            rows=frozenset(aging.known_jobs({t.owner for t in found if t.kind is Kind.JOB_FOLDER})),
            datasets=frozenset(aging.known_datasets({t.owner for t in found if t.kind is Kind.DATASET})),
        )

    def _job(self, job: str) -> Iterable[JobRecord | None]:
        try:
            yield self._store.get(job, frozenset())
        except JobNotFound:
            if (self._settings.jobs / job).exists():
                yield None

    def _end(self, thing: Thing) -> None:
        if thing.kind is Kind.RUNNER:
            if left := runner.find(thing.name):
                left.kill()
        elif thing.kind in (Kind.JOB_FOLDER, Kind.SCRATCH):
            shutil.rmtree(thing.name, ignore_errors=True)
        else:
            Path(thing.name).unlink(missing_ok=True)
        if thing.kind in (Kind.SCRATCH, Kind.UNFINISHED):
            self._store.storage.forget(Path(thing.name).parent.name)

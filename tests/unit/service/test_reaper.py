"""What has lost its owner is ended after a time of grace; what has one, or is another's, is not touched."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import reaper
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.reaper import Reaper
from service.settings import Settings

GRACE_S = 3600


class Runners:
    """The runners of a cluster."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        monkeypatch.setattr(reaper.runner, "names", lambda: list(self.names))
        monkeypatch.setattr(reaper.runner, "find", lambda name: _Runner(self.names, name))


class _Runner:
    def __init__(self, names: list[str], name: str) -> None:
        self._names, self._name = names, name

    def kill(self) -> None:
        self._names.remove(self._name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, orphans_kept_s=GRACE_S)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch) -> Runners:
    return Runners(monkeypatch)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def running(store: Store, settings: Settings) -> str:
    job, _ = store.create(NewJob(spec={}), str(settings.jobs / "x"))
    store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    return job.id


async def test_runners_without_an_open_attempt_end(settings: Settings, store: Store, runners: Runners) -> None:
    alive, over = running(store, settings), running(store, settings)
    store.move(over, State.WAITING_FOR_RESOURCES, State.FAILED)
    (settings.jobs / "deleted").mkdir(parents=True)
    runners.names = [f"{alive}-1", f"{alive}-2", f"{over}-1", "deleted-1", "elsewhere-1"]
    clock = Clock()
    each = Reaper(settings, store, clock)
    await each.reap()
    assert len(runners.names) == 5
    clock.now = Reaper.RUNNER_GRACE_S
    await each.reap()
    assert runners.names == [f"{alive}-1", "elsewhere-1"]


async def test_files_that_nothing_names_go_after_the_grace(settings: Settings, store: Store, runners: Runners) -> None:
    job = running(store, settings)
    kept = [settings.jobs / job, settings.tensorboard / job]
    left = [settings.jobs / "gone", settings.tensorboard / "gone"]
    for folder in (*kept, *left):
        (folder / "inside").mkdir(parents=True)
    settings.datasets.mkdir()
    store.datasets.add("default", "a", "a", 1, 1, ())
    kept_files = [settings.datasets / "a.parquet", settings.datasets / "growing.part"]
    left_files = [settings.datasets / "b.parquet", settings.datasets / "torn.part"]
    for file in (*kept_files, *left_files):
        file.write_text("x")
    clock = Clock()
    each = Reaper(settings, store, clock)
    await each.reap()
    clock.now = GRACE_S - 1
    await each.reap()
    assert all(path.exists() for path in (*left, *left_files))
    clock.now = GRACE_S
    (settings.datasets / "growing.part").touch()
    await each.reap()
    assert not any(path.exists() for path in (*left, *left_files))
    assert all(path.exists() for path in (*kept, *kept_files))


async def test_what_nobody_finishes_goes_whatever_the_database_names(
    settings: Settings, store: Store, runners: Runners
) -> None:
    settings = settings.model_copy(update={"orphans_kept_s": 24 * 3600.0})
    open_, over = running(store, settings), running(store, settings)
    store.move(over, State.WAITING_FOR_RESOURCES, State.FAILED)
    store.storage.record(over, 100)
    for job in (open_, over):
        (settings.jobs / job / "scratch/search").mkdir(parents=True)
    settings.datasets.mkdir()
    growing, torn = settings.jobs / open_ / "predictions.parquet.partial", settings.jobs / open_ / "report.json.partial"
    upload, kept = settings.datasets / "tmp1.part", settings.jobs / over / "report.json"
    for file in (growing, torn, upload, kept):
        file.write_text("x")
    clock = Clock()
    each = Reaper(settings, store, clock)
    await each.reap()
    clock.now = Reaper.UNFINISHED_GRACE_S - 1
    await each.reap()
    assert all(path.exists() for path in (torn, upload, settings.jobs / over / "scratch"))
    clock.now = Reaper.UNFINISHED_GRACE_S
    os.utime(growing, (1, 1))
    await each.reap()
    assert not any(path.exists() for path in (torn, upload, settings.jobs / over / "scratch"))
    assert all(path.exists() for path in (growing, kept, settings.jobs / open_ / "scratch"))
    assert [job for job, _ in store.storage.unmeasured()] == [over], "its files are measured again"


async def test_what_finds_its_owner_again_begins_anew(settings: Settings, store: Store, runners: Runners) -> None:
    """A job's row may be missing for a while, as when a backup is put back."""
    folder = settings.jobs / "late"
    folder.mkdir(parents=True)
    clock = Clock()
    each = Reaper(settings, store, clock)
    await each.reap()
    store.create(NewJob(spec={}, id="late"), str(folder))
    await each.reap()
    clock.now = 2 * GRACE_S
    await each.reap()
    assert folder.exists()

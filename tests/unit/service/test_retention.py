"""Nothing is deleted unless asked; then by age, and never what a job still names."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.datasets import Datasets
from service.jobs.errors import DatasetNotFound, JobNotFound
from service.jobs.manager import Manager
from service.jobs.records import LogQuery, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.retention import Retention
from service.settings import Settings

USED, UNUSED = "a" * 64, "b" * 64


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SimpleNamespace]:
    """An ended job that names a dataset, an open job, and a dataset that none names."""
    store = Store(f"sqlite:///{tmp_path}/trainwright.db")
    manager = Manager(store, make_run=lambda job, attempt: None, folder=tmp_path / "jobs")
    datasets = Datasets(tmp_path / "datasets", store, 1000)
    for digest in (USED, UNUSED):
        store.datasets.add("default", digest, "", 1, 1, ())
        datasets.path(digest).write_text("rows")
    ended, _ = store.create(NewJob(spec={"data": {"uri": f"datasets/{USED}"}}), str(tmp_path / "jobs/ended"))
    store.move(ended.id, State.QUEUED, State.CANCELLED)
    opened, _ = store.create(NewJob(spec={"data": {"uri": "x"}}), str(tmp_path / "jobs/open"))
    for name in ("events-1.jsonl", "report.json", "journal/folds.jsonl"):
        (tmp_path / "jobs/ended" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "jobs/ended" / name).write_text("{}")

    async def sweep(after: timedelta, **settings: float) -> None:
        chosen = Settings(state=tmp_path, **settings)
        await Retention(chosen, store, manager, datasets, lambda: datetime.now(UTC) + after).sweep()

    yield SimpleNamespace(
        store=store, datasets=datasets, ended=ended.id, open=opened.id, sweep=sweep, folder=tmp_path / "jobs/ended"
    )
    await manager.stop()
    store.close()


async def test_by_default_everything_is_kept(kept: SimpleNamespace) -> None:
    await kept.sweep(timedelta(days=10_000))
    assert kept.store.get(kept.ended)
    assert kept.store.events(kept.ended, 0)
    assert kept.datasets.path(UNUSED).exists()


async def test_a_job_goes_by_the_age_of_its_end(kept: SimpleNamespace) -> None:
    await kept.sweep(timedelta(days=29), keep_jobs_days=30)
    assert kept.store.get(kept.ended)
    await kept.sweep(timedelta(days=31), keep_jobs_days=30)
    with pytest.raises(JobNotFound):
        kept.store.get(kept.ended)
    assert not kept.folder.exists()
    assert kept.store.get(kept.open)


async def test_details_go_before_the_job(kept: SimpleNamespace) -> None:
    await kept.sweep(timedelta(days=31), keep_details_days=30)
    assert kept.store.get(kept.ended).state is State.CANCELLED
    assert kept.store.events(kept.ended, 0) == kept.store.logs(kept.ended, LogQuery()) == []
    assert [path.name for path in kept.folder.iterdir()] == ["report.json"]
    assert kept.store.events(kept.open, 0)


async def test_a_dataset_goes_when_no_job_names_it(kept: SimpleNamespace) -> None:
    await kept.sweep(timedelta(days=31), keep_unused_datasets_days=30)
    assert kept.datasets.get("default", USED)
    assert kept.datasets.path(USED).exists()
    with pytest.raises(DatasetNotFound):
        kept.datasets.get("default", UNUSED)
    assert not kept.datasets.path(UNUSED).exists()

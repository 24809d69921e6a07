"""Files of jobs are measured once, after their end, and again when some were removed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.datasets import Datasets
from service.jobs.manager import Manager
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.measuring import Measuring
from service.retention import Retention
from service.settings import Settings


async def test_files_of_a_job_count_from_its_end_to_its_deletion(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, keep_details_days=1)
    store = Store(settings.database_url)
    manager = Manager(store, make_run=lambda job, attempt: None, folder=settings.jobs)
    job = NewJob(spec={"data": {"uri": "x"}})
    store.create(job, str(settings.jobs / job.id))
    for path in (
        settings.jobs / job.id / "journal/a",
        settings.jobs / job.id / "r",
        settings.tensorboard / job.id / "c",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0123456789")
    (settings.jobs / job.id / "elsewhere").symlink_to(tmp_path)
    measuring = Measuring(settings, store)
    await measuring.measure()
    assert store.storage.of("default") == 0, "it is still open"
    store.move(job.id, State.QUEUED, State.CANCELLED)
    await measuring.measure()
    assert store.storage.of("default") == 30
    (settings.jobs / job.id / "r").write_text("not looked at again")
    await measuring.measure()
    assert store.storage.of("default") == 30
    (settings.jobs / job.id / "r").write_text("0123456789")
    later = datetime.now(UTC) + timedelta(days=2)
    await Retention(settings, store, manager, Datasets(settings.datasets, store, 9), lambda: later).sweep()
    await measuring.measure()
    assert store.storage.of("default") == 20, "the journal is gone"
    await manager.delete("default", job.id)
    assert store.storage.of("default") == 0
    await manager.stop()
    store.close()

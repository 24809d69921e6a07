"""Deletes what an operator wants kept for some time only; by default everything is kept."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.datasets import Datasets
from service.jobs.errors import JobsError
from service.jobs.manager import Manager
from service.jobs.store import Store
from service.settings import Settings

DETAILS = ("events-*.jsonl", "journal", "nested", "checkpoints")  # in a job's folder: what a finished run needs no more
logger = logging.getLogger(__name__)


class Retention:
    """Forgets old jobs, details of jobs, and datasets that no job names.

    Args:
        settings: How many days each is kept.
        store: Knows their ages.
        manager: Deletes jobs, as a caller would have it do.
        datasets: Deletes datasets.
        now: The time of day.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        manager: Manager,
        datasets: Datasets,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._store, self._manager, self._datasets, self._now = settings, store, manager, datasets, now

    async def sweep(self) -> None:
        """Deletes what is due, a batch of each."""
        keep = self._settings
        if before := self._before(keep.keep_jobs_days):
            for tenant, job in await asyncio.to_thread(self._store.aging.jobs_ended_before, before):
                await self._manager.delete(tenant, job)
                logger.info("job %s was kept for %g days and is deleted", job, keep.keep_jobs_days)
        if before := self._before(keep.keep_details_days):
            for job, folder in await asyncio.to_thread(self._store.aging.forget_details, before):
                await asyncio.to_thread(_remove_details, Path(folder))
                await asyncio.to_thread(self._store.storage.forget, job)
        if before := self._before(keep.keep_unused_datasets_days):
            for tenant, digest in await asyncio.to_thread(self._store.aging.datasets_unused_since, before):
                await asyncio.to_thread(self._forget_dataset, tenant, digest)

    def _before(self, days: float | None) -> datetime | None:
        return None if days is None else self._now() - timedelta(days=days)

    def _forget_dataset(self, tenant: str, digest: str) -> None:
        try:
            self._datasets.delete(tenant, digest)
            logger.info("dataset %s of %s was not used and is deleted", digest, tenant)
        except JobsError as error:  # a job has taken it meanwhile, or it is gone
            logger.info("dataset %s of %s stays: %s", digest, tenant, error)


def _remove_details(folder: Path) -> None:
    for pattern in DETAILS:
        for path in folder.glob(pattern):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

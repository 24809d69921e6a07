"""Measures the files of jobs that have ended, so that they count towards what a tenant may store."""

import asyncio
import os
from pathlib import Path

from service.jobs.store import Store
from service.settings import Settings


class Measuring:
    """Looks for jobs whose files have not been measured. Replicas may do it side by side.

    Args:
        settings: Where files of jobs lie beside their folders.
        store: Takes the sizes.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    async def measure(self) -> None:
        """Measures a batch of them."""
        await asyncio.to_thread(self._measure)

    def _measure(self) -> None:
        for job, output in self._store.storage.unmeasured():
            self._store.storage.record(job, sum(map(_size, (Path(output), self._settings.tensorboard / job))))


def _size(folder: Path) -> int:
    """Bytes of the files under a folder; what goes meanwhile does not count, and links are not followed."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except FileNotFoundError:
                continue
    return total

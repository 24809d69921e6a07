"""Publishes the results of runs that MLflow was away for, without training anything again."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from service.jobs.errors import JobNotFound
from service.jobs.states import State
from service.jobs.store import Store
from trainers.files import LETTER, REPORT

SENDING = "publishing"  # stays until the store has the new report, whatever dies meanwhile
logger = logging.getLogger(__name__)


class Publisher:
    """Sends what lies in the outboxes of jobs.

    Args:
        jobs: Folder with one folder a job.
        store: Is told of the report that then names where the results are.
    """

    def __init__(self, jobs: Path, store: Store) -> None:
        self._jobs, self._store = jobs, store

    async def send_all(self) -> None:
        """Sends what can be sent now; when MLflow is away for one it is so for the rest, which wait for the next time."""
        for folder in await asyncio.to_thread(list, _waiting(self._jobs)):
            if await self._succeeded(folder.name) and not await self._send(folder):
                return

    async def _succeeded(self, job: str) -> bool:
        try:
            found = await asyncio.to_thread(self._store.get, job, frozenset())
        except JobNotFound:
            return False
        return found.state is State.SUCCEEDED

    async def _send(self, folder: Path) -> bool:
        """Sends one; whether there is sense in going on with the next."""
        (folder / SENDING).touch()
        # In a process of its own, since it loads MLflow.
        program = (sys.executable, "-m", "trainers.outbox", str(folder))
        process = await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            told, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        last = (told.decode(errors="replace").strip().splitlines() or [""])[-1]
        if process.returncode != 0:
            logger.log(
                logging.INFO if process.returncode == os.EX_TEMPFAIL else logging.ERROR,
                "results of job %s are not published yet: %s", folder.name, last,
            )  # fmt: skip
            return process.returncode != os.EX_TEMPFAIL
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        await asyncio.to_thread(self._store.replace_report, folder.name, report)
        (folder / SENDING).unlink()
        logger.info("results of job %s are published: %s", folder.name, last)
        return True


def _waiting(jobs: Path) -> Iterator[Path]:
    """Folders of jobs with something to send, or whose sending was cut off, oldest first."""
    found = {path.parent for name in (LETTER, SENDING) for path in jobs.glob(f"*/{name}")}
    yield from sorted(found, key=lambda folder: folder.stat().st_mtime)

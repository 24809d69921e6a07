"""Gives this replica its share of the jobs."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.jobs.claims import Claims, Lease
from service.jobs.errors import IllegalMove, JobNotFound
from service.jobs.quotas import Quota
from service.jobs.threads import Threads

TURN_S = 1.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seat:
    """Who a program is among the replicas of the service.

    Attributes:
        replica: Its id. A program that starts with the id of an earlier one takes back what that one had.
        host: The machine it is on, for operators.
        lease_s: Seconds after which others take over its jobs when nothing is heard of it.
    """

    replica: str = "local"
    host: str = ""
    lease_s: float = 15.0


def replica_id(state: Path) -> str:
    """The id of the replica whose state folder this is; made on first use."""
    file = state / "replica"
    known = file.read_text().strip() if file.exists() else ""
    if not known:
        known = secrets.token_hex(4)
        file.write_text(known)
    return known


class Dispatcher:
    """Keeps a lease, takes jobs while it has slots free, and lets go of them when it is told to or has lost its lease.

    Two replicas that both follow a job for a moment do no harm: each move is a compare-and-set, and a runner's name and
    journal fence its attempt.

    Args:
        claims: Where leases and owners are stored.
        seat: Who this replica is.
        slots: Jobs that it starts at once; those it takes over from others come on top.
        quota_of: What a tenant may hold.
        drive: Follows a job to its end.
        expire: Ends a job that has waited for too long.
    """

    def __init__(
        self,
        claims: Claims,
        seat: Seat,
        slots: int,
        quota_of: Callable[[str], Quota],
        drive: Callable[[str], Coroutine[Any, Any, None]],
        expire: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        self._claims, self._seat, self._slots, self._quota_of = claims, seat, slots, quota_of
        self._drive, self._expire = drive, expire
        self._threads = Threads(1)  # of its own, so that a lease is renewed whatever keeps the other threads waiting
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Takes a lease, and up every job that has been started and that nobody has; then goes on by itself."""
        await self._join()
        await self._turn()
        self._loop = asyncio.create_task(self._run(), name="dispatcher")

    async def hand_over(self) -> None:
        """Takes no more jobs, and lets go of those it has: they go on on the cluster, and others follow them."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
            self._loop = None
            await self._let_go()
            try:
                await self._threads.call(self._claims.leave, self._seat.replica)
            except Exception:  # the database is away: others wait for the end of the lease
                logger.exception("the lease of replica %s could not be ended", self._seat.replica)

    async def stop(self) -> None:
        """Hands over, and waits for what is under way."""
        await self.hand_over()
        await self._threads.close()

    def wake(self) -> None:
        """Has the queue looked at now, where a job could start."""
        if len(self._tasks) < self._slots:
            self._woken.set()

    async def released(self, job_id: str) -> None:
        """Waits until this replica no longer follows a job that has ended."""
        if task := self._tasks.get(job_id):
            await asyncio.wait([task])

    async def _run(self) -> None:
        while True:
            # Not by wait_for: in Python 3.11 it swallows a cancel that comes together with what it waits for.
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_S):
                    await self._woken.wait()
            self._woken.clear()
            try:
                await self._turn()
            except Exception:
                logger.exception("the queue is looked at again in %s s", TURN_S)

    async def _turn(self) -> None:
        replica = self._seat.replica
        lease = await self._threads.call(self._claims.keep, replica, self._seat.lease_s)
        if lease is Lease.LOST:
            logger.warning("replica %s has lost its lease; others follow its jobs now", replica)
            await self._let_go()
            await self._join()
        for job_id in await self._threads.call(self._claims.overdue):
            with suppress(IllegalMove, JobNotFound):  # another replica came first
                await self._expire(job_id)
        if lease is Lease.DRAINING:
            if self._tasks:
                await self._let_go()
                await self._threads.call(self._claims.release, replica)
            return
        for job_id in await self._threads.call(self._claims.take_over, replica):
            self._take(job_id)
        while len(self._tasks) < self._slots:
            claimed = await self._threads.call(self._claims.claim, replica, self._quota_of)
            if claimed is None:
                return
            self._take(claimed)

    async def _join(self) -> None:
        seat = self._seat
        await self._threads.call(self._claims.join, seat.replica, seat.host, self._slots, seat.lease_s)

    async def _let_go(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, job_id: str) -> None:
        task = asyncio.create_task(self._drive(job_id), name=f"job {job_id}")
        self._tasks[job_id] = task
        task.add_done_callback(lambda _: self._ended(job_id))

    def _ended(self, job_id: str) -> None:
        self._tasks.pop(job_id, None)
        self.wake()

"""What the service does beside answering: duties that come round again and again, off the request path."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from cluster.lifeline import Lifeline
from cluster.reservations import free_orphans
from cluster.warm import WarmPool
from service.datasets import Datasets
from service.jobs.manager import Manager
from service.jobs.store import Store
from service.measuring import Measuring
from service.publishing import Publisher
from service.reaper import Reaper
from service.retention import Retention
from service.settings import Settings

RENEW_EVERY_S = 2.0
WARM_EVERY_S = 5.0  # longer than a process takes to start, so that none is asked for twice
REAP_EVERY_S = 30.0
SWEEP_EVERY_S = 600.0
MEASURE_EVERY_S = 10.0
LONGEST_CALL_S = 30.0  # of a call to a head that may be gone, and then never returns
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something to be done every so often.

    Attributes:
        step: Does it once. What it raises is logged, and it is done again the next time.
        every_s: Seconds from the end of one step to the beginning of the next.
    """

    step: Callable[[], Awaitable[object]]
    every_s: float


def duties(settings: Settings, store: Store, manager: Manager, datasets: Datasets, ray: Lifeline) -> Iterator[Duty]:
    """Everything that one service does beside answering."""

    async def renew() -> None:
        with suppress(ConnectionError):  # not back yet
            await asyncio.to_thread(ray.renew)

    async def fill(pool: WarmPool) -> None:
        async with asyncio.timeout(LONGEST_CALL_S):
            await asyncio.to_thread(pool.fill)

    yield Duty(renew, RENEW_EVERY_S)
    if settings.warm_workers:
        yield Duty(partial(fill, WarmPool(settings.warm_workers)), WARM_EVERY_S)
    yield Duty(partial(asyncio.to_thread, free_orphans), REAP_EVERY_S)
    yield Duty(Publisher(settings.jobs, store).send_all, settings.publish_every_s)
    yield Duty(Reaper(settings, store).reap, REAP_EVERY_S)
    yield Duty(Measuring(settings, store).measure, MEASURE_EVERY_S)
    yield Duty(Retention(settings, store, manager, datasets).sweep, SWEEP_EVERY_S)


@asynccontextmanager
async def upkeep(*duties: Duty) -> AsyncIterator[None]:
    """Does every duty, the first time at once, until the context ends; a step that is under way then is cut off."""
    tasks = [asyncio.create_task(_repeat(duty)) for duty in duties]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(duty: Duty) -> None:
    while True:
        try:
            await duty.step()
        except Exception:
            logger.exception("%s is done again in %g s", duty.step, duty.every_s)
        await asyncio.sleep(duty.every_s)

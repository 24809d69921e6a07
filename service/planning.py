"""Validates a request as completely as its run would, off the event loop, and remembers the plan while the file is the same."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import fsspec

from trainers.data.locations import open_file
from trainers.errors import SpecError, Violation
from trainers.plan import Plan, plan
from trainers.spec import TrainingSpec

LOADS_AT_ONCE = 2
PLANS_KEPT, CHARACTERS_KEPT = 256, 4 << 20  # of plans, and of their specs together


class Planner:
    """Plans specs against their tables.

    Args:
        locate: Turns ``data.uri`` as a caller writes it into a full location.
        check_owner: Refuses what of a spec belongs to another tenant.
        roots: Folders and URI prefixes that data may lie under.
        jobs: Folder with the folders of the jobs.
    """

    def __init__(
        self,
        locate: Callable[[str], str],
        check_owner: Callable[[str, TrainingSpec], None],
        roots: Sequence[str],
        jobs: Path,
    ) -> None:
        self._locate, self._check_owner, self._roots, self._jobs = locate, check_owner, roots, jobs
        self._slots = asyncio.Semaphore(LOADS_AT_ONCE)  # bounds the tables in memory
        self._plans: OrderedDict[tuple[str, str], asyncio.Task[Plan]] = OrderedDict()

    async def plan(self, spec: TrainingSpec, tenant: str) -> Plan:
        """Works out what a tenant's job will do; the plan's spec has every default filled in.

        Raises:
            SpecError: The job would be refused.
        """
        location = self._locate(spec.data.uri)
        with _as_written(spec.data.uri, location):
            key = await asyncio.to_thread(self._key, tenant, spec, location)
            return await self._plan(key, spec, location)

    async def _plan(self, key: tuple[str, str], spec: TrainingSpec, location: str) -> Plan:
        """Plans once for all who ask the same, at the same time or later."""
        if key not in self._plans:
            self._plans[key] = asyncio.create_task(self._load(spec, location))
            self._plans[key].add_done_callback(partial(self._forget_failure, key))
            while len(self._plans) > 1 and self._are_too_many():
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        return await asyncio.shield(self._plans[key])

    def _are_too_many(self) -> bool:
        return len(self._plans) > PLANS_KEPT or sum(len(text) for text, _ in self._plans) > CHARACTERS_KEPT

    async def _load(self, spec: TrainingSpec, location: str) -> Plan:
        async with self._slots:
            done = await asyncio.to_thread(plan, with_uri(spec, location), self._roots, self._jobs)
        given = spec.data.uri
        return replace(done, spec=with_uri(done.spec, given), data=replace(done.data, uri=given))

    def _forget_failure(self, key: tuple[str, str], done: asyncio.Task[Plan]) -> None:
        if done.cancelled() or done.exception():
            self._plans.pop(key, None)

    def _key(self, tenant: str, spec: TrainingSpec, location: str) -> tuple[str, str]:
        """Checks whose data it is, and tells apart what is planned differently: specs, and versions of a file.

        Those differ in size, time of change or whatever else their file system knows.
        """
        self._check_owner(tenant, spec)
        open_file(location, self._roots).close()  # refuses what lies outside the roots before anything else looks at it
        files, path = fsspec.core.url_to_fs(location)
        return spec.model_dump_json(), str(files.ukey(path))


@contextmanager
def _as_written(given: str, location: str) -> Iterator[None]:
    """Lets errors speak of the location as the caller wrote it."""
    try:
        yield
    except SpecError as error:
        raise SpecError([Violation(v.field, v.message.replace(location, given)) for v in error.violations]) from None


def with_uri(spec: TrainingSpec, uri: str) -> TrainingSpec:
    """The spec with its data at another location."""
    return spec.model_copy(update={"data": spec.data.model_copy(update={"uri": uri})})

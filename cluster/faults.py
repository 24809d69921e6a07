"""Tells by what a run was ended, so that whoever retries can tell a lost node from a full disk and from an error."""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

import ray.exceptions


class Fault(StrEnum):
    """What ended a run that nobody who asked for it can mend."""

    OTHER = "other"  # it raised, or its process died: the next attempt may end in the same way
    NODE_LOST = "node_lost"  # the node it ran on is gone, or the whole cluster: no fault of the run
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def fault_of(error: BaseException) -> Fault:
    """What stands behind an exception, through those that were raised because of it and the workers that passed it on."""
    for each in _chain(error):
        if isinstance(each, MemoryError | ray.exceptions.OutOfMemoryError | ray.exceptions.ObjectStoreFullError):
            return Fault.OUT_OF_MEMORY
        if isinstance(each, ray.exceptions.OutOfDiskError) or getattr(each, "errno", None) in _NO_ROOM:
            return Fault.DISK_FULL
        if isinstance(each, sqlite3.OperationalError) and "full" in str(each):
            return Fault.DISK_FULL
    return Fault.OTHER


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        passed_on = error.cause if isinstance(error, ray.exceptions.RayTaskError) else None
        error = passed_on or error.__cause__ or error.__context__

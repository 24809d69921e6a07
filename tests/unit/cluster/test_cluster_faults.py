"""What stands behind an exception is found however it was wrapped."""

import errno
import sqlite3

import pytest
from ray.exceptions import ObjectStoreFullError, OutOfDiskError, OutOfMemoryError, RayTaskError

from cluster.faults import Fault, fault_of


def raised_from(cause: BaseException) -> BaseException:
    try:
        raise RuntimeError("wrapped") from cause
    except RuntimeError as error:
        return error


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ValueError("wrong"), Fault.OTHER),
        (OSError(errno.ENOENT, "no such file"), Fault.OTHER),
        (FULL, Fault.DISK_FULL),
        (OSError(errno.EDQUOT, "quota exceeded"), Fault.DISK_FULL),
        (raised_from(raised_from(FULL)), Fault.DISK_FULL),
        (RayTaskError("fit", "trace", FULL).as_instanceof_cause(), Fault.DISK_FULL),
        (sqlite3.OperationalError("database or disk is full"), Fault.DISK_FULL),
        (sqlite3.OperationalError("database is locked"), Fault.OTHER),
        (OutOfDiskError(), Fault.DISK_FULL),
        (MemoryError(), Fault.OUT_OF_MEMORY),
        (OutOfMemoryError("killed by the memory monitor"), Fault.OUT_OF_MEMORY),
        (ObjectStoreFullError(), Fault.OUT_OF_MEMORY),
        (RayTaskError("fit", "trace", MemoryError()), Fault.OUT_OF_MEMORY),
    ],
)
def test_faults_are_told_apart(error: BaseException, fault: Fault) -> None:
    assert fault_of(error) is fault

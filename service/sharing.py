"""Replicas are to share one folder: what one keeps where others do not see it is lost to their callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from service.jobs.store import Store


@contextmanager
def sharing(folder: Path, replica: str, store: Store) -> Iterator[None]:
    """Says in the shared folder that a replica is there; two that start in the same moment do not see one another.

    Args:
        folder: The shared folder.
        replica: Id of this replica.
        store: Knows the others.

    Raises:
        OSError: A replica that holds a lease has another shared folder.
    """
    here, now = folder / "replicas", datetime.now(UTC)
    here.mkdir(parents=True, exist_ok=True)
    for other in store.backlog.replicas():
        if other.id != replica and other.lease_expire_time > now and not (here / other.id).exists():
            raise OSError(
                f"replica {other.id} on {other.host} uses this database, but another shared folder than {folder};"
                " set TRAINWRIGHT_SHARED to one folder that all replicas see"
            )
    (here / replica).touch()
    yield
    (here / replica).unlink(missing_ok=True)

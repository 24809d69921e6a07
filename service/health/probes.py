"""Whether what the service leans on answers: each probe returns, within seconds, or raises what is wrong."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from sqlalchemy import create_engine, text

from cluster import head
from cluster.session import head_address
from service.jobs.store import Store
from service.settings import Settings

ANSWER_S = 3.0
LEAST_FREE_BYTES = 256 << 20  # less is as good as full: a report with its model needs some

Probe = Callable[[], None]


def probes(settings: Settings, store: Store) -> Mapping[str, Probe]:
    """A probe by name of each dependency of a service with these settings."""
    return {
        "database": lambda: database(store),
        "ray": lambda: ray(head_address()),
        "tracking": lambda: tracking(settings.tracking_uri),
        "storage": lambda: storage(settings.state),
    }


def database(store: Store) -> None:
    """Reads from the jobs database."""
    store.last_sequence("")


def ray(address: str) -> None:
    """Connects to the head of the cluster."""
    if not head.answers(address):
        raise ConnectionError(f"no Ray answers at {address}")


def tracking(uri: str) -> None:
    """Asks MLflow's server whether it is healthy, or its database for an answer; other kinds are taken to be there."""
    if uri.startswith(("http://", "https://")):
        try:
            with urlopen(f"{uri.rstrip('/')}/health", timeout=ANSWER_S):
                return
        except HTTPError as error:
            if error.code >= 500:  # a server that asks who calls, or knows no such page, is there
                raise ConnectionError(f"MLflow at {uri} answers {error.code}") from None
        except OSError as error:
            raise ConnectionError(f"MLflow at {uri} does not answer: {error}") from None
    elif uri.startswith("sqlite:///"):
        _writable(Path(uri.removeprefix("sqlite:///")).parent)
    elif uri.startswith(("postgresql", "mysql", "mssql")):
        engine = create_engine(uri)
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        finally:
            engine.dispose()


def storage(folder: Path) -> None:
    """Writes to the folder that holds everything, and looks how much room there is."""
    _writable(folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise OSError(f"{folder} has {free / 1e6:.0f} MB left")


def _writable(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())

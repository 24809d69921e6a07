"""Looks at everything the service leans on and says what to mend: what ``trainwright admin doctor`` shows."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from sqlalchemy import make_url

from cluster.inspection import Look, Versions, look
from cluster.session import head_address
from service.doors.tokens import TokenFile
from service.health import probes
from service.jobs.quotas import Quotas
from service.jobs.store import Store
from service.settings import Settings

PATIENCE_S = 45.0  # with nothing heard of it by then, something does not answer; a client waits for a minute
NODE_S = 40.0  # a node may have to start a process first, and import its libraries
RENEW_BEFORE = timedelta(days=30)
LITTLE_FREE_BYTES = 5 << 30
CLOCKS_S = 2.0  # logs of two machines can no longer be read side by side


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        verdict: Whether it is as it must be.
        found: What was found, in a sentence.
        mend: What to do; empty when nothing is to be done.
    """

    name: str
    verdict: Verdict
    found: str
    mend: str = ""


class Doctor:
    """Examines one service.

    Args:
        settings: Of the service.
        store: The jobs database.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    async def examine(self) -> list[Check]:
        """Makes all checks, side by side."""
        checks: Mapping[str, Callable[[], Sequence[Check]]] = {
            "database": lambda: [database(self._store, self._settings.database_url)],
            "migrations": lambda: [migrations(*self._store.revisions())],
            "ray": self._ray,
            "tracking": lambda: [tracking(self._settings.tracking_uri)],
            "storage": lambda: [storage(self._settings.state)],
            "certificate": lambda: [*certificate(self._settings.tls_cert, datetime.now(UTC))],
            "callers": lambda: [*file_of("callers", self._settings.callers, TokenFile)],
            "quotas": lambda: [*file_of("quotas", self._settings.quotas, Quotas)],
        }
        found = await asyncio.gather(*(_examined(name, check) for name, check in checks.items()))
        return [check for each in found for check in each]

    def _ray(self) -> Sequence[Check]:
        self._settings.jobs.mkdir(parents=True, exist_ok=True)  # before the first job it is not there
        return [cluster(head_address()), *nodes(look(self._settings.jobs, NODE_S))]


async def _examined(name: str, check: Callable[[], Sequence[Check]]) -> Sequence[Check]:
    """The check, or that it did not come to its end."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(check), PATIENCE_S)
    except TimeoutError:
        return [Check(name, Verdict.WRONG, f"does not answer within {PATIENCE_S:g} s", "see whether it runs")]
    except Exception as error:  # the other checks say what is else wrong
        return [Check(name, Verdict.WRONG, f"{type(error).__name__}: {error}".partition("\n")[0], "see the log")]


def database(store: Store, url: str) -> Check:
    """Whether jobs can be read."""
    named = make_url(url).render_as_string(hide_password=True)
    try:
        probes.database(store)
    except Exception as error:  # the driver's own
        mend = "start the database, or correct TRAINWRIGHT_DATABASE_URL and start the service again"
        return Check("database", Verdict.WRONG, f"{named}: {error}".partition("\n")[0], mend)
    return Check("database", Verdict.OK, f"{named} answers")


def migrations(current: str, newest: str) -> Check:
    """Whether the tables are those that this version of the service knows."""
    if current == newest:
        return Check("migrations", Verdict.OK, f"the tables are at revision {current}")
    mend = "start this service again; it brings its tables up to date. If they are newer than it is, upgrade it"
    return Check("migrations", Verdict.WRONG, f"the tables are at revision {current}, not at {newest}", mend)


def cluster(address: str) -> Check:
    """Whether Ray answers, and asks who speaks to it."""
    try:
        probes.ray(address)
    except ConnectionError as error:
        return Check("ray", Verdict.WRONG, str(error), "start Ray there, or correct RAY_ADDRESS")
    if os.environ.get("RAY_AUTH_MODE") != "token":
        mend = "start Ray with RAY_AUTH_MODE=token, and give the service its token (RAY_AUTH_TOKEN_PATH)"
        return Check("ray", Verdict.WARNING, f"{address} runs code for whoever reaches its ports", mend)
    return Check("ray", Verdict.OK, f"{address} answers, and asks for a token")


def nodes(seen: Sequence[Look]) -> Iterator[Check]:
    """What is to be said of each node."""
    here = Versions()
    for node in seen:
        if node.fault:
            mend = "see whether the node is short of memory, or cannot import this project"
            yield Check(f"node {node.address}", Verdict.WRONG, f"did not answer: {node.fault}", mend)
        elif node.versions != here:
            found = f"has {node.versions}; the service has {here}"
            yield Check(f"node {node.address}", Verdict.WRONG, found, "install the same versions on it")
        elif not node.shares:
            mend = "mount the state folder there under the same path, writable"
            yield Check(f"node {node.address}", Verdict.WRONG, "does not write to the folder of the jobs", mend)
        elif node.clock_off_s > CLOCKS_S:
            found = f"its clock is at least {node.clock_off_s:.0f} s away from the service's"
            yield Check(f"node {node.address}", Verdict.WARNING, found, "set the clocks by NTP")
        else:
            yield Check(f"node {node.address}", Verdict.OK, f"has {node.versions}, shares the folder of the jobs")
    if not seen:
        yield Check("nodes", Verdict.WRONG, "the cluster has none", "start a node")


def tracking(uri: str) -> Check:
    """Whether MLflow takes results."""
    try:
        probes.tracking(uri)
    except Exception as error:  # of its server or, where it is a database, of the driver
        mend = "start MLflow, or correct TRAINWRIGHT_TRACKING_URI; until then jobs succeed and keep their results in their folders"
        return Check("tracking", Verdict.WARNING, str(error).partition("\n")[0], mend)
    return Check("tracking", Verdict.OK, f"{uri} answers")


def storage(folder: Path) -> Check:
    """Whether there is room for what jobs leave."""
    mend = "make room, or delete jobs and datasets that nobody needs"
    try:
        probes.storage(folder)
    except OSError as error:
        return Check("storage", Verdict.WRONG, str(error), mend)
    free = shutil.disk_usage(folder).free
    found = f"{folder} has {free / 1e9:.1f} GB left"
    return (
        Check("storage", Verdict.WARNING, found, mend)
        if free < LITTLE_FREE_BYTES
        else Check("storage", Verdict.OK, found)
    )


def certificate(path: Path | None, now: datetime) -> Iterator[Check]:
    """Until when the service's certificate holds; nothing without TLS."""
    if path is None:
        return
    end = min(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(path.read_bytes()))
    verdict = Verdict.WRONG if end <= now else Verdict.WARNING if end - now < RENEW_BEFORE else Verdict.OK
    mend = "" if verdict is Verdict.OK else f"renew {path}; new connections take it without a restart"
    yield Check("certificate", verdict, f"holds until {end:%Y-%m-%d %H:%M} UTC", mend)


def file_of(what: str, path: Path | None, read: Callable[[Path], object]) -> Iterator[Check]:
    """Whether a file of the operator's can be read as it is now; nothing without one."""
    if path is None:
        return
    try:
        read(path)
    except ValueError as error:
        yield Check(what, Verdict.WRONG, str(error), "correct it; until then the version before stays in force")
    else:
        yield Check(what, Verdict.OK, f"{path} can be read")

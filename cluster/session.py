"""Connects the program to Ray: a cluster it is given, or a local one that it keeps. The only ray.init of the project."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ray

from cluster import head, token

NAMESPACE = "trainwright"
_AS_GIVEN = f"[::ffff:{head.LOOPBACK}]"
_OPTIONS: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "logging_level": "ERROR"}


class Session:
    """The program's connection to Ray; leaving its context disconnects.

    Attributes:
        address: Address of the cluster, host:port.
        started_here: Whether this program started the cluster, rather than finding it.
    """

    def __init__(self, started_here: bool, local: head.Head | None) -> None:
        self.address = head_address()
        self._node_socket = str(ray._private.worker.global_worker.node.raylet_socket_name)
        self.started_here = started_here
        self._local = local

    def is_alive(self) -> bool:
        """Whether the head and this machine's node of the cluster that was connected to are there. Never blocks for long."""
        return ray.is_initialized() and head.answers(self.address) and head.listens(self._node_socket)

    def close(self) -> None:
        """Disconnects. A local Ray kept in a state folder goes on with its detached actors; a private one ends."""
        ray.shutdown()

    def stop(self) -> None:
        """Disconnects, and ends a local Ray with everything that runs on it."""
        self.close()
        if self._local is not None:
            self._local.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def head_address() -> str:
    """host:port of the cluster that this program is connected to."""
    return str(ray.get_runtime_context().gcs_address).replace(_AS_GIVEN, head.LOOPBACK)


def is_connected() -> bool:
    """Whether Ray is connected to and its head answers: calls to a head that is gone never return."""
    return ray.is_initialized() and head.answers(head_address())


def connect(
    address: str | None = None,
    state: Path | None = None,
    num_cpus: int | None = None,
    dashboard: bool = False,
    preload: str = "",
) -> Session:
    """Connects to a given cluster, else to the local one kept in the state folder, else to a private local one.

    Args:
        address: Head of a running cluster, host:port, or "auto" for the one on this machine.
        state: Folder that remembers a local Ray, so that it outlives the program and is found again. None: a local Ray ends
            with the program.
        num_cpus: CPUs of a local Ray started now. None: all of the machine.
        dashboard: Whether a local Ray started now serves Ray's dashboard and Jobs API.
        preload: Module that every worker process of a local Ray started now imports before it has work.

    Raises:
        ConnectionError: Nothing answers at the address, or the local Ray did not start.
    """
    if address is not None:
        return _join(address)
    token.ensure()
    if state is None:
        modules = {"preload_python_modules": [preload] if preload else []}
        ray.init("local", num_cpus=num_cpus, include_dashboard=dashboard, _system_config=modules, **_OPTIONS)
        return Session(started_here=True, local=None)
    local, started = head.find_or_start(state, num_cpus, dashboard, preload)
    ray.init(_as_given(local.address), **_OPTIONS)
    return Session(started, local)


def _join(address: str) -> Session:
    token.use_if_available()
    if address != "auto" and not head.answers(address):
        raise ConnectionError(f"no Ray answers at {address}; start it, or correct or unset RAY_ADDRESS")
    ray.init(_as_given(address), **_OPTIONS)
    return Session(started_here=False, local=None)


def _as_given(address: str) -> str:
    """An address that ray.init leaves alone: for 127.0.0.1 it would go to the machine's own, where a local head is deaf."""
    return address.replace(head.LOOPBACK, _AS_GIVEN)

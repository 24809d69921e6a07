"""Keeps a long-lived program connected to Ray when the cluster's head is lost and comes back, or is started anew.

Ray's client does not: sixty seconds after a head was lost it ends the program, until then calls to the head block,
``ray.is_initialized`` goes on to say yes, and the next call after ``ray.shutdown`` joins any cluster that it finds on the
machine. Measured on Ray 2.60; the tests provoke each.
"""

import logging
import os
import threading
from collections.abc import Callable

import ray
from ray._private import auto_init_hook
from ray._raylet import Config  # type: ignore[attr-defined]

from cluster.session import Session

PATIENCE_S = 30 * 24 * 3600  # instead of Ray's 60 s, after which it would end this program
logger = logging.getLogger(__name__)


class Lifeline:
    """The connection of a program that outlives its cluster.

    Args:
        connect: Connects, starting a local Ray where there is none.

    Raises:
        ConnectionError: Ray cannot be reached or started, this first time.
    """

    def __init__(self, connect: Callable[[], Session]) -> None:
        os.environ["RAY_gcs_rpc_server_reconnect_timeout_s"] = str(PATIENCE_S)  # noqa: SIM112 - Ray's own name
        Config.initialize("")
        auto_init_hook.enable_auto_connect = False
        self._connect = connect
        self._lock = threading.Lock()
        self._session = connect()

    def renew(self) -> bool:
        """Connects again where the cluster is gone, and says whether it was. Blocks while a head starts.

        Calls to Ray that other threads wait for end with an error as soon as the old connection is closed.

        Raises:
            ConnectionError: The cluster is gone and not back yet; call again later.
        """
        with self._lock:
            if self._session.is_alive():
                return False
            logger.warning("Ray at %s is gone; connecting again", self._session.address)
            ray.shutdown()
            self._session = self._connect()
            logger.warning("connected to Ray at %s", self._session.address)
            return True

    def close(self) -> None:
        """Disconnects; what runs on the cluster goes on."""
        with self._lock:
            self._session.close()

    def stop(self) -> None:
        """Disconnects, and ends a local Ray with everything that runs on it."""
        with self._lock:
            self._session.stop()

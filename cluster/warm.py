"""Keeps worker processes ready, started and with their imports done, so that a job's actors start at once.

An actor needs a process of its own that has done nothing before; to start one and import the libraries of a fit takes
seconds, and a small job waits for that longer than for its fits. Ray starts such processes ahead when asked over the
node's own service, which the Python API does not offer.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ray
from ray._private.grpc_utils import init_grpc_channel
from ray.core.generated.common_pb2 import PYTHON, WORKER
from ray.core.generated.node_manager_pb2 import GetNodeStatsRequest, PrestartWorkersRequest
from ray.core.generated.node_manager_pb2_grpc import NodeManagerServiceStub

from cluster.session import is_connected

logger = logging.getLogger(__name__)
KEPT_S = 3600  # a process that nobody took for so long ends, and is replaced at the next filling
AHEAD_S = 600  # one that was started for a certain fit ends sooner: to a job that takes longer its start is nothing
CALL_S = 5.0


class WarmPool:
    """Fresh worker processes on every node that has CPUs. Needs a connected Ray.

    Args:
        spare: Processes kept ready on a node.
    """

    def __init__(self, spare: int) -> None:
        self._spare = spare
        self._nodes: dict[str, NodeManagerServiceStub] = {}

    def fill(self) -> None:
        """Has every node start the processes that it lacks, without waiting; passes over a node that does not answer."""
        for node in ray.nodes() if is_connected() else ():
            if not node["Alive"] or not node["Resources"].get("CPU"):
                continue
            with _passed_over(node):
                service = self._service(node)
                _start(service, self._spare - len(_fresh(service)), "{}", KEPT_S)

    def ready(self) -> frozenset[tuple[str, int]]:
        """Node id and pid of the processes that are there; the youngest may still be at their imports."""
        return frozenset(
            (node["NodeID"], pid) for node in ray.nodes() if node["Alive"] for pid in _fresh(self._service(node))
        )

    def _service(self, node: Mapping[str, Any]) -> NodeManagerServiceStub:
        address = f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}"
        if address not in self._nodes:
            self._nodes[address] = _service_of(node)
        return self._nodes[address]


def start_ahead(environments: Sequence[str]) -> None:
    """Has the node of this program start processes for actors that it will make, without waiting, if that node has CPUs.

    Args:
        environments: The runtime environment of each actor as Ray writes it: a process is taken where the text is the same.
    """
    own = ray.get_runtime_context().get_node_id()
    for node in ray.nodes():
        if node["NodeID"] == own and node["Resources"].get("CPU"):
            with _passed_over(node):
                service = _service_of(node)
                for environment, count in Counter(environments).items():
                    _start(service, count, environment, AHEAD_S)


@contextmanager
def _passed_over(node: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # grpc.RpcError; what is started ahead only saves time, so nothing fails with it
        logger.warning("No worker could be started ahead on %s: %s", node["NodeManagerAddress"], error)


def _service_of(node: Mapping[str, Any]) -> NodeManagerServiceStub:
    return NodeManagerServiceStub(init_grpc_channel(f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}"))


def _start(node: NodeManagerServiceStub, count: int, environment: str, kept_s: int) -> None:
    if count > 0:
        request = PrestartWorkersRequest(language=PYTHON, num_workers=count, keep_alive_duration_secs=kept_s)
        request.runtime_env_info.serialized_runtime_env = environment
        node.PrestartWorkers(request, timeout=CALL_S)


def _fresh(node: NodeManagerServiceStub) -> list[int]:
    """Pids of worker processes that have no actor and have done nothing."""
    workers: Any = node.GetNodeStats(GetNodeStatsRequest(), timeout=CALL_S).core_workers_stats
    return [
        worker.pid
        for worker in workers
        if worker.worker_type == WORKER and not worker.num_executed_tasks and set(worker.actor_id) == {255}
    ]

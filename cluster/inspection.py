"""Looks at every node of the cluster from within: its versions, its clock, and whether it shares a folder."""

import platform
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


@dataclass(frozen=True)
class Versions:
    """What must be the same on all nodes; of Python the first two numbers."""

    ray: str = ray.__version__
    python: str = ".".join(platform.python_version_tuple()[:2])

    def __str__(self) -> str:
        return f"Ray {self.ray} and Python {self.python}"


@dataclass(frozen=True)
class Look:
    """What was seen on a node.

    Attributes:
        address: The node's.
        fault: Why nothing was seen; the rest is then empty.
        versions: What runs there.
        clock_off_s: Least seconds that the node's clock is away from this program's; what a message takes hides less.
        shares: Whether this program sees what the node writes to the folder.
    """

    address: str
    fault: str = ""
    versions: Versions = Versions()
    clock_off_s: float = 0.0
    shares: bool = False


def look(folder: Path, wait_s: float) -> list[Look]:
    """Looks at all nodes that are alive. Needs a connected Ray.

    Args:
        folder: A folder that all nodes should share with this program.
        wait_s: Longest to wait for a node.
    """
    asked = {}
    for node in ray.nodes():
        if node["Alive"]:
            here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            mark = folder / f".{uuid.uuid4().hex}"
            task = ray.remote(_see).options(num_cpus=0, max_retries=0, scheduling_strategy=here)
            asked[node["NodeManagerAddress"], mark] = time.time(), task.remote(mark)
    ray.wait([answer for _, answer in asked.values()], num_returns=len(asked), timeout=wait_s)
    return [_look(address, mark, *question) for (address, mark), question in asked.items()]


def _see(mark: Path) -> Mapping[str, Any]:
    """Runs on the node."""
    with suppress(OSError):
        mark.touch()
    return {"versions": asdict(Versions()), "time": time.time()}


def _look(address: str, mark: Path, asked: float, answer: ray.ObjectRef) -> Look:
    try:
        seen = ray.get(answer, timeout=0)
    except Exception as error:  # whatever Ray raises for a node that is lost or full
        return Look(address, f"{type(error).__name__}: {error}".strip().partition("\n")[0])
    off = max(0.0, asked - seen["time"], seen["time"] - time.time())
    shares = mark.exists()
    mark.unlink(missing_ok=True)
    return Look(address, "", Versions(**seen["versions"]), off, shares)

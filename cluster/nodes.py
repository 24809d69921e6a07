"""The kinds of node a cluster can have: stated in a file, told to the cluster, and asked of it.

Ray has a place in its head's store for what a cluster can grow to, and reads it (Ray Train refuses by it), but only hosted
platforms fill it; the open autoscaler does not. Whoever starts a cluster that grows fills it from the same file that the
cluster's config is checked against:

    python -m cluster.nodes cluster/deploy/nodes.yaml
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ray
import yaml
from ray._private.state import state
from ray._raylet import (  # type: ignore[attr-defined]
    GCS_AUTOSCALER_CLUSTER_CONFIG_KEY,
    GCS_AUTOSCALER_STATE_NAMESPACE,
)
from ray.core.generated.autoscaler_pb2 import ClusterConfig, NodeGroupConfig
from ray.experimental.internal_kv import _internal_kv_put

from cluster.session import connect

ACCELERATOR = "accelerator_type:"  # before the kind, in the names of resources
_GIB = 2**30
_UNLIMITED = 1_000_000


@dataclass(frozen=True)
class NodeType:
    """A kind of node.

    Attributes:
        name: Its name in the cluster's config.
        resources: What one node hands out, by Ray's names: ``CPU``, ``GPU``, ``memory`` in bytes, ``accelerator_type:A100``.
        most: Nodes of the kind that there can be at once.
    """

    name: str
    resources: Mapping[str, float]
    most: int

    @property
    def accelerator(self) -> str:
        """Kind of its accelerators, as Ray spells it; empty where it has none that Ray knows."""
        return next((name.removeprefix(ACCELERATOR) for name in self.resources if name.startswith(ACCELERATOR)), "")

    def holds(self, bundle: Mapping[str, float]) -> int:
        """How many requests of this size one node holds at once."""
        times = [int(self.resources.get(name, 0.0) / amount + 1e-9) for name, amount in bundle.items() if amount]
        return min(times, default=_UNLIMITED)

    def __str__(self) -> str:
        """The kind as a caller reads it, such as ``gpu-l4 (8 CPU, 1 GPU L4, 24 GiB; at most 8)``."""
        parts = [f"{self.resources.get('CPU', 0.0):g} CPU"]
        if gpus := self.resources.get("GPU"):
            parts.append(f"{gpus:g} GPU {self.accelerator}".strip())
        if memory := self.resources.get("memory"):
            parts.append(f"{memory / _GIB:.3g} GiB")
        return f"{self.name} ({', '.join(parts)}; at most {self.most})"


def read(path: Path) -> tuple[NodeType, ...]:
    """Reads node types as they are stated in ``cluster/deploy/nodes.yaml``, those that take no work left out.

    Raises:
        ValueError: The file has another form.
    """
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        types = tuple(
            NodeType(
                name, {key: float(amount) for key, amount in given["resources"].items()}, int(given["max_workers"])
            )
            for name, given in stated.items()
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is no list of node types: {error!r}; each needs resources and max_workers, as in cluster/deploy/nodes.yaml"
        ) from error
    return tuple(kind for kind in types if kind.most)


def announce(types: Sequence[NodeType]) -> None:
    """Tells the connected cluster which nodes it can have; what was told before is replaced."""
    groups = [
        NodeGroupConfig(
            name=kind.name,
            max_count=kind.most,
            resources={name: int(amount) for name, amount in kind.resources.items()},
        )
        for kind in types
    ]
    config = ClusterConfig(node_group_configs=groups).SerializeToString()
    _internal_kv_put(
        GCS_AUTOSCALER_CLUSTER_CONFIG_KEY.encode(), config, namespace=GCS_AUTOSCALER_STATE_NAMESPACE.encode()
    )


def announced() -> tuple[NodeType, ...]:
    """The kinds that the connected cluster has been told it can grow to; none where it does not grow."""
    config = state.get_cluster_config()
    groups = [] if config is None else config.node_group_configs
    return tuple(
        NodeType(
            group.name,
            {name: float(amount) for name, amount in group.resources.items()},
            _UNLIMITED if group.max_count < 0 else group.max_count,
        )
        for group in groups
    )


def there(known: Sequence[NodeType] = ()) -> tuple[NodeType, ...]:
    """The nodes that are there now, those that are alike as one kind, those of known kinds left out."""
    skipped = {_shape(kind.resources) for kind in known}
    alike: dict[frozenset[tuple[str, float]], list[float]] = {}
    for resources in (node["Resources"] for node in ray.nodes() if node["Alive"]):
        alike.setdefault(_shape(resources), []).append(resources.get("memory", 0.0))
    return tuple(
        NodeType("there now", {**dict(shape), "memory": min(memory)}, len(memory))
        for shape, memory in alike.items()
        if shape not in skipped
    )


def _shape(resources: Mapping[str, float]) -> frozenset[tuple[str, float]]:
    """What makes nodes alike: not their own names, nor their memory, which is counted to the byte."""
    own = ("node:", "memory", "object_store_memory")
    return frozenset((name, amount) for name, amount in resources.items() if amount and not name.startswith(own))


def main() -> None:
    """Tells a running cluster which nodes it can have."""
    parser = argparse.ArgumentParser(prog="python -m cluster.nodes", description=main.__doc__)
    parser.add_argument("file", type=Path, help="node types, as in cluster/deploy/nodes.yaml")
    parser.add_argument("--address", default=os.environ.get("RAY_ADDRESS", "auto"), help="head, host:port")
    given = parser.parse_args()
    try:
        types = read(given.file)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    with connect(given.address):
        announce(types)
    print(f"The cluster can have {'; '.join(map(str, types))}.")


if __name__ == "__main__":
    main()

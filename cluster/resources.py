"""What a job asks of the cluster, and what the cluster can give, stated in one place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ray
from pydantic import BaseModel, Field
from ray._private.state import state

from cluster.session import is_connected


class ComputeSpec(BaseModel, frozen=True, extra="forbid"):
    """Resources of a job; the field comments are in proto/trainwright/v1/spec.proto."""

    trial_cpus: int = Field(1, ge=1, le=1024)
    workers: int = Field(1, ge=1, le=4096)
    gpus_per_worker: float = Field(0.0, ge=0, le=16)
    max_failures: int = Field(2, ge=0, le=100)
    min_workers: int | None = Field(None, ge=1, le=4096)
    accelerator_type: str | None = Field(None, min_length=1)
    trial_gpus: float = Field(0.0, ge=0, le=16)
    max_preemptions: int = Field(10, ge=0, le=1000)

    @property
    def alone(self) -> bool:
        """Whether final fits are those of one process without a GPU."""
        return self.workers == 1 and self.gpus_per_worker == 0


@dataclass(frozen=True)
class Room:
    """The most a cluster can ever give.

    Attributes:
        most: Amount by resource, such as ``CPU``, ``GPU`` or ``accelerator_type:A100``; nodes that an autoscaler may add counted.
        nodes: Nodes that are there now.
        grows: Whether an autoscaler may add nodes, of kinds that are not there now as well.
    """

    most: Mapping[str, float]
    nodes: int
    grows: bool


def room() -> Room | None:
    """What the connected cluster can give; None when none is connected."""
    if not is_connected():
        return None
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    names = {name for node in nodes for name in node}
    there = {name: sum(node.get(name, 0.0) for node in nodes) for name in names}
    growth = state.get_max_resources_from_cluster_config()
    return Room(
        most={name: max(there.get(name, 0.0), (growth or {}).get(name, 0.0)) for name in names | set(growth or {})},
        nodes=len(nodes),
        grows=growth is not None,
    )


def most() -> Mapping[str, float]:
    """Amount by resource that the connected cluster has or, asked for it, would get."""
    given = room()
    return given.most if given else {}


def cannot_give(compute: ComputeSpec, room: Room) -> Iterator[tuple[str, str]]:
    """What of a request no state of the cluster can fulfil: field of ComputeSpec, and what is wrong and would be right."""
    cpus, gpus = room.most.get("CPU", 0.0), room.most.get("GPU", 0.0)
    kind = compute.accelerator_type
    if kind is not None and not room.grows and not room.most.get(f"accelerator_type:{kind}"):
        there = sorted(
            name.removeprefix("accelerator_type:") for name in room.most if name.startswith("accelerator_type:")
        )
        yield (
            "accelerator_type",
            f"is {kind!r}, but the cluster has {', '.join(there) or 'no accelerators'}; leave it out",
        )
    for field in ("gpus_per_worker", "trial_gpus"):
        asked = getattr(compute, field)
        if asked > gpus:
            yield (
                field,
                f"is {asked:g}, but the cluster can have at most {gpus:g} GPUs; make it 0 or add a node with GPUs",
            )
    if compute.trial_cpus > cpus:
        yield "trial_cpus", f"is {compute.trial_cpus}, but the cluster can have at most {cpus:g} CPUs; lower it"
    least = compute.min_workers or compute.workers
    fits = min(_times(cpus, compute.trial_cpus), _times(gpus, compute.gpus_per_worker))
    if compute.workers > 1 and least > fits >= 1:
        asked = f"{least} workers with trial_cpus {compute.trial_cpus} and gpus_per_worker {compute.gpus_per_worker:g}"
        field = "workers" if compute.min_workers is None else "min_workers"
        yield (
            field,
            f"needs {asked}, but the cluster can have at most {fits} such workers; make it {fits} or less, or add nodes",
        )


def _times(there: float, each: float) -> int:
    return int(there // each) if each else 1_000_000

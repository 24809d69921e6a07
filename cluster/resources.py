"""What a job asks of the cluster, and what the cluster can give, stated in one place."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import ray
from pydantic import BaseModel, Field
from ray.util.placement_group import placement_group, remove_placement_group

from cluster.nodes import ACCELERATOR, NodeType, announced, there
from cluster.session import is_connected

ANY_SHARE = 0.001  # of a resource: so little that it says which node, not how much (as Ray asks for accelerator types)
_LABEL = "ray.io/accelerator-type"
_GIB = 2**30
_LOOK_S = 2.0  # how long a request may take before it counts as waiting
_LISTED = 8  # kinds of node named in a refusal
logger = logging.getLogger(__name__)


class Placement(StrEnum):
    """How the workers of a final fit are laid over nodes."""

    PACK = "pack"
    SPREAD = "spread"


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
    memory_gib: float = Field(0.0, ge=0, le=65536)
    placement: Placement = Placement.PACK

    @property
    def alone(self) -> bool:
        """Whether final fits are those of one process without a GPU."""
        return self.workers == 1 and self.gpus_per_worker == 0

    @property
    def trial(self) -> dict[str, float]:
        """What one configuration of the search trains on, by Ray's names."""
        return _bundle(self.trial_cpus, self.trial_gpus, self.memory_gib)

    @property
    def fit(self) -> dict[str, float]:
        """What a fit in one process has, by Ray's names."""
        return _bundle(self.trial_cpus, 0.0, self.memory_gib)

    @property
    def worker(self) -> dict[str, float]:
        """What one worker of a final fit has, by Ray's names; without a GPU it has no accelerator."""
        return _bundle(self.trial_cpus, self.gpus_per_worker, self.memory_gib, self.accelerator_type)


@dataclass(frozen=True)
class Room:
    """The most a cluster can ever give.

    Attributes:
        kinds: Kinds of node that there are or, where it grows, can be.
        nodes: Nodes that are there now.
        grows: Whether an autoscaler may add nodes.
    """

    kinds: Sequence[NodeType]
    nodes: int
    grows: bool

    def most(self, resource: str) -> float:
        """How much of a resource all nodes together can have."""
        return sum(kind.resources.get(resource, 0.0) * kind.most for kind in self.kinds)

    def holds(self, bundle: Mapping[str, float]) -> int:
        """How many requests of this size all nodes together can hold at once; each lies on one node."""
        return sum(kind.holds(bundle) * kind.most for kind in self.kinds)

    def place(self, bundle: Mapping[str, float]) -> "Place":
        """Where requests of this size go. Those without a GPU stay off nodes that have accelerators.

        Such a node would be kept from its own work, and from being given back. Where no other kind of node can hold the
        request, it may go anywhere.
        """
        plain = replace(self, kinds=[kind for kind in self.kinds if not kind.accelerator])
        accelerators = sorted({kind.accelerator for kind in self.kinds} - {""})
        if bundle.get("GPU") or not accelerators or not plain.holds(bundle):
            return Place(bundle, {}, self.holds(bundle))
        return Place(bundle, {_LABEL: f"!in({','.join(accelerators)})"}, plain.holds(bundle))


@dataclass(frozen=True)
class Place:
    """Where requests of one size go.

    Attributes:
        bundle: What one of them asks of a node, by Ray's names.
        labels: Ray's label selector of the node.
        most: Requests that the cluster can ever hold at once.
    """

    bundle: Mapping[str, float]
    labels: Mapping[str, str]
    most: int


def room() -> Room | None:
    """What the connected cluster can give; None when none is connected."""
    if not is_connected():
        return None
    growth = announced()
    return Room((*growth, *there(growth)), nodes=sum(node["Alive"] for node in ray.nodes()), grows=bool(growth))


def place(bundle: Mapping[str, float]) -> Place:
    """Where requests of this size go on the connected cluster; anywhere, one at a time, when none is connected."""
    given = room()
    return Place(bundle, {}, 1) if given is None else given.place(bundle)


def place_of_runs() -> Place:
    """Where the actor that leads a run goes: it takes no CPU from the work, but where some nodes take no work, it is not there."""
    given = room()
    bare = given is not None and any(not kind.resources.get("CPU") for kind in given.kinds)
    return place({"CPU": ANY_SHARE} if bare else {})


def cannot_give(compute: ComputeSpec, room: Room) -> Iterator[tuple[str, str]]:
    """What of a request no state of the cluster can fulfil: field of ComputeSpec, and what is wrong and would be right.

    A trial, and a worker, lies on one node, so each must fit a kind of node, however many nodes there are.
    """
    found: dict[str, str] = {}
    for gpus, bundle in (("trial_gpus", compute.trial), ("gpus_per_worker", compute.worker)):
        if not room.holds(bundle):
            found.update(_unfit(compute, bundle, gpus, room))
    least, fits = compute.min_workers or compute.workers, room.holds(compute.worker)
    if compute.workers > 1 and least > fits >= 1:
        found["workers" if compute.min_workers is None else "min_workers"] = (
            f"needs {least} workers with {describe(compute.worker)} each, but the cluster can have at most {fits} such"
            f" workers; make it {fits} or less, or add nodes; {_nodes(room)}"
        )
    yield from found.items()


def _unfit(compute: ComputeSpec, bundle: Mapping[str, float], gpus: str, room: Room) -> dict[str, str]:
    """Why no node holds a bundle, by field: each resource of which no node has enough, else that no node has all at once."""
    fields = {"CPU": "trial_cpus", "GPU": gpus, "memory": "memory_gib"}
    found = {}
    for name, amount in bundle.items():
        largest = max((kind.resources.get(name, 0.0) for kind in room.kinds), default=0.0)
        if amount <= largest:
            continue
        if name in fields:
            unit = "GiB of memory" if name == "memory" else f"{name}s"
            there = largest / _GIB if name == "memory" else largest
            message = (
                f"is {getattr(compute, fields[name]):g}, but no node can have more than {there:.4g} {unit}; lower it"
            )
        else:
            kinds = ", ".join(sorted({kind.accelerator for kind in room.kinds} - {""})) or "no accelerators"
            message = f"is {compute.accelerator_type!r}, but the cluster has {kinds}; leave it out"
        found[fields.get(name, "accelerator_type")] = f"{message}; {_nodes(room)}"
    whole = f"asks, with the other fields, for {describe(bundle)} on one node, which none has; lower one of them; {_nodes(room)}"
    return found or {gpus if bundle.get("GPU") else "trial_cpus": whole}


def wait_for(
    place: Place, tell: Callable[[Sequence[str]], None], count: int = 1, placement: Placement = Placement.PACK
) -> None:
    """Waits until the cluster has room for requests; where it grows, its autoscaler is asked for it.

    Nothing is kept: whoever asked starts its work at once, on nodes that have just been seen to be there.

    Args:
        place: Where each request goes.
        tell: Told what is waited for, once it does not come at once, and then nothing, when it has come.
        count: Requests that must have room together.
        placement: How they are laid over nodes.
    """
    group = placement_group(
        [dict(place.bundle)] * count,
        strategy=placement.value.upper(),
        bundle_label_selector=[dict(place.labels)] * count if place.labels else None,
    )
    try:
        if group.wait(_LOOK_S):
            return
        missing = f"{count} x {describe(place.bundle)}"
        logger.info("waits for %s", missing)
        tell([missing])
        while not group.wait(_LOOK_S):
            pass
        tell([])
    finally:
        remove_placement_group(group)


def describe(bundle: Mapping[str, float]) -> str:
    """A request as a caller reads it, such as ``{CPU: 8, GPU: 1, L4}``."""
    parts = []
    for name, amount in bundle.items():
        if name.startswith(ACCELERATOR):
            parts.append(name.removeprefix(ACCELERATOR))
        else:
            parts.append(f"memory: {amount / _GIB:.4g} GiB" if name == "memory" else f"{name}: {amount:g}")
    return f"{{{', '.join(parts)}}}"


def _bundle(cpus: int, gpus: float, memory_gib: float, accelerator: str | None = None) -> dict[str, float]:
    kind = {f"{ACCELERATOR}{accelerator}": ANY_SHARE} if accelerator and gpus else {}
    asked = {"CPU": float(cpus), "GPU": gpus, "memory": float(int(memory_gib * _GIB)), **kind}
    return {name: amount for name, amount in asked.items() if amount}


def _nodes(room: Room) -> str:
    kinds = [str(kind) for kind in room.kinds if kind.resources.get("CPU")]
    return f"nodes: {'; '.join(kinds[:_LISTED])}" + (
        "" if len(kinds) <= _LISTED else f"; and {len(kinds) - _LISTED} more"
    )

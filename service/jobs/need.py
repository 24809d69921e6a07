"""What a job asks of the cluster, worked out from its spec alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.resources import ComputeSpec
from tuning.spec import WINDOW, SearchSpec


@dataclass(frozen=True)
class Need:
    """The most that a job's search or its final fits hold at once.

    Attributes:
        cpus: CPUs.
        gpus: GPUs.
    """

    cpus: float
    gpus: float


def need(spec: Mapping[str, Any]) -> Need:
    """What the job of a stored spec asks for; a cluster that has less makes it slower."""
    compute, search = (
        ComputeSpec.model_validate(spec.get("compute", {})),
        SearchSpec.model_validate(spec.get("search", {})),
    )
    at_once = min(search.parallelism or WINDOW, search.max_trials)
    return Need(
        cpus=float(compute.trial_cpus * max(at_once, compute.workers)),
        gpus=max(compute.trial_gpus * at_once, compute.gpus_per_worker * compute.workers),
    )

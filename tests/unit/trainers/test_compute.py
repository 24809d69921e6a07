"""Resources that cannot be had or do not help are named before anything is trained."""

import pytest

from cluster.nodes import NodeType
from cluster.resources import ComputeSpec, Room
from trainers.compute import refuse_batches, refuse_what_cannot_be_had, workers_that_do_not_help
from trainers.data.split import Fold
from trainers.errors import SpecError
from tuning.objective import Study
from tuning.space import Parameter

GIB = 2**30
SMALL = Room([NodeType("there now", {"CPU": 4.0, "memory": 8.0 * GIB}, 1)], nodes=1, grows=False)
HEAD = NodeType("there now", {"CPU": 0.0, "memory": 8.0 * GIB}, 1)
CPU = NodeType("cpu", {"CPU": 16.0, "memory": 48.0 * GIB}, 2)
GPU = NodeType("gpu", {"CPU": 8.0, "GPU": 2.0, "accelerator_type:A100": 1.0, "memory": 64.0 * GIB}, 2)
LARGE = Room([CPU, GPU, HEAD], nodes=1, grows=True)


def refused(room: Room | None, **compute: object) -> dict[str, str]:
    try:
        refuse_what_cannot_be_had(ComputeSpec(**compute), room)
    except SpecError as error:
        return {violation.field: violation.message for violation in error.violations}
    return {}


@pytest.mark.parametrize(
    ("room", "compute", "field", "part"),
    [
        (SMALL, {"workers": 5}, "compute.workers", "at most 4 such workers; make it 4 or less"),
        (SMALL, {"workers": 3, "trial_cpus": 2}, "compute.workers", "at most 2 such"),
        (SMALL, {"workers": 9, "min_workers": 5}, "compute.min_workers", "at most 4 such"),
        (SMALL, {"trial_cpus": 5}, "compute.trial_cpus", "is 5, but no node can have more than 4 CPUs; lower it"),
        (SMALL, {"gpus_per_worker": 1}, "compute.gpus_per_worker", "more than 0 GPUs"),
        (SMALL, {"trial_gpus": 0.25}, "compute.trial_gpus", "is 0.25, but no node can have more than 0 GPUs"),
        (SMALL, {"memory_gib": 9}, "compute.memory_gib", "more than 8 GiB of memory"),
        (LARGE, {"workers": 5, "gpus_per_worker": 1}, "compute.workers", "at most 4 such"),
        (LARGE, {"gpus_per_worker": 1, "accelerator_type": "H100"}, "compute.accelerator_type", "has A100"),
        # Two nodes of 16 CPUs have 32, but no node has 20.
        (LARGE, {"trial_cpus": 20}, "compute.trial_cpus", "more than 16 CPUs"),
        # Each alone could be had, but on different nodes.
        (
            LARGE,
            {"trial_cpus": 16, "trial_gpus": 1},
            "compute.trial_gpus",
            "{CPU: 16, GPU: 1} on one node, which none has",
        ),
        # Eight CPU nodes' worth of memory would do, but each worker fills one node.
        (LARGE, {"workers": 5, "memory_gib": 40}, "compute.workers", "at most 4 such"),
    ],
)
def test_what_the_cluster_can_never_give_is_refused(room, compute, field, part):
    found = refused(room, **compute)
    assert set(found) == {field}
    assert part in found[field]


def test_a_refusal_names_the_nodes_that_can_be_and_not_the_head():
    told = refused(LARGE, trial_cpus=20)["compute.trial_cpus"]
    assert told.endswith("nodes: cpu (16 CPU, 48 GiB; at most 2); gpu (8 CPU, 2 GPU A100, 64 GiB; at most 2)")


@pytest.mark.parametrize(
    ("room", "compute"),
    [
        (SMALL, {"workers": 4}),
        (SMALL, {"workers": 9, "min_workers": 4}),
        (SMALL, {"memory_gib": 8}),
        (LARGE, {"workers": 16, "gpus_per_worker": 0.25, "accelerator_type": "A100", "trial_gpus": 1}),
        (LARGE, {"trial_cpus": 16, "memory_gib": 48}),
        (None, {"workers": 1000}),
    ],
)
def test_what_it_may_give_is_not(room, compute):
    assert refused(room, **compute) == {}


def findings(room: Room, **compute: object) -> list[str]:
    return [finding.code for finding in workers_that_do_not_help(ComputeSpec(**compute), room)]


def test_says_when_more_workers_do_not_help():
    assert findings(SMALL, workers=2) == ["WORKERS_SHARE_A_MACHINE"]
    assert findings(SMALL, workers=8, min_workers=2) == ["FEWER_WORKERS_THAN_ASKED", "WORKERS_SHARE_A_MACHINE"]
    assert findings(LARGE, workers=4) == []
    assert findings(SMALL, workers=1) == []


@pytest.mark.parametrize(
    ("study", "field"),
    [
        (Study("neural", {}, {}, fixed={"batch_size": 81}), "candidates[1].params[batch_size]"),
        (
            Study("neural", {"batch_size": Parameter(log_integer={"low": 8, "high": 81})}, {}),
            "candidates[1].space[batch_size]",
        ),
        (
            Study("neural", {"batch_size": Parameter(choice={"values": (None, 8, 81)})}, {}),
            "candidates[1].space[batch_size]",
        ),
    ],
)
def test_a_batch_larger_than_the_rows_of_a_fold_is_refused(study, field):
    with pytest.raises(SpecError) as error:
        refuse_batches([Study("ridge", {}, {}), study], Rows(80))
    assert [violation.field for violation in error.value.violations] == [field]
    assert "make it 80 or less" in str(error.value)
    refuse_batches([Study("ridge", {}, {}), study], Rows(81))


def test_a_batch_that_the_family_chooses_is_never_too_large():
    refuse_batches([Study("neural", {}, {}, fixed={"batch_size": None})], Rows(1))


class Rows:
    """A split of one fold with so many training rows."""

    def __init__(self, rows: int) -> None:
        self.folds = (Fold(train=range(rows), validation=range(1)),)

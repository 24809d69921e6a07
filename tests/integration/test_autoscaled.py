"""Ray's own autoscaler, over the kinds of node of cluster/deploy/nodes.yaml made small: each load has its nodes and no others."""

import pytest

from tests.programs import told

CPU_KINDS = {"cpu-spot", "cpu"}
GPU_KIND = {"gpu-l4-spot"}  # spot before on-demand, as the priorities say, and no machine of eight for one GPU


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_load_scales_its_own_nodes_from_zero_and_all_are_given_back(tmp_path):
    found = told("autoscaled.py", tmp_path, RAY_AUTH_MODE="disabled")
    assert found["counts"][-1][1] == {}
    kinds, most = {}, {}
    for load, (began, _) in found["loads"].items():
        at_first = [there for when, there in found["counts"] if when <= began][-1]
        assert at_first == {}, load  # all of the load before are gone
        later = [start for start, _ in found["loads"].values() if start > began]
        seen = [there for when, there in found["counts"] if began <= when < min(later, default=float("inf"))]
        kinds[load] = set().union(*seen)
        most[load] = {kind: max(there.get(kind, 0) for there in seen) for kind in kinds[load]}
    every = {kind: found["most"][kind] for kind in CPU_KINDS}
    assert most["search"] == most["cancelled"] == every
    assert kinds["on a GPU"] == GPU_KIND
    assert kinds["both at once"] == CPU_KINDS | GPU_KIND

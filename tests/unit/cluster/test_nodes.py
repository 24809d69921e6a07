"""Kinds of node: read, told, and what fits them."""

from pathlib import Path

import pytest

from cluster import nodes
from cluster.nodes import NodeType, announced, read
from cluster.resources import Room

STATED = Path(__file__).parents[3] / "cluster" / "deploy" / "nodes.yaml"
ROOM = Room(read(STATED), nodes=1, grows=True)


def test_the_stated_types_are_read_without_the_head():
    assert [kind.name for kind in ROOM.kinds] == ["cpu-spot", "cpu", "gpu-l4-spot", "gpu-l4", "gpu-a100"]
    assert ROOM.most("CPU") == 80 * 16 + 24 * 8 + 2 * 96
    assert ROOM.most("GPU") == 24 + 2 * 8


def test_what_is_no_list_of_node_types_says_what_it_lacks(tmp_path):
    (tmp_path / "nodes.yaml").write_text("cpu: {resources: {CPU: 1}}")
    with pytest.raises(ValueError, match="max_workers"):
        read(tmp_path / "nodes.yaml")


def test_what_is_told_to_a_cluster_comes_back(monkeypatch):
    kept: dict[bytes, bytes] = {}
    monkeypatch.setattr(nodes, "_internal_kv_put", lambda key, value, namespace: kept.update({key: value}))
    monkeypatch.setattr(nodes, "state", type("State", (), {"get_cluster_config": staticmethod(lambda: told(kept))}))
    assert announced() == ()
    nodes.announce(ROOM.kinds)
    assert announced() == ROOM.kinds


def told(kept: dict[bytes, bytes]) -> nodes.ClusterConfig | None:
    return nodes.ClusterConfig.FromString(*kept.values()) if kept else None


@pytest.mark.parametrize(
    ("bundle", "fits"),
    [({"CPU": 4.0}, 4), ({"CPU": 4.0, "memory": 3.0}, 3), ({"CPU": 17.0}, 0), ({"GPU": 1.0}, 0)],
)
def test_a_node_holds_as_many_as_its_scarcest_resource_allows(bundle, fits):
    assert NodeType("cpu", {"CPU": 16.0, "memory": 9.0}, 1).holds(bundle) == fits


def test_work_without_a_gpu_stays_off_nodes_with_accelerators():
    place = ROOM.place({"CPU": 4.0})
    assert place.labels == {"ray.io/accelerator-type": "!in(A100,L4)"}
    assert place.most == 80 * 4


def test_work_with_a_gpu_goes_where_one_is():
    place = ROOM.place({"CPU": 4.0, "GPU": 1.0})
    assert (place.labels, place.most) == ({}, 24 + 2 * 8)


def test_work_that_only_a_gpu_node_can_hold_goes_there():
    place = ROOM.place({"CPU": 64.0})
    assert (place.labels, place.most) == ({}, 2)

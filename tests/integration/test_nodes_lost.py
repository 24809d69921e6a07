"""Nodes die under a run, each test on a cluster of its own: a node of the others' must not die."""

import pytest

from tests.programs import told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ALONE = {"RAY_AUTH_MODE": "disabled"}


def test_a_run_that_loses_a_node_in_its_search_and_one_among_its_bags_ends_as_the_unbroken_one(tmp_path):
    found = told("lost_nodes.py", tmp_path, **ALONE)
    assert found["nodes"] == 1
    assert found["broken"] == found["unbroken"]
    assert found["broken"]["dropped"] == []
    folds = [tuple(each) for each in found["folds"]]
    assert len(set(folds)) == len(folds) == found["broken"]["fits"]  # no finished fold was fitted again
    again = {label: times for label, times in found["fitted"].items() if times > 1}
    assert len(again) <= 1, again  # the fit that the node had taken with it

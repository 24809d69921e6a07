"""Nodes die under a run, each test on a cluster of its own: a node of the others' must not die."""

import shutil

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


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server")
def test_a_job_goes_on_when_its_head_comes_back_over_the_same_redis(tmp_path):
    found = told("lost_head.py", tmp_path, **ALONE)
    assert (found["state"], found["error"], found["attempts"]) == ("JOB_STATE_SUCCEEDED", "", 1)
    folds = [tuple(each) for each in found["folds"]]
    assert len(set(folds)) == len(folds) == found["fits"]
    assert 0 < found["when_back"] < len(folds)


def test_the_notice_of_a_preemption_is_time_for_a_checkpoint_and_no_failure(tmp_path):
    """No failure is allowed to the fit, one preemption is; nothing but the notice makes a checkpoint."""
    found = told("drained.py", tmp_path, **ALONE)
    (began, workers), (went_on, left) = found["begins"]
    assert (began, workers, left) == (0, 2, 1)
    assert went_on >= 4  # the epoch of the notice
    assert found["difference"] < 0.01  # of probabilities; sums are in another order on one worker

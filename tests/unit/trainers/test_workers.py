"""Final fits that are done on workers, and those that are left."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cluster.resources import ComputeSpec, Placement
from trainers import workers
from trainers.ensembles.ensemble import Leader
from trainers.families import distributed
from trainers.fits import Failed, Fit, Fitted
from trainers.workers import Folders, after_workers, fit_on_workers, start_ahead, workers_of
from tuning.objective import Study

FOLDERS = Folders(Path("checkpoints"), Path("curves"))
FAMILIES = ("ridge", "xgboost", "neural")


def ready(**compute):
    split = SimpleNamespace(development=np.arange(3), folds=())
    spec = SimpleNamespace(compute=ComputeSpec(**compute), split=SimpleNamespace(seed=3), resample=None)
    return SimpleNamespace(spec=spec, split=split, table=None)


def test_only_a_family_that_can_is_given_workers_and_only_a_network_gpus():
    given = ready(
        workers=4, min_workers=2, trial_cpus=3, gpus_per_worker=0.5, accelerator_type="A100", placement="spread"
    )
    assert workers_of("ridge", given, FOLDERS) is None
    trees, network = (workers_of(name, given, FOLDERS) for name in ("xgboost", "neural"))
    assert (trees.count, trees.least, trees.placement, trees.bundle) == (4, 2, Placement.SPREAD, {"CPU": 3.0})
    assert network.bundle == {"CPU": 3.0, "GPU": 0.5, "accelerator_type:A100": 0.001}
    assert network.curves == Path("curves/neural/refit")


@pytest.mark.parametrize(
    ("compute", "spread"),
    [({}, []), ({"workers": 2}, ["xgboost", "neural"]), ({"gpus_per_worker": 1}, ["neural"])],
)
def test_every_final_fit_is_done_once_and_in_its_place(compute, spread, monkeypatch):
    done: list[Fit] = []
    monkeypatch.setattr(workers, "fit", lambda job, table, resample, threads: done.append(job) or Failed(job.family))
    waited: list[int] = []
    monkeypatch.setattr(workers, "wait_for", lambda place, tell, count, placement: waited.append(count))
    given = ready(**compute)
    leaders = [Leader(family, {}, None, 0.0, ()) for family in FAMILIES]
    fitted = fit_on_workers(leaders, given, FOLDERS, lambda resources: None)
    assert waited == [given.spec.compute.workers] * len(spread)
    assert [job.family for job in done] == list(fitted) == spread

    left: list[Fit] = []

    def fit_all(jobs):
        left.extend(jobs)
        return [Fitted(job.family, np.empty(0), 0.0) for job in jobs]

    jobs = [Fit(family, {}, np.arange(3), 0, None, np.arange(0)) for family in FAMILIES]
    outcomes = after_workers(fitted, fit_all, given, FOLDERS)(jobs)
    assert [job.family for job in left] == [family for family in FAMILIES if family not in spread]
    assert all(job.workers is None or job.workers.alone for job in left)
    assert [o.reason if isinstance(o, Failed) else o.pipeline for o in outcomes] == list(FAMILIES)


@pytest.mark.parametrize(
    ("compute", "families", "started"),
    [
        ({}, FAMILIES, []),
        ({"workers": 3}, FAMILIES, [3]),
        ({"workers": 3}, ["ridge"], []),
        ({"gpus_per_worker": 1}, FAMILIES, [1]),
    ],
)
def test_processes_are_started_ahead_for_one_fit_where_some_family_will_use_them(
    compute, families, started, monkeypatch
):
    asked: list[int] = []
    monkeypatch.setattr(distributed, "start_ahead", asked.append)
    given = ready(**compute)
    given.candidates = [Study(family, {}, {}) for family in families]
    start_ahead(given, FOLDERS)
    assert asked == started

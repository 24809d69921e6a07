"""Fits in Ray actors: one result, whatever becomes of the workers."""

import os
import signal

import numpy as np
import pandas as pd
import pytest
import ray

from cluster.resources import ComputeSpec
from tests.ensembling import SPECS, FittedHere, material
from trainers.data.resample import ResampleSpec
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.ensembles.combine import Combined, combine
from trainers.evaluation.metrics import metric
from trainers.fits import Failed, Fit, Fitted, Fitters, Outcome

ROWS = 200
KINDS = [SPECS[name] for name in ("bagging", "boosting", "stacking", "weighted", "snapshot")]


@pytest.fixture(scope="module")
def table() -> Table:
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=["a", "b", "c"])
    target = (features["a"] + rng.normal(size=ROWS) > 0).to_numpy(np.int64)
    columns = tuple(Column(name, ColumnRole.NUMERIC, "x", 0, 9) for name in features)
    return Table("memory", features, target, Task.BINARY, (0, 1), columns, features, "y", "0")


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return assign(table, SplitSpec(folds=3))


@pytest.fixture(scope="module")
def here(table: Table, split: Split) -> Combined:
    """The ensembles made in this process, one fit after the other."""
    return combined(table, split, FittedHere(table).fit_all)


def combined(table, split, fit_all) -> Combined:
    basis = material(table, split, metric("roc_auc", Task.BINARY), ("logistic_regression", "decision_tree"))
    return combine(KINDS, basis, fit_all)


def assert_same(ours: Combined, theirs: Combined) -> None:
    for a, b in zip(ours.ensembles, theirs.ensembles, strict=True):
        assert a.parts == b.parts
        for mine, other in zip(a.predictions, b.predictions, strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.mark.usefixtures("ray_address")
class TestFitters:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_the_same_ensembles_on_any_number_of_workers_and_with_one_killed(self, table, split, here, workers):
        """With two, one is killed when the first fit of the other is done."""
        killed = []
        with Fitters(table, split.development, ResampleSpec(), ComputeSpec()) as fitters:
            fitters._most = workers

            def kill_another(job: Fit, outcome: Outcome) -> None:
                others = [actor for actor in fitters._actors if workers == 2 and not killed]
                for actor in others[:1]:
                    killed.append(ray.get(actor.__ray_call__.remote(lambda fitter: os.getpid())))
                    os.kill(killed[-1], signal.SIGKILL)

            assert_same(combined(table, split, lambda jobs: fitters.fit_all(jobs, kill_another)), here)
        assert len(killed) == workers - 1

    def test_a_fit_is_done_again_or_given_up_and_the_others_are_done(self, table, split, tmp_path):
        """One fit kills its worker the first time, one raises, one kills every worker that takes it up."""
        rows, nothing = split.development, np.empty(0, dtype=np.int64)
        depths = (2, Deadly(3, str(tmp_path / "died")), -1, Deadly(4, ""), 5)
        jobs = [Fit("decision_tree", {"max_depth": depth}, rows, 0, None, nothing) for depth in depths]
        done: list[Fit] = []
        with Fitters(table, rows, ResampleSpec(), ComputeSpec()) as fitters:
            fitters._most = 1
            outcomes = fitters.fit_all(jobs, lambda job, outcome: done.append(job))
        assert [isinstance(outcome, Fitted) for outcome in outcomes] == [True, True, False, False, True]
        assert outcomes[1].pipeline["model"].get_depth() == 3
        assert "max_depth" in outcomes[2].reason
        assert outcomes[3] == Failed("Its worker died 4 times, perhaps for want of memory.")
        assert len(done) == len(jobs)


class Deadly(int):
    """A number that kills the worker that reads it: until there is a file of that name, or always when it has none."""

    def __new__(cls, value: int, died: str) -> "Deadly":
        made = super().__new__(cls, value)
        made.died = died
        return made

    def __reduce__(self):
        return _die, (os.getpid(), int(self), self.died)


def _die(home: int, value: int, died: str) -> int:
    if os.getpid() != home and not (died and os.path.exists(died)):
        if died:
            open(died, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return value

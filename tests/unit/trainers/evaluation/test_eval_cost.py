"""What a model costs to run, timed by a clock that the model moves, and for real in a fresh process."""

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from trainers.evaluation import stopwatch
from trainers.evaluation.cost import measure

ROW = pd.DataFrame({"a": [1.0]})
ROWS = pd.DataFrame({"a": np.arange(20.0)})


class Clock:
    """A clock that a model's predictions move."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Slow:
    """Takes the given milliseconds for its predictions, one after another."""

    def __init__(self, clock: Clock, milliseconds: Iterable[float]) -> None:
        self.clock, self.milliseconds = clock, iter(milliseconds)

    def predict(self, X: pd.DataFrame) -> None:
        self.clock.now += next(self.milliseconds) / 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ours = Clock()
    monkeypatch.setattr(stopwatch, "time", ours)
    return ours


def test_every_input_is_timed_after_a_warm_up(clock: Clock) -> None:
    model = Slow(clock, [900, 900, 900, 4, 5, 6, 5, 7])
    assert stopwatch.timings(model.predict, [ROW] * 5) == pytest.approx([0.004, 0.005, 0.006, 0.005, 0.007])


def test_a_very_slow_model_is_timed_a_few_times_only(clock: Clock) -> None:
    model = Slow(clock, [600] * 60)
    assert len(stopwatch.timings(model.predict, [ROW] * 50)) == 2


class Deadly:
    """Loading it ends the process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)


def test_models_are_measured_in_processes_of_their_own() -> None:
    small = LinearRegression().fit(ROWS, ROWS["a"])
    large = LogisticRegression().fit(ROWS, ROWS["a"] > 9)
    large.ballast_ = np.ones(25_000_000)  # 200 MB
    ours, theirs, none, last = measure([small, large, Deadly(), small], ROWS)
    assert none is None
    assert ours is not None
    assert theirs is not None
    assert last is not None
    assert theirs.model_mb == pytest.approx(200, rel=0.01)
    assert theirs.memory_mb - ours.memory_mb > 190
    assert abs(last.memory_mb - ours.memory_mb) < 50  # nothing of the large one is left
    assert 0 < ours.latency_ms <= ours.latency_p99_ms
    assert ours.batch_latency_ms > 0

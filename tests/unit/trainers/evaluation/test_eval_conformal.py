"""Sets and intervals hold the truth as often as they should, class by class, on rows that had no part in them."""

import numpy as np
import pytest

from trainers.data.table import Task
from trainers.errors import SpecError
from trainers.evaluation.conformal import ConformalSpec, held, settle


def test_every_class_is_covered_also_the_rare_one() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(40_000) < 0.05).astype(int)
    p = np.clip(0.05 + 0.4 * y + 0.2 * rng.normal(size=40_000), 0, 1)
    margins = settle(ConformalSpec(coverage=0.9), y[:20_000], p[:20_000], Task.BINARY)
    assert margins is not None
    found = held(margins, y[20_000:], p[20_000:], ("good", "bad"))
    assert found.class_coverage == pytest.approx({"good": 0.9, "bad": 0.9}, abs=0.02)
    assert found.test_coverage == pytest.approx(0.9, abs=0.01)
    assert found.mean_size is not None
    assert 0.9 <= found.mean_size < 2
    assert found.least_probability.keys() == {"good", "bad"}


def test_sets_by_hand() -> None:
    y = np.array([0, 0, 0, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    margins = settle(ConformalSpec(coverage=0.5), y, p, Task.MULTICLASS)
    assert margins is not None
    # Of three rows the second most probable one bounds a half; of one row the only one does.
    assert margins.least == (0.8, 0.7)
    found = held(margins, y, p, ("a", "b"))
    assert found.class_coverage == {"a": pytest.approx(2 / 3), "b": 1.0}
    assert (found.mean_size, found.single) == (0.75, 0.75)


def test_a_class_with_too_few_rows_is_in_every_set() -> None:
    y, p = np.array([0] * 50 + [1]), np.full((51, 2), 0.5)
    margins = settle(ConformalSpec(coverage=0.9), y, p, Task.MULTICLASS)
    assert margins is not None
    assert margins.least == (0.5, 0.0)


def test_an_interval_is_as_wide_as_the_errors_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=20_000)
    margins = settle(ConformalSpec(coverage=0.8), y[:10_000], np.zeros(10_000), Task.REGRESSION)
    assert margins is not None
    assert margins.half_width == pytest.approx(1.2816, abs=0.03)
    found = held(margins, y[10_000:], np.zeros(10_000), ())
    assert found.test_coverage == pytest.approx(0.8, abs=0.015)
    assert (found.mean_size, found.class_coverage) == (None, {})


def test_a_coverage_that_the_rows_cannot_show_is_refused() -> None:
    with pytest.raises(SpecError, match=r"at most 0\.909") as caught:
        settle(ConformalSpec(coverage=0.95), np.arange(10.0), np.zeros(10), Task.REGRESSION)
    assert caught.value.violations[0].field == "conformal.coverage"


def test_nothing_is_settled_unless_asked_for() -> None:
    assert settle(None, np.zeros(3), np.zeros(3), Task.REGRESSION) is None

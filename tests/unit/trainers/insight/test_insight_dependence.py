"""Effects of columns on functions whose effects are known."""

import numpy as np
import pandas as pd
import pytest

from trainers.data.table import Column, ColumnRole
from trainers.insight.attributions import attribute
from trainers.insight.dependence import interactions, partial_dependence, reasons
from trainers.insight.outcome import Outcome

RNG = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": RNG.normal(size=60), "b": RNG.integers(0, 40, 60), "c": RNG.normal(size=60)})
ROWS["kind"] = pd.Series(RNG.choice(["u", "v", None], 60), dtype=object)


def outcome(function) -> Outcome:
    return Outcome("y", lambda rows: np.asarray(function(rows), dtype=float))


def test_the_dependence_of_a_sum_is_its_term_and_its_spread_that_of_the_rest():
    found = partial_dependence(
        outcome(lambda r: 3 * r["a"] + r["b"]), ROWS, Column("a", ColumnRole.NUMERIC, "x", 0, 60)
    )
    for point in found.points:
        assert point.mean == pytest.approx(3 * point.value + ROWS["b"].mean())
        assert point.low == pytest.approx(3 * point.value + np.quantile(ROWS["b"], 0.1))
        assert point.high == pytest.approx(3 * point.value + np.quantile(ROWS["b"], 0.9))
    assert {point.value for point in found.points} <= set(ROWS["a"])


def test_whole_numbers_stay_whole_and_categories_are_named():
    def whole(rows: pd.DataFrame) -> pd.Series:
        assert rows["b"].dtype == np.int64
        return rows["b"] + 0.0

    numeric = partial_dependence(outcome(whole), ROWS, Column("b", ColumnRole.NUMERIC, "int64", 0, 40))
    assert all(point.mean == point.value for point in numeric.points)
    named = partial_dependence(
        outcome(lambda r: r["kind"] == "v"), ROWS, Column("kind", ColumnRole.CATEGORICAL, "x", 0, 2)
    )
    assert [(point.label, point.mean) for point in named.points] == [("u", 0.0), ("v", 1.0)]
    assert named.categorical


def test_a_product_interacts_and_a_sum_does_not():
    found = interactions(outcome(lambda r: r["a"] * r["c"] + r["b"]), ROWS, ["a", "b", "c"])
    strength = {(pair.first, pair.second): pair.strength for pair in found}
    assert (found[0].first, found[0].second) == ("a", "c")
    assert strength["a", "c"] > 0.7
    assert strength["a", "b"] == pytest.approx(0, abs=1e-9)
    assert strength["b", "c"] == pytest.approx(0, abs=1e-9)


def test_a_column_that_nothing_hangs_on_has_no_interaction():
    assert [pair.strength for pair in interactions(outcome(lambda r: 0 * r["a"]), ROWS, ["a", "b"])] == [0.0]


def test_the_reason_of_a_prediction_is_what_its_values_add():
    inside, others = ROWS.iloc[:5], ROWS.iloc[5:]
    found = reasons(outcome(lambda r: 3 * r["a"] + 0.01 * r["c"]), inside, others, ["a", "b", "c"], most=2)
    for i, told in enumerate(found):
        assert [reason.feature for reason in told] == ["a", "c"]
        assert told[0].effect == pytest.approx(3 * (inside["a"].iloc[i] - others["a"].mean()))


def test_shap_values_add_up_to_the_prediction_and_name_missing_values():
    pytest.importorskip("shap")
    function = outcome(lambda r: 2 * r["a"] + r["b"] * (r["kind"] == "u"))
    found = attribute(function, ROWS.iloc[:20], ROWS.iloc[20:], seed=3)
    np.testing.assert_allclose(found.shares.sum(axis=1) + found.base, function.of(ROWS.iloc[:20]))
    np.testing.assert_allclose(found.shares[:, 0], 2 * (ROWS["a"][:20] - ROWS["a"][20:].mean()))
    np.testing.assert_array_equal(found.shares[:, 2], 0)
    missing = int(np.flatnonzero(ROWS["kind"][:20].isna())[0])
    assert "missing" in {reason.value for reason in found.reasons()[missing]}
    sizes = [column.mean_size for column in found.summary().columns]
    assert sizes == sorted(sizes, reverse=True)

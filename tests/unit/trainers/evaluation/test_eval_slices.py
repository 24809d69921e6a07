"""A planted bad slice is found and named; on noise none is claimed more often than stated."""

import numpy as np
import pandas as pd
import pytest

from tests.explaining import table_of
from trainers.data.table import Table, Task
from trainers.evaluation.metrics import metric
from trainers.evaluation.partitions import Part, divide, find_parts, parts_of
from trainers.evaluation.slices import beyond_chance, by_chance, score_slices, worst_slice

METRIC = metric("average_precision", Task.BINARY)
ROWS, DEVELOPMENT = 2000, 1500


def made(seed: int, bad: bool) -> tuple[Table, np.ndarray]:
    """A model that ranks well, except, where planted, for kind z with a above 0."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=["a", "b", "c"])
    features["kind"] = pd.Series(rng.choice(["x", "y", "z"], ROWS), dtype=object)
    y = (rng.random(ROWS) < 0.2).astype(int)
    hard = (features["kind"] == "z") & (features["a"] > 0) & bad
    score = np.where(hard, 0.0, 2.5) * y + rng.normal(size=ROWS)
    return table_of(features, y, Task.BINARY), 1 / (1 + np.exp(1.5 - score))


def looked_at(table: Table, p: np.ndarray) -> tuple[list[Part], list[bool]]:
    """Declared parts judged on development rows, found ones on the others, as a run does."""
    rows, others = np.arange(DEVELOPMENT), np.arange(DEVELOPMENT, ROWS)
    declared = parts_of([divide(table, column, rows) for column in ("kind", "b")])
    parts = [*declared, *find_parts(table, rows, (table.target[rows] - p[rows]) ** 2, 100)]
    sides = [others if part.found else rows for part in parts]
    chances = [
        by_chance(METRIC, table.target[side], p[side], part.inside[side])
        for part, side in zip(parts, sides, strict=True)
    ]
    return parts, beyond_chance([chance.p_value for chance in chances])


def test_a_planted_slice_is_found_and_named():
    parts, beyond = looked_at(*made(0, bad=True))
    named = {part.name for part, each in zip(parts, beyond, strict=True) if each}
    assert "kind = z" in named
    assert any(part.found and {"a", "kind"} == set(part.columns) for part in parts if part.name in named)
    assert not {"kind = x", "kind = y"} & named


def test_on_noise_a_slice_is_claimed_in_no_more_than_one_job_of_twenty():
    claimed = sum(any(looked_at(*made(seed, bad=False))[1]) for seed in range(40))
    assert claimed <= 5  # of 40 at 5 %, more than 5 happens once in seventy times


def test_fewer_cases_are_no_worse_slice():
    """Average precision falls with the share of cases; the slice is compared with rows that have as few."""
    rng = np.random.default_rng(1)
    y = (rng.random(4000) < np.repeat([0.3, 0.03], 2000)).astype(int)
    p = 1 / (1 + np.exp(-(2 * y + rng.normal(size=4000))))
    rare = np.arange(4000) >= 2000
    found = by_chance(METRIC, y, p, rare)
    assert METRIC.score(y[rare], p[rare]) < METRIC.score(y, p) - 0.15
    assert found.p_value > 0.05


def test_a_narrow_range_of_values_is_no_worse_slice():
    rng = np.random.default_rng(1)
    y = rng.normal(size=3000)
    predictions, narrow = y + 0.5 * rng.normal(size=3000), np.abs(y) < 0.4
    measure = metric("r2", Task.REGRESSION)
    assert measure.score(y[narrow], predictions[narrow]) < 0
    assert by_chance(measure, y, predictions, narrow).p_value > 0.01
    worse = np.where(narrow, predictions + rng.normal(size=3000), predictions)
    assert by_chance(measure, y, worse, narrow).p_value < 0.001


def test_one_group_that_fares_badly_is_no_proof():
    """All that is known of the slice is one batch of twelve; drawn by row it would look certain."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(12), 50)
    y = rng.integers(0, 2, 600)
    p = np.clip(0.5 + np.where(groups == 3, 0.0, 0.3) * (2 * y - 1) + 0.1 * rng.normal(size=600), 0, 1)
    inside = groups == 3
    assert by_chance(METRIC, y, p, inside).p_value < 0.001
    assert by_chance(METRIC, y, p, inside, groups).p_value > 0.05


def test_the_worst_slice_has_the_lowest_score_of_those_with_enough_rows():
    y = np.tile([0, 1], 60)
    p = np.where(y == 1, 0.9, 0.1)
    kinds = np.repeat([0, 1, 2, -1], 30)
    p[kinds == 1] = 0.5
    p[:5] = 1 - p[:5]
    few = np.where(np.arange(120) < 5, 0, 1)
    worst = worst_slice(METRIC, y, p, [kinds, few], min_rows=20)
    assert worst is not None
    assert (worst.division, worst.code, worst.rows, worst.score) == (0, 1, 30, 0.5)
    assert {(each.division, each.code) for each in score_slices(METRIC, y, p, [kinds, few], 20)} == {
        (0, 0), (0, 1), (0, 2), (1, 1),
    }  # fmt: skip
    assert worst_slice(METRIC, y, p, [kinds], min_rows=31) is None


def test_a_slice_with_hardly_a_case_is_not_scored():
    y = np.array([1] * 4 + [0] * 96)
    assert worst_slice(METRIC, y, np.full(100, 0.5), [np.zeros(100, int)], min_rows=30) is None


def test_a_slice_whose_rows_leave_the_metric_undefined_is_not_scored():
    y = np.arange(90) % 3
    p = np.eye(3)[y] * 0.8 + 0.2 / 3
    codes = np.where(y == 2, 1, 0)
    assert worst_slice(metric("roc_auc_ovr", Task.MULTICLASS), y, p, [codes]) is None
    assert worst_slice(metric("accuracy", Task.MULTICLASS), y, p, [codes]) is not None


@pytest.mark.parametrize(
    ("p_values", "beyond"),
    [([0.001, 0.02, 0.5], [True, True, False]), ([0.03, 0.04, 0.5], [False, False, False]), ([], [])],
)
def test_verdicts_allow_for_the_number_of_slices(p_values: list[float], beyond: list[bool]):
    assert beyond_chance(p_values) == beyond


def test_a_quantity_is_cut_at_the_quartiles_of_the_development_rows():
    values = np.concatenate([np.arange(100.0), np.full(50, 1000.0), [np.nan]])
    table = table_of(pd.DataFrame({"speed": values}), np.zeros(151), Task.REGRESSION)
    cut = divide(table, "speed", np.arange(100))
    assert cut.labels[0] == "speed up to 24.75"
    assert cut.labels[-1] == "speed above 74.25"
    assert [int(np.sum(cut.codes[:100] == code)) for code in range(4)] == [25, 25, 25, 25]
    assert set(cut.codes[100:150]) == {3}
    assert cut.codes[150] == -1


def test_a_category_is_divided_by_its_values():
    table = table_of(
        pd.DataFrame({"kind": pd.Series(["b", "a", None, "b"], dtype=object)}), np.zeros(4), Task.REGRESSION
    )
    cut = divide(table, "kind", np.arange(4))
    assert cut.labels == ("kind = b", "kind = a")
    assert cut.codes.tolist() == [0, 1, -1, 0]

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from trainers.data.split import SplitSpec, assign, key_columns
from trainers.errors import SpecError
from trainers.findings import Severity


def frame(n: int = 100, positives: int = 20, **columns: Any) -> pd.DataFrame:
    y = np.zeros(n, dtype=int)
    y[np.linspace(0, n - 1, positives).astype(int)] = 1
    return pd.DataFrame({"x": np.arange(n) * 0.5, **columns, "y": y})


def test_key_columns_are_what_says_how_rows_belong_together() -> None:
    spec = SplitSpec(group_on=("lot", "line"), time_on="at", stratify_on=("kind",))
    assert key_columns(spec) == ("lot", "line", "at")
    assert key_columns(SplitSpec(hash_on="id")) == ("id",)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [({}, "stratified"), ({"group_on": ("lot",)}, "grouped"), ({"time_on": "x"}, "time"), ({"hash_on": "x"}, "hash")],
)
def test_the_kind_is_named(make_table: Any, spec: dict[str, Any], kind: str) -> None:
    assert assign(make_table(frame(lot=np.arange(100) // 4)), SplitSpec(**spec)).kind == kind


def test_predefined_sides_are_followed(make_table: Any) -> None:
    side = np.array(["Test", "b", "a", "b", "a"] * 20)
    split = assign(make_table(frame(side=side)), SplitSpec(predefined_on="side"))
    assert split.kind == "predefined"
    assert (side[split.open_test("me", "look")] == "Test").all()
    assert [set(side[fold.validation]) for fold in split.folds] == [{"a"}, {"b"}]


def test_a_side_named_train_is_divided_into_folds(make_table: Any) -> None:
    split = assign(make_table(frame(side=["test", "train", "train", "train"] * 25)), SplitSpec(predefined_on="side"))
    assert len(split.folds) == 5
    assert split.test_rows == 25


def test_dates_split_in_seconds(make_table: Any) -> None:
    days = pd.date_range("2024-01-01", periods=100).astype(str)
    split = assign(make_table(frame(at=days), keys=("at",)), SplitSpec(time_on="at", embargo=2 * 86400, folds=2))
    assert split.open_test("me", "look").tolist() == list(range(80, 100))
    assert split.development[-1] == 77  # day 78 is only two days before the test
    assert [f.code for f in split.findings] == ["ROWS_DROPPED"]


def test_rows_of_one_time_stay_on_one_side(make_table: Any) -> None:
    split = assign(make_table(frame(at=np.arange(100) // 30)), SplitSpec(time_on="at", folds=2, test_fraction=0.2))
    assert split.open_test("me", "look").tolist() == list(range(90, 100))
    assert [(len(f.train), len(f.validation)) for f in split.folds] == [(30, 30), (60, 30)]


def test_groups_that_last_over_all_time_are_still_divided(make_table: Any) -> None:
    machines = np.arange(600) % 30
    split = assign(
        make_table(frame(600, 120, machine=machines, at=np.arange(600))),
        SplitSpec(time_on="at", group_on=("machine",), folds=3),
    )
    assert len(set(machines[split.development])) == 24
    assert len(set(machines[split.open_test("me", "look")])) == 6
    assert "ROWS_DROPPED" in [f.code for f in split.findings]


def test_uneven_groups_give_folds_at_least_as_even_as_scikit_learn_does(make_table: Any) -> None:
    ours, theirs = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(60), rng.integers(5, 60, 60))
        y = (rng.random(len(groups)) < 0.1 + 0.4 * (groups % 5 == 0)).astype(int)
        split = assign(
            make_table(pd.DataFrame({"x": np.arange(len(y)), "g": groups, "y": y})), SplitSpec(group_on=("g",))
        )
        rows = split.development
        peer = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(rows, y[rows], groups[rows])
        ours.append(np.std([y[fold.validation].sum() for fold in split.folds]))
        theirs.append(np.std([y[rows[held]].sum() for _, held in peer]))
    assert np.mean(ours) <= np.mean(theirs)


def test_folds_are_lowered_when_a_class_has_too_few_groups(make_table: Any) -> None:
    table = make_table(frame(200, 0, lot=np.arange(200) // 5).assign(y=lambda f: f["lot"].isin([3, 11, 19, 27]) * 1))
    split = assign(table, SplitSpec(group_on=("lot",), folds=5))
    lowered = next(f for f in split.findings if f.code == "FOLDS_LOWERED")
    assert lowered.severity is Severity.WARNING
    assert lowered.evidence == {"wanted": 5, "folds": len(split.folds)}
    assert all(table.target[fold.validation].any() and table.target[fold.train].any() for fold in split.folds)
    assert table.target[split.open_test("me", "look")].any()


def test_rare_strata_join_their_neighbour_and_are_reported(make_table: Any) -> None:
    kind = np.array(["A"] * 60 + ["B"] * 38 + ["C"] * 2)
    split = assign(make_table(frame(kind=kind)), SplitSpec(stratify_on=("kind",)))
    assert [(f.code, f.columns) for f in split.findings] == [("STRATA_MERGED", ("kind",))]
    assert split.findings[0].evidence["strata"] > split.findings[0].evidence["merged_to"]


def test_quantities_are_stratified_in_bins(make_table: Any) -> None:
    table = make_table(pd.DataFrame({"x": np.arange(500), "y": np.random.default_rng(0).lognormal(size=500)}))
    split = assign(table, SplitSpec())
    means = [np.log(table.target[fold.validation]).mean() for fold in split.folds]
    shuffled = np.random.default_rng(0).permutation(split.development).reshape(5, -1)
    assert np.std(means) < np.std(np.log(table.target[shuffled]).mean(axis=1)) / 2


def test_a_test_without_a_class_is_an_error_to_acknowledge(make_table: Any) -> None:
    table = make_table(frame(100, 0).assign(y=[1, 0] * 40 + [0] * 20))
    split = assign(table, SplitSpec(time_on="x", folds=2))
    assert [(f.code, f.severity) for f in split.findings if f.severity is Severity.ERROR] == [
        ("TEST_MISSES_CLASS", Severity.ERROR)
    ]


def test_strata_are_ignored_aloud_in_a_time_split(make_table: Any) -> None:
    split = assign(make_table(frame(kind=["A", "B"] * 50)), SplitSpec(time_on="x", stratify_on=("kind",)))
    assert [f.code for f in split.findings] == ["STRATA_IGNORED"]


@pytest.mark.parametrize(
    ("spec", "field", "says"),
    [
        ({"stratify_on": ("kind", "knd")}, "split.stratify_on[1]", "did you mean 'kind'?"),
        ({"group_on": ("nothing",)}, "split.group_on[0]", "there is no column 'nothing'"),
        ({"time_on": "kind"}, "split.time_on", "neither numbers nor ISO 8601 dates"),
        ({"time_on": "same"}, "split.time_on", "one value only"),
        ({"time_on": "x", "embargo": 1000}, "split.time_on", "smaller embargo"),
        ({"hash_on": "gap"}, "split.hash_on", "missing in 1 rows"),
        ({"group_on": ("gap",)}, "split.group_on", "missing in 1 rows"),
        ({"group_on": ("same",)}, "split.group_on", "at least three"),
        ({"predefined_on": "kind"}, "split.predefined_on", "'test' in no row"),
        ({"predefined_on": "x", "time_on": "x"}, "split.predefined_on", "keep one"),
        ({"hash_on": "x", "group_on": ("kind",)}, "split.group_on", "hash_on"),
        ({"folds": 20}, "split.folds", "use at most 19 folds"),
        ({"test_fraction": 0.001}, "split.test_fraction", "fewer than the 2 classes"),
    ],
)
def test_what_cannot_be_divided_says_why(make_table: Any, spec: dict[str, Any], field: str, says: str) -> None:
    gap = pd.array([None, *range(99)], dtype="Int64")
    table = make_table(frame(kind=["A", "B"] * 50, same=1, gap=gap))
    with pytest.raises(SpecError) as caught:
        assign(table, SplitSpec(**spec))
    assert caught.value.violations[0].field == field
    assert says in caught.value.violations[0].message


def test_a_class_with_fewer_rows_than_folds(make_table: Any) -> None:
    with pytest.raises(SpecError, match=r"split\.folds: class 1 has 4 rows, too few for 5 folds"):
        assign(make_table(frame(100, 4)), SplitSpec())

"""What must hold for every split of any table."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trainers.data.load import Table
from trainers.data.split import Split, SplitSpec, assign
from trainers.errors import SpecError

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "strata": {"stratify_on": ("kind",)},
    "group": {"group_on": ("lot",)},
    "groups": {"group_on": ("lot", "line"), "stratify_on": ("kind",)},
    "time": {"time_on": "at"},
    "embargo": {"time_on": "at", "embargo": 7.0},
    "time and group": {"time_on": "at", "group_on": ("lot",), "embargo": 2.0},
    "hash": {"hash_on": "id"},
    "hash of things": {"hash_on": "lot"},
    "predefined": {"predefined_on": "side"},
}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(60, 300))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = draw(st.sampled_from([2, 3, 0]))
    return pd.DataFrame(
        {
            "id": rng.permutation(n) + 1000,
            "x": rng.normal(size=n),
            "kind": rng.choice(list("LMH"), n, p=[0.7, 0.25, 0.05]),
            "lot": rng.integers(0, draw(st.integers(8, 60)), n).astype(str),
            "line": rng.integers(0, 3, n),
            "at": rng.integers(0, draw(st.integers(20, 400)), n),
            "side": rng.choice(["test", "one", "two", "three"], n),
            "y": rng.normal(size=n) if classes == 0 else np.minimum(rng.geometric(0.6, n) - 1, classes - 1),
        }
    )


def split(make_table: Callable[..., Table], frame: pd.DataFrame, kind: str, seed: int) -> tuple[Table, Split]:
    try:
        table = make_table(frame)
        return table, assign(table, SplitSpec(**KINDS[kind], seed=seed, folds=3))
    except SpecError:
        assume(False)
        raise


every_kind = given(frame=frames(), kind=st.sampled_from(sorted(KINDS)), seed=st.integers(0, 100))
quietly = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quietly
@every_kind
def test_sides_are_a_partition(make_table: Any, frame: pd.DataFrame, kind: str, seed: int) -> None:
    _, made = split(make_table, frame, kind, seed)
    development, test = made.development, made.open_test("test", "look")
    assert len(test) == made.test_rows > 0
    assert not set(development) & set(test)
    assert len(set(development)) == len(development)
    if KINDS[kind].get("embargo") is None and kind != "time and group":
        assert len(development) + len(test) == len(frame)
    validated = np.concatenate([fold.validation for fold in made.folds])
    assert len(set(validated)) == len(validated)
    for fold in made.folds:
        assert not set(fold.train) & set(fold.validation)
        assert set(fold.train) | set(fold.validation) <= set(development)
        assert len(fold.train)
        assert len(fold.validation)
        for rows in (fold.train, fold.validation, test, development):
            assert rows.dtype == np.int64
            assert (np.diff(rows) > 0).all()
    if made.kind != "time":
        assert set(validated) == set(development)


@quietly
@every_kind
def test_no_group_is_on_two_sides(make_table: Any, frame: pd.DataFrame, kind: str, seed: int) -> None:
    columns = list(KINDS[kind].get("group_on", ())) or [KINDS[kind].get("hash_on", "id")]
    _, made = split(make_table, frame, kind, seed)
    group = frame[columns].astype(str).agg("/".join, axis=1).to_numpy()
    pairs = [(made.development, made.open_test("test", "look"))]
    pairs += [(fold.train, fold.validation) for fold in made.folds]
    pairs += [made.inner(fold.train, seed) for fold in made.folds]
    assert all(not set(group[ours]) & set(group[theirs]) for ours, theirs in pairs)


@quietly
@every_kind
def test_inner_folds_stay_within_the_training_rows_and_keep_the_meaning(
    make_table: Any, frame: pd.DataFrame, kind: str, seed: int
) -> None:
    _, made = split(make_table, frame, kind, seed)
    columns = list(KINDS[kind].get("group_on", ())) or [KINDS[kind].get("hash_on", "id")]
    group, at = frame[columns].astype(str).agg("/".join, axis=1).to_numpy(), frame["at"].to_numpy()
    if made.kind != "time":
        assert len(made.nest()) == (len(made.folds) if len(made.folds) > 2 else 0)
    for k, within in made.nest():
        outer = made.folds[k]
        assert set(within.development) == set(outer.train)
        assert len(within.folds) >= 2
        for fold in within.folds:
            assert set(fold.train) | set(fold.validation) <= set(outer.train)
            assert not set(group[fold.train]) & set(group[fold.validation])
            assert not set(group[[*fold.train, *fold.validation]]) & set(group[outer.validation])
            if made.kind == "time":
                assert at[fold.train].max() + KINDS[kind].get("embargo", 0) < at[fold.validation].min()


@quietly
@every_kind
def test_rows_that_stop_early_leave_every_class_to_fit_on(
    make_table: Any, frame: pd.DataFrame, kind: str, seed: int
) -> None:
    table, made = split(make_table, frame, kind, seed)
    assume(table.classes)
    for fold in made.folds:
        fit, stop = made.inner(fold.train, seed)
        assert set(table.target[fit]) == set(table.target[fold.train])
        assert not set(fit) & set(stop)
        assert len(fit) + len(stop) <= len(fold.train)


@quietly
@given(frame=frames(), kind=st.sampled_from(["time", "embargo", "time and group"]), seed=st.integers(0, 100))
def test_nothing_is_learned_from_the_future(make_table: Any, frame: pd.DataFrame, kind: str, seed: int) -> None:
    _, made = split(make_table, frame, kind, seed)
    times, gap = frame["at"].to_numpy(), KINDS[kind].get("embargo", 0.0)
    pairs = [(made.development, made.open_test("test", "look"))]
    pairs += [(fold.train, fold.validation) for fold in made.folds]
    assert all(times[earlier].max() + gap < times[later].min() for earlier, later in pairs)
    starts = [times[fold.validation].min() for fold in made.folds]
    assert starts == sorted(starts)


@quietly
@given(frame=frames(), seed=st.integers(0, 100), columns=st.sampled_from([(), ("kind",)]))
def test_strata_are_in_proportion_within_one_row(
    make_table: Any, frame: pd.DataFrame, seed: int, columns: tuple[str, ...]
) -> None:
    assume(frame["y"].dtype != float)
    try:
        made = assign(make_table(frame), SplitSpec(stratify_on=columns, seed=seed, folds=3))
    except SpecError:
        assume(False)
        raise
    assume(not made.findings)  # merged strata are in proportion only together
    strata = frame[[*columns, "y"]].astype(str).agg("/".join, axis=1)
    sides = [strata.iloc[fold.validation].value_counts() for fold in made.folds]
    counts = pd.concat(sides, axis=1).fillna(0)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1
    expected = strata.value_counts() * made.test_rows / len(frame)
    tested = strata.iloc[made.open_test("test", "look")].value_counts().reindex(expected.index, fill_value=0)
    assert (tested - expected).abs().max() <= 1


@quietly
@every_kind
def test_early_stopping_takes_rows_from_training_rows_only(
    make_table: Any, frame: pd.DataFrame, kind: str, seed: int
) -> None:
    _, made = split(make_table, frame, kind, seed)
    drawn = np.random.default_rng(seed).choice(made.development, len(made.development))  # as bagging does
    fit, stop = made.inner(drawn, seed)
    assert sorted([*fit, *stop]) == sorted(drawn) or made.kind == "time"
    assert not set(fit) & set(stop)
    assert set(fit) | set(stop) <= set(drawn)
    assert len(fit)
    assert len(stop)


@quietly
@given(frame=frames(), kind=st.sampled_from(["hash", "hash of things"]), seed=st.integers(0, 100))
def test_a_hash_split_does_not_depend_on_row_order(make_table: Any, frame: pd.DataFrame, kind: str, seed: int) -> None:
    _, made = split(make_table, frame, kind, seed)
    order = np.random.default_rng(seed).permutation(len(frame))
    _, again = split(make_table, frame.iloc[order], kind, seed)
    assert again.digest == made.digest
    assert set(order[again.development]) == set(made.development)


@quietly
@given(frame=frames(), seed=st.integers(0, 100))
def test_a_hash_split_keeps_every_side_when_rows_are_added(make_table: Any, frame: pd.DataFrame, seed: int) -> None:
    _, before = split(make_table, frame.iloc[: len(frame) * 2 // 3], "hash", seed)
    _, after = split(make_table, frame, "hash", seed)
    assert set(before.development) <= set(after.development)
    assert set(before.open_test("test", "look")) <= set(after.open_test("test", "look"))
    if len(before.folds) == len(after.folds):
        assert all(set(b.validation) <= set(a.validation) for b, a in zip(before.folds, after.folds, strict=True))


DIGESTS = """
import sys, pandas as pd
from trainers.data.load import DataSpec, load
from trainers.data.split import SplitSpec, assign
table = load(DataSpec(uri=sys.argv[1], target="y"))
for arguments in {kinds!r}:
    print(assign(table, SplitSpec(**arguments)).digest)
"""


def test_the_same_seed_gives_the_same_digest_in_another_process(tmp_path: Any, make_table: Any) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": [f"row {i}" for i in range(400)], "x": rng.normal(size=400), "at": np.arange(400)})
    frame["lot"], frame["kind"] = rng.integers(0, 40, 400), rng.choice(["L", "M"], 400)
    frame["line"], frame["side"] = 0, rng.choice(["test", "a", "b"], 400)
    frame["y"] = rng.integers(0, 2, 400)
    frame.to_parquet(tmp_path / "a.parquet")
    program = DIGESTS.format(kinds=list(KINDS.values()))
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.parquet")],
        capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7", "PYTHONPATH": "."},
    )  # fmt: skip
    ours = [assign(make_table(frame), SplitSpec(**arguments)).digest for arguments in KINDS.values()]
    assert ran.stdout.split() == ours
    assert len(set(ours)) == len(KINDS)
    others = [assign(make_table(frame), SplitSpec(**arguments, seed=7)).digest for arguments in KINDS.values()]
    assert [name for name, a, b in zip(KINDS, ours, others, strict=True) if a == b] == ["time", "embargo", "predefined"]

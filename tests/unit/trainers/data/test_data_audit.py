"""Each fault is planted in a clean table; the audit must name the fault and its columns, and nothing on the clean one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from trainers.data.audit import audit
from trainers.data.load import DataSpec, Table, Task, load
from trainers.data.split import Split, SplitSpec, assign
from trainers.findings import Finding, Severity

ROOT = Path(__file__).parents[4]


def clean(n: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["heat", "speed", "torque"])
    frame["kind"] = rng.choice(list("LMH"), n)
    frame["count"] = rng.integers(0, 40, n)
    frame["y"] = (frame["heat"] + frame["speed"] + rng.uniform(-0.6, 0.6, n) > 1.2).astype(int)
    return frame


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def findings(
    make_table: Callable[..., Table], frame: pd.DataFrame, spec: SplitSpec, **data: Any
) -> tuple[Finding, ...]:
    table = make_table(frame, **data)
    return audit(table, assign(table, spec), "average_precision")


def leak_everything(f: pd.DataFrame) -> pd.DataFrame:
    return f.assign(leak=f["y"] * 10 + rng().normal(size=len(f)))


def leak_some(f: pd.DataFrame) -> pd.DataFrame:
    caught = (f["y"] == 1) & (rng().random(len(f)) < 0.2)
    return f.assign(leak=np.where(caught, rng().normal(50, 10, len(f)), 0.0))


def leak_by_presence(f: pd.DataFrame) -> pd.DataFrame:
    caught = (f["y"] == 1) & (rng().random(len(f)) < 0.3)
    return f.assign(leak=np.where(caught, rng().normal(size=len(f)), np.nan))


def leak_by_label(f: pd.DataFrame) -> pd.DataFrame:
    caught = (f["y"] == 1) & (rng().random(len(f)) < 0.3)
    return f.assign(leak=np.where(caught, "claim", rng().choice(["ok", "fine"], len(f))))


def torn(frame: pd.DataFrame, offset: float) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[::5].assign(heat=lambda f: f["heat"] + offset)], ignore_index=True)


def missing_more_in_positives(f: pd.DataFrame) -> pd.DataFrame:
    return f.assign(speed=f["speed"].where(rng().random(len(f)) > np.where(f["y"] == 1, 0.5, 0.1)))


def rarely(f: pd.DataFrame, value: object) -> pd.DataFrame:
    return f.assign(torque=f["torque"].where(f.index % 100 > 0, value))


# Fault: what plants it, and the finding's code and column.
FAULTS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str, str]] = {
    "a copy of the target with noise": (leak_everything, "TARGET_LEAKAGE", "leak"),
    "a cost that only failures have": (leak_some, "TARGET_LEAKAGE", "leak"),
    "a value that only failures have": (leak_by_presence, "TARGET_LEAKAGE", "leak"),
    "a label that only failures have": (leak_by_label, "TARGET_LEAKAGE", "leak"),
    "a name": (lambda f: f.rename(columns={"y": "yield", "heat": "laggedYield"}), "TARGET_NAME", "laggedYield"),
    "row numbers": (lambda f: f.assign(row=range(len(f))), "IDENTIFIER_COLUMN", "row"),
    "serial numbers": (lambda f: f.assign(sn=[f"S{i}" for i in f.index]), "IDENTIFIER_COLUMN", "sn"),
    "text": (lambda f: f.assign(note=[f"seen by {i} at the gate" for i in f.index]), "FREE_TEXT", "note"),
    "one value": (lambda f: f.assign(shift="north"), "CONSTANT_COLUMN", "shift"),
    "no value": (lambda f: f.assign(empty=np.nan), "EMPTY_COLUMN", "empty"),
    "copies": (lambda f: torn(f, 0.0), "DUPLICATE_ROWS", ""),
    "near copies": (lambda f: torn(f, 1e-7), "DUPLICATE_ROWS", ""),
    "groups": (lambda f: f.assign(machineId=rng().integers(0, 50, len(f))), "GROUP_OVERLAP", "machineId"),
    "dates": (lambda f: f.assign(at=pd.date_range("2024", periods=len(f))), "TIME_INVERSION", "at"),
    "missing by class": (missing_more_in_positives, "MISSING_BY_CLASS", "speed"),
    "outliers": (lambda f: rarely(f, 1e6), "OUTLIERS", "torque"),
    "infinities": (lambda f: rarely(f, np.inf), "INFINITE_VALUES", "torque"),
    "mixed types": (
        lambda f: rarely(f.assign(torque=f["torque"].round(1).astype(str)), "n/v"),
        "MIXED_TYPES",
        "torque",
    ),
    "imbalance": (lambda f: f[(f["y"] == 0) | (f.index % 4 == 0)], "CLASS_IMBALANCE", "y"),
    "few positives": (lambda f: f[(f["y"] == 0) | (f.index % 4 == 0)], "TOO_FEW_POSITIVES", "y"),
    "a nameless column": (lambda f: f.assign(**{"Unnamed: 6": 1.0}), "OMITTED_COLUMN", "Unnamed: 6"),
}
# Everything else is a warning.
SEVERITIES = {"TARGET_LEAKAGE": Severity.ERROR, "EMPTY_COLUMN": Severity.ERROR} | dict.fromkeys(
    ["OUTLIERS", "CLASS_IMBALANCE", "OMITTED_COLUMN"], Severity.INFO
)
# Faults that follow from other faults.
COMPANY = {"CLASS_IMBALANCE", "TOO_FEW_POSITIVES", "MISSING_BY_CLASS", "OMITTED_COLUMN"}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_planted_fault_is_named_with_its_columns(make_table: Any, fault: str) -> None:
    plant, code, column = FAULTS[fault]
    frame = plant(clean()).reset_index(drop=True)
    target = "yield" if "yield" in frame else "y"
    found = findings(make_table, frame, SplitSpec(), target=target)
    named = [(f.code, f.columns, f.severity) for f in found]
    assert (code, (column,) if column else (), SEVERITIES.get(code, Severity.WARNING)) in named
    assert all(f.message and f.action for f in found)
    assert {f.code for f in found} - {code} <= COMPANY


def test_a_clean_table_has_no_finding(make_table: Any) -> None:
    assert findings(make_table, clean(), SplitSpec()) == ()


def test_pure_noise_has_no_finding_over_many_draws(make_table: Any) -> None:
    for seed in range(10):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(draw.normal(size=(400, 8)), columns=list("abcdefgh"))
        frame["kind"] = draw.integers(0, 30, 400).astype(str)
        assert findings(make_table, frame.assign(y=draw.random(400) < 0.2), SplitSpec()) == ()


def test_rows_that_drift_are_told_from_development_rows(make_table: Any) -> None:
    frame = clean().assign(at=range(1000))
    frame["speed"] += np.linspace(0, 6, 1000)
    found = findings(make_table, frame, SplitSpec(time_on="at"), keys=("at",))
    (shift,) = [f for f in found if f.code == "SHIFT"]
    assert shift.columns == ("speed",)
    assert shift.evidence["roc_auc"] > 0.8


def test_wrong_labels_are_found_by_row(make_table: Any) -> None:
    frame = clean(3000)
    frame["y"] = (frame["heat"] > 0).astype(int)
    frame["heat"] += rng().normal(size=3000) * 0.2  # not a leak
    wrong = np.arange(0, 3000, 30)
    frame.loc[wrong, "y"] = 1 - frame.loc[wrong, "y"]
    found = findings(make_table, frame, SplitSpec())
    (noise,) = [f for f in found if f.code == "LABEL_NOISE"]
    assert noise.severity is Severity.WARNING
    rows = noise.evidence["rows"]
    assert np.isin(rows, wrong).mean() > 0.6


def test_given_sides_that_tear_groups_apart_are_an_error(make_table: Any) -> None:
    frame = clean().assign(lot=np.arange(1000) // 5, side=rng().choice(["test", "a", "b"], 1000))
    spec = SplitSpec(predefined_on="side", group_on=("lot",))
    found = findings(make_table, frame, spec, keys=("side", "lot"))
    assert (found[0].code, found[0].severity) == ("GROUP_OVERLAP", Severity.ERROR)


def test_grouped_rows_do_not_overlap(make_table: Any) -> None:
    frame = clean().assign(machine_id=rng().integers(0, 50, 1000))
    found = findings(make_table, frame, SplitSpec(group_on=("machine_id",)), keys=("machine_id",))
    assert "GROUP_OVERLAP" not in {f.code for f in found}


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.REGRESSION])
def test_leaks_of_other_targets(make_table: Any, task: Task) -> None:
    frame = clean()
    noise = rng().normal(size=1000)
    if task is Task.MULTICLASS:
        frame["y"] = rng().choice(["a", "b", "c", "d"], 1000)
        frame["leak"] = frame["y"].map({"a": 5.0, "b": 1.0, "c": 9.0, "d": 3.0}) + noise * 0.01
    else:
        frame["y"] = 3 * frame["heat"] + noise
        frame["leak"] = -2 * frame["y"] + 7
    errors = [f for f in findings(make_table, frame, SplitSpec()) if f.severity is Severity.ERROR]
    assert [(f.code, f.columns) for f in errors] == [("TARGET_LEAKAGE", ("leak",))]


def test_test_targets_are_never_looked_at(make_table: Any) -> None:
    """Scrambling the targets of all rows outside development changes nothing."""
    table = make_table(clean())
    split: Split = assign(table, SplitSpec())
    before = audit(table, split, "average_precision")
    outside = split.open_test("test", "to scramble them")
    table.target[outside] = 1 - table.target[outside]
    table.keys.loc[outside, "y"] = 7
    assert audit(table, split, "average_precision") == before


@pytest.fixture(scope="module")
def ai4i() -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "ai4i.yaml").read_text())
    spec["data"]["uri"] = str(ROOT / spec["data"]["uri"])
    return spec


def test_the_example_has_no_error(ai4i: dict[str, Any]) -> None:
    table = load(DataSpec(**ai4i["data"]))
    found = audit(table, assign(table, SplitSpec(**ai4i["split"])), "average_precision")
    assert {f.code for f in found} == {"CLASS_IMBALANCE", "OMITTED_COLUMN"}


def test_the_failure_modes_of_the_example_are_caught_by_name(ai4i: dict[str, Any]) -> None:
    table = load(DataSpec(**{**ai4i["data"], "exclude": ["UDI", "Product ID"]}))
    found = audit(table, assign(table, SplitSpec(**ai4i["split"])), "average_precision")
    errors = [f for f in found if f.severity is Severity.ERROR]
    assert {f.code for f in errors} == {"TARGET_LEAKAGE"}
    assert [f.columns for f in errors] == [("TWF",), ("HDF",), ("PWF",), ("OSF",)]

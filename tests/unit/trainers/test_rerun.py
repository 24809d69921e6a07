"""A rerun says that it is equal, or exactly what differs."""

from dataclasses import replace
from pathlib import Path

import pytest

from trainers.findings import Severity
from trainers.manifest import differences, manifest
from trainers.report.values import ColumnSummary, DataSummary, Manifest, Report
from trainers.rerun import repeats
from trainers.spec import TrainingSpec

SPEC = {
    "decision": "d",
    "data": {"uri": "a.csv", "target": "y"},
    "candidates": [{"family": "ridge"}],
    "search": {"max_trials": 4},
}
DATA = DataSummary("a.csv", "f1", 100, "y", columns=(ColumnSummary("x", "numeric", "int64", 0, 9),))


def made(table: DataSummary = DATA, split: str = "s1", **spec: object) -> Manifest:
    return manifest(TrainingSpec.model_validate({**SPEC, **spec}), table, split)


def report() -> Report:
    folder = Path(__file__).parent / "report"
    return replace(Report.from_json((folder / "binary.json").read_text()), manifest=made())


def test_nothing_differs_where_only_places_do() -> None:
    moved = made(replace(DATA, uri="b.csv"), data={"uri": "b.csv", "target": "y"}, tracking={"experiment": "other"})
    assert differences(made(), moved) == ()


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (made(search={"max_trials": 5}), "Spec field search.max_trials was 4 and is now 5."),
        (
            made(candidates=[{"family": "ridge", "params": {"alpha": 2}}]),
            "params.alpha was left out and is now 2.",
        ),
        (made(split="s2"), "The rows are assigned to other sides or folds."),
        (made(replace(DATA, fingerprint="f2", rows=90)), "The table had 100 rows and has now 90."),
        (made(replace(DATA, fingerprint="f2", columns=())), "Column x was int64 and is now not there."),
        (made(replace(DATA, fingerprint="f2")), "Values in the table have changed"),
        (replace(made(), code_version="9"), "and is now 9."),
        (replace(made(), packages={**made().packages, "numpy": "0.1"}), "and is now 0.1."),
        (replace(made(), hardware={**made().hardware, "cores": "96"}), "and is now 96."),
    ],
)
def test_each_recorded_thing_that_differs_is_told(now: Manifest, told: str) -> None:
    [sentence] = differences(made(), now)
    assert told in sentence


def test_equal_results_are_called_so_even_on_another_machine() -> None:
    elsewhere = replace(report(), manifest=replace(made(), hardware={}))
    assert repeats(report(), report()).code == "RERUN_EQUAL"
    found = repeats(report(), elsewhere)
    assert (found.code, found.severity) == ("RERUN_EQUAL", Severity.INFO)
    assert "The cores was" in found.message


def test_other_results_are_told_with_what_differs() -> None:
    now = replace(
        report(),
        manifest=made(search={"max_trials": 5}),
        test=replace(report().test, metrics={**report().test.metrics, "average_precision": 0.1}),
    )
    found = repeats(report(), now)
    assert (found.code, found.severity) == ("RERUN_DIFFERS", Severity.WARNING)
    assert "average_precision on the test was" in found.message
    assert "search.max_trials was 4 and is now 5" in found.message
    assert len(found.evidence["results"]) == 1


def test_without_a_recorded_cause_the_clock_is_named_where_it_ends_the_search() -> None:
    moved = replace(report(), selected=replace(report().selected, family="svm"))
    timed = made(search={"time_budget_s": 10.0})
    assert "nothing that is recorded" in repeats(report(), moved).message
    assert "time_budget_s" in repeats(replace(report(), manifest=timed), replace(moved, manifest=timed)).message

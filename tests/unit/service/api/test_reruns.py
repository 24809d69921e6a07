from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from service.api.reruns import differences
from trainers.manifest import manifest
from trainers.report.values import DataSummary
from trainers.spec import TrainingSpec

SPEC = TrainingSpec.model_validate({"decision": "d", "data": {"uri": "t", "target": "y"}})


def plan(fingerprint: str = "f", split: str = "s") -> Any:
    return SimpleNamespace(spec=SPEC, data=DataSummary("t", fingerprint, 9, "y"), split=SimpleNamespace(digest=split))


def report() -> dict[str, Any]:
    return {"manifest": asdict(manifest(SPEC, plan().data, "s"))}


def test_the_same_table_and_environment_is_exact() -> None:
    assert differences(report(), plan()) == ()


def test_what_the_plan_of_the_rerun_shows_to_be_different_is_told() -> None:
    assert differences(report(), plan(split="other")) == ("The rows are assigned to other sides or folds.",)
    assert "Values in the table have changed" in differences(report(), plan(fingerprint="g"))[0]


def test_without_a_report_there_is_nothing_to_compare() -> None:
    assert "without a report" in differences(None, plan())[0]

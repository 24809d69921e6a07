from types import SimpleNamespace
from typing import Any

from service.api.reruns import differences
from trainers import manifest


def plan(fingerprint: str = "f", split: str = "s") -> Any:
    return SimpleNamespace(data=SimpleNamespace(fingerprint=fingerprint), split=SimpleNamespace(digest=split))


def report(**changes: Any) -> dict[str, Any]:
    recorded = {"data_fingerprint": "f", "split_digest": "s", "code_version": manifest.code_version()}
    return {"manifest": recorded | {"packages": manifest.packages()} | changes}


def test_the_same_table_and_environment_is_exact() -> None:
    assert differences(report(), plan()) == []


def test_each_difference_is_a_sentence() -> None:
    packages = {name: version for name, version in manifest.packages().items() if name != "numpy"} | {"pandas": "0.1"}
    found = differences(report(code_version="0.0.1", packages=packages), plan(fingerprint="other"))
    assert found[0] == "The content of the table has changed."
    assert found[1].startswith("The code was version 0.0.1 and is now ")
    assert found[2].startswith("numpy was not installed and is now ")
    assert found[3].startswith("pandas was 0.1 and is now ")
    assert len(found) == 4


def test_other_sides_for_the_same_rows_are_told() -> None:
    assert differences(report(), plan(split="other")) == ["The rows are assigned to other sides or folds."]


def test_without_a_report_there_is_nothing_to_compare() -> None:
    assert "without a report" in differences(None, plan())[0]

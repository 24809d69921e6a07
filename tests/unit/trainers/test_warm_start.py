import json
from pathlib import Path
from typing import Any

import pytest

from trainers.data.table import Task
from trainers.errors import SpecError
from trainers.families.registry import CandidateSpec, resolve
from trainers.warm_start import warm_start

SVM = resolve(
    CandidateSpec(family="svm", space={"gamma": {"log_uniform": [0.01, 1.0]}}, params={"kernel": "poly"}), Task.BINARY
)
BOOSTING = resolve(CandidateSpec(family="hist_gradient_boosting"), Task.BINARY)
BEST = [
    {"family": "svm", "kind": "family", "params": {"C": 3, "gamma": 5.0, "kernel": "poly"}},
    {"family": "hist_gradient_boosting", "kind": "family", "params": {"max_leaf_nodes": 15.0, "max_iter": 77}},
    {"family": "svm", "kind": "baseline", "params": {"C": 0.5}},
]


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    return report(tmp_path / "jobs" / "j1").parents[1]


def report(folder: Path, fingerprint: str = "abc", candidates: Any = BEST) -> Path:
    folder.mkdir(parents=True)
    path = folder / "report.json"
    path.write_text(json.dumps({"data": {"fingerprint": fingerprint}, "candidates": candidates}))
    return path


def test_the_best_of_each_family_is_promising_as_far_as_its_space_allows(jobs: Path) -> None:
    (svm, boosting), findings = warm_start([SVM, BOOSTING], ["j1"], "abc", jobs)
    assert svm.promising == ({"C": 3.0},)
    assert boosting.promising == ({"max_leaf_nodes": 15},)
    assert type(boosting.promising[0]["max_leaf_nodes"]) is int
    assert [(f.code, dict(f.evidence)) for f in findings] == [("WARM_START_PARTIAL", {"gamma": 5.0})]


def test_without_a_jobs_folder_a_path_is_taken(jobs: Path) -> None:
    for reference in (str(jobs / "j1"), str(jobs / "j1" / "report.json")):
        assert warm_start([SVM], [reference], "abc", None)[0][0].promising == ({"C": 3.0},)


def test_nothing_asked_changes_nothing() -> None:
    assert warm_start([SVM], [], "abc", None) == ((SVM,), ())


def test_every_reference_that_cannot_be_used_is_told_with_what_would_be_right(jobs: Path) -> None:
    report(jobs / "other", "def")
    report(jobs.parent / "outside")
    (jobs / "broken").mkdir()
    (jobs / "broken" / "report.json").write_text("{}")
    references = ["j1", "gone", "other", "../outside", str(jobs.parent / "outside"), "broken", ".."]
    with pytest.raises(SpecError) as error:
        warm_start([SVM], references, "abc", jobs)
    told = {v.field: v.message for v in error.value.violations}
    assert list(told) == [f"search.warm_start_from[{i}]" for i in range(1, 7)]
    assert "other data (fingerprint def, here abc)" in told.pop("search.warm_start_from[2]")
    assert all("id of a job that has succeeded" in message for message in told.values())

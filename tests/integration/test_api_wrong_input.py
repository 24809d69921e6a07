"""Wrong input is a clear field violation, by name, and makes no job."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainwright.v1 import training_service_pb2 as pb

ROWS = [f"{i},{i % 7},{'new' if i % 2 else 'old'},{int(i % 4 == 0)}" for i in range(80)]


@pytest.fixture(scope="module")
def tables(service) -> Path:
    """Files that are wrong, each in its own way, among one that is right."""
    folder = service.folder
    header = "id,size,line,bad"
    files = {
        "right.csv": [header, *ROWS],
        "one_class.csv": [header, *(row[:-1] + "0" for row in ROWS)],
        "rare_class.csv": [header, *(row[:-1] + str(int(i == 0)) for i, row in enumerate(ROWS))],
        "header_only.csv": [header],
    }
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "empty.csv").write_bytes(b"")
    (folder / "binary.csv").write_bytes(bytes(range(128, 256)) * 50)
    pq.write_table(pa.table({"size": list(range(500)), "bad": [i % 2 for i in range(500)]}), folder / "whole.parquet")
    (folder / "truncated.parquet").write_bytes((folder / "whole.parquet").read_bytes()[:-40])
    (folder.parent / "outside.csv").write_text("\n".join([header, *ROWS]))
    (folder / "link.csv").symlink_to(folder.parent / "outside.csv")
    return folder


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(spec: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            spec = spec.setdefault(name, {})
        spec[last] = value

    return apply


def space(parameter: str = "max_depth", **kinds: Any) -> Callable[[dict[str, Any]], None]:
    return change("candidates", [{"family": "decision_tree", "space": {parameter: kinds}}])


WRONG = {
    "unknown column": (change("data.exclude", ["sice"]), "data.exclude[0]", "'sice'"),
    "target missing": (change("data.target", "good"), "data.target", "'good'"),
    "target unset": (change("data.target", ""), "data.target", "required"),
    "one class only": (change("data.uri", "one_class.csv"), "data.target", "two different"),
    "a class with fewer rows than folds": (change("data.uri", "rare_class.csv"), "split.folds", "1"),
    "empty file": (change("data.uri", "empty.csv"), "data.uri", "empty"),
    "header without rows": (change("data.uri", "header_only.csv"), "data.uri", "no rows"),
    "unreadable file": (change("data.uri", "binary.csv"), "data.uri", "binary.csv"),
    "missing file": (change("data.uri", "gone.csv"), "data.uri", "gone.csv"),
    "truncated Parquet": (change("data.uri", "truncated.parquet"), "data.uri", "Parquet"),
    "path outside the roots": (change("data.uri", "../outside.csv"), "data.uri", "outside"),
    "absolute path outside the roots": (change("data.uri", "/etc/passwd"), "data.uri", "outside"),
    "link out of the roots": (change("data.uri", "link.csv"), "data.uri", "outside"),
    "another kind of location": (change("data.uri", "http://localhost:1/x.csv"), "data.uri", "outside"),
    "dataset that is not there": (change("data.uri", "datasets/" + "0" * 64), "data.uri", "upload"),
    "dataset name that climbs": (change("data.uri", "datasets/../../outside"), "data.uri", "upload"),
    "wrong metric for the task": (change("search.metric", "r2"), "search.metric", "'r2'"),
    "unknown metric": (change("search.metric", "goodness"), "search.metric", "'goodness'"),
    "empty search space": (space(), "candidates[0].space[max_depth]", "exactly one of"),
    "space without a value": (space(choice=[]), "candidates[0].space[max_depth].choice.values", "at least 1"),
    "inverted bounds": (space(integer=[9, 2]), "candidates[0].space[max_depth].integer", "low 9 must be below high 2"),
    "unknown parameter": (space("max_dept", integer=[2, 9]), "candidates[0].space[max_dept]", "max_depth"),
    "unknown family": (change("candidates", [{"family": "xgbost"}]), "candidates[0].family", "xgboost"),
    "family for another task": (change("candidates", [{"family": "ridge"}]), "candidates[0].family", "binary"),
    "negative budget": (change("search.time_budget_s", -5), "search.time_budget_s", "-5"),
    "no trials": (change("search.max_trials", 0), "search.max_trials", "0"),
    "threshold without two classes": (change("data.target", "size"), "threshold", "binary"),
    "too large a test": (change("split.test_fraction", 1.5), "split.test_fraction", "1.5"),
    "parent that is no job": (change("parent", "0000000000000000"), "parent", "has no report"),
    "parent that climbs": (change("parent", "../state/jobs"), "parent", "has no report"),
    "too large a spec": (change("decision", "d" * (256 << 10)), "spec", "may have 262,144"),
    "no decision": (change("decision", ""), "decision", "required"),
}  # fmt: skip


@pytest.fixture
def spec() -> dict[str, Any]:
    return {
        "decision": "Stop bad parts",
        "data": {"uri": "right.csv", "target": "bad", "exclude": ["id"]},
        "split": {"folds": 4},
        "candidates": [{"family": "decision_tree"}],
        "threshold": {"min_recall": 0.9},
    }


@pytest.mark.parametrize("validate_only", [True, False], ids=["plan", "create"])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_spec_is_a_violation_and_no_job(
    service, tables, violations, spec, name: str, validate_only: bool
) -> None:
    mistake, field, words = WRONG[name]
    mistake(spec)
    before = job_names(service)
    with pytest.raises(grpc.RpcError) as caught:
        service.create(spec, validate_only=validate_only)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = violations(caught.value)
    assert field in found, found
    assert words in found[field]
    assert job_names(service) == before


def test_the_spec_without_mistakes_is_accepted(service, tables, spec) -> None:
    assert service.create(spec, validate_only=True).plan.fits > 0


def job_names(service) -> list[str]:
    return [job.name for job in service.training.ListTrainingJobs(pb.ListTrainingJobsRequest(page_size=1000)).jobs]

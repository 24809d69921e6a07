"""The main job, as a user runs it: real service, real SDK, real Ray, real MLflow."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

from tests.serving import Service, start_service, stop_service
from trainwright import Job, TrainingClient
from trainwright.errors import JobCancelled
from trainwright.values import Trial

ROOT = Path(__file__).parents[2]
SPEC: dict[str, Any] = {
    "decision": "Stop bad parts before they are painted.",
    "data": {"uri": "parts.csv", "target": "bad", "positive_class": "yes"},
    "split": {"folds": 3, "stratify_on": ["line"], "seed": 7},
    "candidates": [
        {"family": "decision_tree"},
        {
            "family": "hist_gradient_boosting",
            "params": {"learning_rate": 0.5},
            "space": {"max_leaf_nodes": {"integer": [3, 9]}},
        },
    ],
    "search": {"algorithm": "random", "max_trials": 4},
    "ensembles": [{"kind": "stacking"}, {"kind": "weighted"}],
    "threshold": {"expected_cost": {"false_negative": 10, "false_positive": 1}},
    "tracking": {"experiment": "parts", "register_as": "bad-parts"},
}


def parts(rows: int = 600) -> pd.DataFrame:
    """A table with a rare defect that two columns and a line explain."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(10, 1, rows).round(3),
            "heat": rng.normal(200, 20, rows).round(1),
            "line": rng.choice(["north", "south"], rows),
        }
    )
    frame.loc[rng.choice(rows, 30, replace=False), "heat"] = np.nan
    risk = (frame["size"] > 11) * 2.5 + (frame["heat"] > 220) * 2 + (frame["line"] == "north") - 3.2
    frame["bad"] = np.where(rng.random(rows) < 1 / (1 + np.exp(-risk)), "yes", "no")
    return frame


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("e2e")
    parts().to_csv(folder / "parts.csv", index=False)
    (folder / "spec.yaml").write_text(yaml.safe_dump(SPEC))
    running = start_service(folder, ray_cpus=2)
    yield running
    stop_service(running)


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TrainingClient]:
    with TrainingClient(service.target) as found:
        yield found


@pytest.fixture(scope="module")
def job(client: TrainingClient, service: Service) -> Job:
    """The main job, finished."""
    submitted = client.submit(service.folder / "spec.yaml")
    submitted.wait(timeout=240, progress=False)
    return submitted


@pytest.fixture(scope="module")
def report(job: Job) -> dict[str, Any]:
    return job.report()


def test_the_report_carries_what_was_promised(report: dict[str, Any]) -> None:
    assert report["decision"] == SPEC["decision"]
    assert report["test"]["metrics"]["average_precision"] > report["baseline"]["mean"] / 2
    assert set(report["test"]["intervals"]) == set(report["test"]["metrics"])
    assert report["threshold"]["chosen"]["cost"] <= report["threshold"]["at_half"]["cost"]
    assert report["split"]["test_rows"] == 120
    assert len(report["split"]["openings"]) == 1
    assert {c["family"] for c in report["candidates"]} >= {"dummy", "decision_tree", "stacking", "weighted"}
    rejected = [c for c in report["candidates"] if not c.get("selected")]
    assert all(c["rejected_because"] for c in rejected)
    assert len(rejected) == len(report["candidates"]) - 1
    assert report["search"]["fits"] <= report["search"]["fits_without_racing"]
    assert set(report["timings"]) >= {"load", "search", "judge"}
    assert {"line = north", "line = south"} <= {part["name"] for part in report["insight"]["slices"]["results"]}
    assert report["insight"]["learning_curve"]["points"][-1]["rows"] == 320
    assert len(report["insight"]["seeds"]["means"]) == 3


def test_files_and_tracking_are_where_the_report_says(job: Job, report: dict[str, Any], service: Service) -> None:
    folder = service.state / "jobs" / job.id
    assert {"report.json", "report.html", "report.md", "model", "model_card.md"} <= {
        path.name for path in folder.iterdir()
    }
    assert list((service.state / "tensorboard").rglob("*tfevents*"))
    tracking = report["tracking"]
    run = mlflow.MlflowClient(tracking["uri"]).get_run(tracking["run_id"])
    assert run.data.metrics["test.average_precision"] == pytest.approx(report["test"]["metrics"]["average_precision"])
    assert tracking["model_version"] == "1"


def test_the_model_answers_in_the_labels_of_the_data(job: Job, report: dict[str, Any], service: Service) -> None:
    model = mlflow.sklearn.load_model(str(service.state / "jobs" / job.id / "model"))
    rows = parts().drop(columns="bad")
    flagged = model.predict(rows)
    assert set(flagged) == {"yes", "no"}
    probability = model.predict_proba(rows)[:, list(model.classes_).index("yes")]
    assert ((probability >= report["threshold"]["value"]) == (flagged == "yes")).all()


def test_events_are_numbered_without_gaps_and_end_in_success(job: Job) -> None:
    events = list(job.events())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len(list(job.events(after=5))) == len(events) - 5
    assert len(list(job.trials())) == 6


def test_the_same_without_the_service(report: dict[str, Any], service: Service, tmp_path: Path) -> None:
    """`python -m trainers` gives the same numbers, twice."""
    address = json.loads((service.state / "ray.json").read_text())["address"]
    for out in (tmp_path / "one", tmp_path / "two"):
        done = subprocess.run(
            [sys.executable, "-m", "trainers", service.folder / "spec.yaml", "--out", out],
            cwd=service.folder, env=os.environ | {"RAY_ADDRESS": address}, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        alone = json.loads((out / "report.json").read_text())
        assert alone["selected"]["params"] == report["selected"]["params"]
        assert alone["cross_validation"]["folds"] == pytest.approx(report["cross_validation"]["folds"])
        assert alone["threshold"]["value"] == pytest.approx(report["threshold"]["value"])
        assert alone["test"]["metrics"] == pytest.approx(report["test"]["metrics"])
        assert alone["manifest"]["split_digest"] == report["manifest"]["split_digest"]


def test_a_wrong_spec_without_the_service_is_told_by_field(service: Service, tmp_path: Path) -> None:
    wrong = {**SPEC, "data": {**SPEC["data"], "target": "bed"}}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    done = subprocess.run(
        [sys.executable, "-m", "trainers", tmp_path / "wrong.yaml", "--out", tmp_path / "out"],
        cwd=service.folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert "data.target" in done.stderr
    assert "'bad'" in done.stderr
    assert "Traceback" not in done.stderr


LONG = {**SPEC, "search": {"algorithm": "random", "max_trials": 30, "racing": False}, "ensembles": [], "tracking": {}}


def test_a_cancelled_job_frees_the_cluster(client: TrainingClient) -> None:
    long = client.submit({**LONG, "split": {**SPEC["split"], "seed": 1}})
    for event in long.events():
        if isinstance(event.what, Trial):
            break
    long.cancel("changed my mind")
    with pytest.raises(JobCancelled):
        long.wait(timeout=60, progress=False)
    after = client.submit({**SPEC, "ensembles": [], "tracking": {}, "search": {"algorithm": "grid", "max_trials": 2}})
    assert after.wait(timeout=120, progress=False).state == "succeeded"


def test_a_killed_service_loses_no_job_and_no_event(service: Service) -> None:
    """kill -9 in the middle of a search, start again: the job goes on, a resumed watch has every event once."""
    with TrainingClient(service.target) as client:
        job = client.submit(LONG)
        seen = []
        for event in job.events():
            seen.append(event.sequence)
            if isinstance(event.what, Trial) and event.what.number >= 3:
                break
    service.process.send_signal(signal.SIGKILL)
    service.process.wait(10)
    again = start_service(service.folder, ray_cpus=2)
    try:
        with TrainingClient(again.target) as client:
            job = client.job(job.id)
            seen += [event.sequence for event in job.events(after=seen[-1])]
            info = job.wait(timeout=240, progress=False)
        assert seen == list(range(1, len(seen) + 1))
        assert info.state == "succeeded"
        assert len(info.attempts) == 1
    finally:
        stop_service(again)

"""`ray job submit` against a head with token authentication: as `python -m trainers`, with logs, exit code, stop and resume."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SPEC: dict[str, Any] = {
    "decision": "Stop bad parts",
    "data": {"uri": "parts.csv", "target": "bad", "positive_class": "1"},
    "split": {"folds": 3},
    "candidates": [{"family": "hist_gradient_boosting"}],
    "search": {"algorithm": "random", "max_trials": 12, "racing": False},
    "diagnosis": {"learning_points": 0, "seeds": 0},
}
LEFT = """
import json, os
from ray.util.state import list_actors, list_placement_groups
at = os.environ["LEFT_AT"]
actors = [actor.class_name for actor in list_actors(at, filters=[("state", "!=", "DEAD")])]
groups = [group.placement_group_id for group in list_placement_groups(at, filters=[("state", "!=", "REMOVED")])]
print(json.dumps([name for name in actors if "Supervisor" not in name] + groups))
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Head:
    """What `python -m cluster` said, and a working folder to submit."""

    url: str
    folder: Path
    runs: Path

    def ray(self, *arguments: str, token: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs the ray command line as its user does."""
        environment = {
            **os.environ,
            "RAY_API_SERVER_ADDRESS": self.url,
            "RAY_AUTH_MODE": "token" if token else "disabled",
        }
        command = [str(BIN / "ray"), "job", *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def submit(self, spec: str, *options: str, name: str) -> subprocess.CompletedProcess[str]:
        asked = ("--working-dir", ".", "--submission-id", name, *options)
        return self.ray("submit", *asked, "--", "python", "-m", "trainers", spec)

    def status(self, name: str) -> str:
        return next(
            word for word in ("SUCCEEDED", "FAILED", "STOPPED", "RUNNING", "PENDING") if word in self.told(name)
        )

    def left(self) -> list[str]:
        """Actors and placement groups that there are, but for Ray's own supervisors of jobs."""
        environment = {**os.environ, "RAY_AUTH_MODE": "token", "LEFT_AT": self.url}
        done = subprocess.run([sys.executable, "-c", LEFT], env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    def told(self, name: str) -> str:
        done = self.ray("status", name)
        return (done.stdout + done.stderr).upper()


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Head]:
    """A head as `make cluster` starts it, and a folder with the code, a table and specs."""
    folder = tmp_path_factory.mktemp("work")
    for package in ("trainers", "tuning", "cluster"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(1500, 6)), columns=list("abcdef"))
    table["bad"] = (table["a"] * table["b"] + 0.5 * rng.normal(size=len(table)) > 0.8).astype(int)
    table.to_csv(folder / "parts.csv", index=False)
    (folder / "parts.yaml").write_text(yaml.safe_dump(SPEC))
    (folder / "wrong.yaml").write_text(yaml.safe_dump({**SPEC, "data": {"uri": "parts.csv", "target": "worse"}}))
    state = tmp_path_factory.mktemp("state")
    command = [sys.executable, "-m", "cluster", "--state", str(state), "--num-cpus", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield Head(re.findall(r"dashboard +(\S+)", said)[0], folder, state / "runs")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "127.0.0.1" in said
    assert not (state / "ray.json").exists() or not _lives(json.loads((state / "ray.json").read_text())["pid"])


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def until(happened: Any) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.5)


def lines(folder: Path) -> list[str]:
    found = list(folder.glob("parts-*/journal/folds.jsonl"))
    return found[0].read_text().splitlines()[1:] if found else []


def results(report: dict[str, Any]) -> dict[str, Any]:
    """What the same spec must give again; the manifest and times tell of where and when."""
    told = {name: report[name] for name in ("selected", "baseline", "test", "split", "search")}
    told["search"] = {name: value for name, value in told["search"].items() if name in ("fits", "trials")}
    told["split"].pop("openings", None)
    return told


def test_a_job_without_the_token_is_refused(head: Head) -> None:
    refused = head.ray("list", token=False)
    assert refused.returncode != 0
    assert "401" in refused.stderr + refused.stdout or "uthenticat" in refused.stderr + refused.stdout


def test_a_spec_that_cannot_be_trained_ends_with_its_exit_code(head: Head) -> None:
    done = head.submit("wrong.yaml", name="wrong")
    assert done.returncode != 0
    assert "exit code 2" in head.told("wrong").lower()
    assert "data.target" in head.ray("logs", "wrong").stdout


def test_a_stopped_job_leaves_nothing_and_the_second_goes_on_where_it_stood(head: Head) -> None:
    """And the third, of the same spec and table, has nothing left to do."""
    assert head.submit("parts.yaml", "--no-wait", name="first").returncode == 0
    until(lambda: len(lines(head.runs)) >= 8)
    assert head.ray("stop", "first").returncode == 0
    assert head.status("first") == "STOPPED"
    assert head.left() == []
    before = lines(head.runs)

    assert head.submit("parts.yaml", name="second").returncode == 0
    after = lines(head.runs)
    assert after[: len(before)] == before
    keys = [(json.loads(line)["trial"], json.loads(line)["fold"]) for line in after]
    assert len(set(keys)) == len(keys) == 14 * 3  # two baselines and twelve configurations: no fold fitted twice
    assert "== search" in head.ray("logs", "second").stdout

    third = head.submit("parts.yaml", name="third")
    assert third.returncode == 0
    assert "nothing is fitted again" in head.ray("logs", "third").stdout

    (folder,) = head.runs.glob("parts-*")
    remote = json.loads((folder / "report.json").read_text())
    alone = subprocess.run(
        [sys.executable, "-m", "trainers", "parts.yaml", "--out", head.folder / "alone", "--name", folder.name],
        cwd=head.folder, capture_output=True, text=True,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stderr
    local = json.loads((head.folder / "alone/report.json").read_text())
    assert results(remote) == results(local)
    records = [records_of(report) for report in (remote, local)]
    assert records[0] == records[1]


def records_of(report: dict[str, Any]) -> tuple[Any, ...]:
    """What MLflow has of a run, but for times."""
    tracking = report["tracking"]
    client = mlflow.MlflowClient(tracking["uri"])
    run = client.get_run(tracking["run_id"])
    metrics = {name: value for name, value in run.data.metrics.items() if name.startswith("test.")}
    nested = client.search_runs([run.info.experiment_id], f"tags.`trainwright.parent` = '{tracking['run_id']}'")
    return run.info.run_name, run.data.params, metrics, len(nested)

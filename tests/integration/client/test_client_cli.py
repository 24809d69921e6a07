"""The command line against a real gRPC server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from trainwright import cli

SPEC = "decision: stop machines in time\ndata: {uri: a.csv, target: y}\n"


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.fixture
def run(target, capsys, monkeypatch):
    """Runs the command line; returns its exit code, standard output and standard error."""
    monkeypatch.setenv("TRAINWRIGHT_SERVER", target)

    def run(*words: str) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(words)
        return caught.value.code, *capsys.readouterr()

    return run


def test_submit_and_watch_of_a_success(run, spec):
    code, out, err = run("submit", spec, "--watch", "--label", "team=press", "-o", "json")

    job = json.loads(out)
    assert code == 0
    assert job["state"] == "succeeded"
    assert job["labels"] == {"team": "press"}
    assert "progress 50%, 5/10 fits" in err
    assert run("watch", job["name"])[0] == 0


def test_quiet_writes_the_id_alone(run, spec):
    assert run("submit", spec, "--quiet") == (0, "job-1\n", "")


@pytest.mark.parametrize(("state", "expected"), [("failed", 3), ("cancelled", 4)])
def test_a_job_without_result_is_no_success(run, service, spec, state, expected):
    service.script = [{"state": {"to": state, "error": {"message": "one class only"}}}]

    code, out, err = run("submit", spec, "--watch")

    assert (code, out) == (expected, "")
    assert "one class only" in err
    assert run("watch", "job-1")[0] == run("report", "job-1")[0] == expected
    assert run("get", "job-1")[0] == 0


def test_wrong_requests_are_the_users(run, spec, tmp_path):
    (tmp_path / "wrong.yaml").write_text(SPEC.replace("target: y", "target: no such column"))
    (tmp_path / "typo.yaml").write_text(SPEC + "serch: {max_trials: 3}\n")

    code, _, err = run("submit", str(tmp_path / "wrong.yaml"))
    assert code == 2
    assert "data.target: there is no column" in err
    code, _, err = run("plan", str(tmp_path / "typo.yaml"))
    assert code == 2
    assert "serch: is not a field" in err
    assert run("get", "none")[0] == 2
    assert run("submit", spec, "--label", "team")[0] == 2
    assert run("submit", spec, "--data", str(tmp_path / "none.csv"))[0] == 2
    assert run("submit")[0] == 2


def test_no_service_has_its_own_code(run):
    code, _, err = run("--server", "127.0.0.1:1", "list")
    assert code == 5
    assert "TRAINWRIGHT_SERVER" in err
    assert "Traceback" not in err


def test_answers_in_each_format(run, spec):
    run("submit", spec)

    assert json.loads(run("list", "-o", "json")[1])[0]["name"] == "trainingJobs/job-1"
    assert yaml.safe_load(run("get", "job-1", "-o", "yaml")[1])["spec"] == yaml.safe_load(SPEC)
    assert "job-1  succeeded" in run("list")[1]
    assert json.loads(run("report", "job-1", "-o", "json")[1])["cross_validation"]["folds"] == [0.7, 0.9]
    assert "best score" in run("report", "job-1")[1]
    assert json.loads(run("plan", spec, "-o", "json")[1])["fits"] == 12
    assert "at most 12" in run("plan", spec)[1]
    assert len(json.loads(run("trials", "job-1", "--limit", "2", "-o", "json")[1])) == 2
    assert "xgboost" in run("trials", "job-1")[1]
    assert json.loads(run("logs", "job-1", "--level", "warning", "-o", "json")[1])["text"] == "slow disk"
    assert "loading" in run("logs", "job-1")[1]


def test_jobs_beside_a_reference(run, spec):
    for _ in range(3):
        run("submit", spec)

    found = json.loads(run("compare", "job-1", "job-2", "trainingJobs/job-3", "-o", "json")[1])
    assert [(each["reference"], each["job"]) for each in found] == [
        ("trainingJobs/job-1", "trainingJobs/job-2"),
        ("trainingJobs/job-1", "trainingJobs/job-3"),
    ]
    _, drawn, _ = run("compare", "job-1", "job-2")
    assert "trainingJobs/job-2 against trainingJobs/job-1: better\nIt helped." in drawn
    assert "search.max_trials  4    9" in drawn
    assert "0.5000  0.7500" in drawn
    assert run("compare", "job-1", "none")[0] == 2
    assert run("compare", "job-1")[0] == 2


def test_cancel_rerun_and_delete(run, service, spec):
    run("submit", spec)

    code, out, err = run("rerun", "job-1", "--watch", "-o", "json")
    assert (code, json.loads(out)["name"]) == (0, "trainingJobs/job-2")
    assert "differs: numpy is newer" in err
    assert json.loads(run("cancel", "job-1", "--reason", "enough", "-o", "json")[1])["error"]["message"] == "enough"
    assert run("delete", "job-1")[0] == 0
    assert list(service.jobs) == ["trainingJobs/job-2"]


def test_datasets(run, spec, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")

    name = json.loads(run("datasets", "upload", str(tmp_path / "t.csv"), "-o", "json")[1])["name"]
    assert "t.csv" in run("datasets", "list")[1]
    assert json.loads(run("datasets", "get", name, "-o", "json")[1])["display_name"] == "t.csv"
    run("submit", spec, "--data", name, "--quiet")
    assert json.loads(run("get", "job-1", "-o", "json")[1])["spec"]["data"]["uri"] == name
    assert run("datasets", "delete", name)[0] == 0
    assert run("datasets", "get", name)[0] == 2


def test_the_installed_program(target, spec):
    program = Path(sys.executable).with_name("trainwright")
    done = subprocess.run(
        [program, "--server", target, "submit", spec, "--watch"], capture_output=True, text=True, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert "succeeded" in done.stdout
    assert "phase search" in done.stderr

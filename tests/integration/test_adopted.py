"""A run made without the service is taken up by a real server, and is a job like any other from then on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.serving import SMALL_SPEC, Service
from trainwright import TrainingClient

ROOT = Path(__file__).parents[2]
Command = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def command(service: Service) -> Command:
    """Runs `trainwright` as its user does."""

    def run(*words: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "TRAINWRIGHT_SERVER": service.target}
        program = Path(sys.executable).with_name("trainwright")
        return subprocess.run([program, *words], env=environment, capture_output=True, text=True)

    return run


@pytest.fixture(scope="module")
def run(service: Service) -> Path:
    """A finished run of `python -m trainers`, under the service's data root; its Ray is the service's."""
    folder = service.folder / "outside"
    folder.mkdir()
    spec = {**SMALL_SPEC, "data": {**SMALL_SPEC["data"], "uri": str(service.folder / "parts.csv")}}
    (folder / "parts.yaml").write_text(yaml.safe_dump(spec))
    address = json.loads((service.state / "ray.json").read_text())["address"]
    done = subprocess.run(
        [sys.executable, "-m", "trainers", folder / "parts.yaml", "--out", folder / "out"],
        cwd=ROOT, env={**os.environ, "RAY_ADDRESS": address}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_an_adopted_run_is_seen_and_told_of_as_a_job(service, command, run) -> None:
    adopted = command("adopt", str(run), "--label", "from=outside", "-o", "json")
    assert adopted.returncode == 0, adopted.stderr
    name = json.loads(adopted.stdout)["name"]
    report = json.loads((run / "report.json").read_text())
    with TrainingClient(service.target) as client:
        (listed,) = client.list('labels.from="outside"')
        assert (listed.name, listed.state) == (name, "succeeded")
        job = client.job(name)
        assert job.report()["selected"]["family"] == report["selected"]["family"]
        assert len(list(job.trials())) == report["search"]["trials"]
        assert any("search begins" in line.text for line in job.logs())
    watched = command("watch", name)
    assert watched.returncode == 0, watched.stderr
    again = command("adopt", str(run), "-o", "json")
    assert json.loads(again.stdout)["name"] == name
    assert command("delete", name).returncode == 0
    assert json.loads((run / "report.json").read_text()) == report


def test_a_folder_where_the_service_may_not_read_is_refused_with_the_field(command, tmp_path) -> None:
    refused = command("adopt", str(tmp_path))
    assert refused.returncode == 2
    assert "folder" in refused.stderr
    assert "outside what may be read" in refused.stderr

"""A whole job with a network: its curves in the report, in MLflow and in TensorBoard, and a model that needs no torch."""

import json
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import sync_playwright
from sklearn.datasets import make_moons

from tests.running import run_in
from trainers.report.values import Report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SERVED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name == "torch" or (name.startswith("trainers.") and not name.startswith("trainers.portable")):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
sys.path[:] = [place for place in sys.path if place]
import mlflow, pandas as pd
model = mlflow.sklearn.load_model(sys.argv[1])
rows = pd.read_csv(sys.argv[2])
print(model.predict_proba(rows)[:, 1].tolist())
inner = model.estimator["model"]
try:
    inner.fit([[0.0]], [0])
except TypeError as error:
    print(error)
"""


@dataclass(frozen=True)
class Job:
    """What a job left, and its table."""

    folder: Path
    report: Report
    frame: pd.DataFrame


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, ray_address: str) -> Job:
    folder = tmp_path_factory.mktemp("neural")
    X, y = make_moons(400, noise=0.2, random_state=0)
    site = np.where(np.arange(400) % 3 == 0, "north", "south")
    frame = pd.DataFrame({"speed": X[:, 0], "heat": X[:, 1], "site": site, "bad": y})
    frame.to_csv(folder / "rows.csv", index=False)
    spec = {
        "decision": "d",
        "data": {"uri": str(folder / "rows.csv"), "target": "bad", "positive_class": "1"},
        "split": {"folds": 3},
        "candidates": [{"family": "neural", "params": {"epochs": 20, "width": 32}}],
        "search": {"algorithm": "random", "max_trials": 2},
    }
    return Job(folder, run_in(folder, spec), frame)


@pytest.fixture(scope="module")
def tensorboard(job: Job) -> Iterator[str]:
    """Address of a TensorBoard over the job's curves, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("tensorboard")
    options = [
        "--logdir",
        job.folder / "tensorboard",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--reload_interval",
        "1",
    ]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert any("http://127.0.0.1" in line for line in server.stderr), "TensorBoard did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def test_the_report_has_the_curves_of_every_fold_and_what_they_show(job: Job) -> None:
    (curves,) = job.report.training_curves
    assert (job.report.selected.family, curves.family, len(curves.folds)) == ("neural", "neural", 3)
    for fold in curves.folds:
        assert fold.train_loss[-1] < fold.train_loss[0]
        assert len(fold.learning_rate) == len(fold.gradient_norm) == len(fold.rounds)
    page = (job.folder / "out/report.html").read_text()
    assert "How neural learned" in page
    assert all(remedy in page for remedy in curves.remedies)


def test_mlflow_has_the_curves_with_epochs_as_steps(job: Job) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{job.folder}/mlflow.db")
    experiment = client.get_experiment_by_name("trainwright")
    runs = client.search_runs([experiment.experiment_id])
    (run,) = [run for run in runs if run.info.run_name == "family neural"]
    fold = job.report.training_curves[0].folds[0]
    history = client.get_metric_history(run.info.run_id, "validation_loss/fold-0")
    assert [(each.step, each.value) for each in history] == list(zip(fold.rounds, fold.validation_loss, strict=True))


def test_the_saved_model_predicts_without_torch_and_without_this_project(job: Job) -> None:
    rows = job.frame.drop(columns="bad").head(50)
    rows.to_csv(job.folder / "some.csv", index=False)
    model = job.folder / "out/model"
    assert "torch" not in (model / "requirements.txt").read_text()
    command = [sys.executable, "-c", SERVED, model, job.folder / "some.csv"]
    done = subprocess.run(command, cwd=job.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    served, refused = done.stdout.splitlines()[-2:]
    expected = mlflow.sklearn.load_model(str(model)).predict_proba(rows)[:, 1]
    np.testing.assert_allclose(json.loads(served), expected, rtol=1e-9)
    assert "trainwright-server[neural]" in refused


def test_tensorboard_serves_the_final_fit_and_the_folds(job: Job, tensorboard: str) -> None:
    assert set(runs(tensorboard)) >= {"job/neural/refit", "job/neural/fold-0", "job/neural/fold-2"}
    for tag in ("train_loss", "learning_rate", "gradient_norm"):
        assert len(scalars(tensorboard, "job/neural/refit", tag)) == job.report.selected.params["stop_epoch"]
    with urllib.request.urlopen(f"{tensorboard}/data/plugin/histograms/tags") as answer:
        assert "weights/stem.weight" in json.load(answer)["job/neural/refit"]


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_tensorboard_shows_the_curves_in_a_browser(job: Job, tensorboard: str) -> None:
    runs(tensorboard)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{tensorboard}/#timeseries")
        page.get_by_text("train_loss", exact=True).first.wait_for(timeout=60_000)
        page.get_by_text("job/neural/refit").first.wait_for(timeout=60_000)
        browser.close()


def runs(address: str) -> list[str]:
    """The runs that TensorBoard has read, once it has read any: it answers before it has."""
    while True:
        with urllib.request.urlopen(f"{address}/data/runs") as answer:
            if len(found := json.load(answer)) >= 4:
                return list(found)


def scalars(address: str, run: str, tag: str) -> list[list[float]]:
    with urllib.request.urlopen(f"{address}/data/plugin/scalars/scalars?run={run}&tag={tag}") as answer:
        values: list[list[float]] = json.load(answer)
    return values

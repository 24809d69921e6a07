"""Publishing to a real MLflow store, and what it does when none answers."""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient, pyfunc, sklearn
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.faultpoints import arm, chosen, functions_of
from trainers import outbox, tracking
from trainers.files import LETTER
from trainers.portable.columns import Numbers
from trainers.portable.decision import DecidingClassifier
from trainers.portable.rules import Cut
from trainers.report.plots import Picture
from trainers.report.values import Report, Tracking
from trainers.report.words import explain
from trainers.report.write import write_report
from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState

EXAMPLE = Path(__file__).parents[1] / "unit/trainers/report/binary.json"
X = pd.DataFrame({"speed": np.arange(60), "torque": np.linspace(0, 1, 60)})
Y = (np.arange(60) > 40).astype(int)


def trial(number: int, state: TrialState = TrialState.COMPLETED) -> TrialOutcome:
    study = Study("random_forest", {}, {})
    return TrialOutcome(number, study, {"depth": number, "features": None}, state, (0.1, 0.2, 0.3), 1.5, "because")


TRIALS = [trial(0), trial(1, TrialState.STOPPED), trial(2, TrialState.FAILED)]


@pytest.fixture(scope="module")
def report() -> Report:
    report = Report.from_json(EXAMPLE.read_text())
    return replace(report, explanation=explain(report), selected=replace(report.selected, serialization="skops"))


@pytest.fixture(scope="module")
def decider() -> DecidingClassifier:
    pipeline = make_pipeline(Numbers(), SimpleImputer(), LogisticRegression()).fit(X, Y)
    return DecidingClassifier(pipeline, ["good", "fails"], Cut(0.2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, report: Report, decider: DecidingClassifier) -> Path:
    """A report folder as a run leaves it."""
    folder = tmp_path_factory.mktemp("out")
    tracking.save_model(decider, X.head(), folder / "model")
    (folder / "report.json").write_text(report.to_json())
    (folder / "pictures").mkdir()
    (folder / "pictures" / "roc.svg").write_text("<svg/>")
    return folder


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'deep' / 'mlflow.db'}"


@pytest.fixture
def publish(report: Report, folder: Path, uri: str) -> Callable[..., Tracking]:
    def publish(job: str, register_as: str | None = None, trials: Any = TRIALS) -> Tracking:
        return tracking.publish(report, trials, folder / "model", tracking.Destination(uri, "tests", register_as, job))

    return publish


def runs(uri: str, where: Tracking) -> list[Any]:
    """The job's run and every run below it."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("tests").experiment_id
    below = client.search_runs([experiment], f"tags.`trainwright.parent` = '{where.run_id}'")
    return [client.get_run(where.run_id), *below]


def test_a_job_is_one_run_with_its_candidates_and_trials_below(
    uri: str, publish: Callable[..., Tracking], report: Report, folder: Path
) -> None:
    where = publish("one")
    tracking.attach(where, folder)
    parent, *below = runs(uri, where)
    assert len(below) == len(report.candidates) + len(TRIALS)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["trainwright.job"] == "one"
    assert parent.data.tags["trainwright.serialization"] == "skops"
    assert parent.data.tags["finding.CLASS_IMBALANCE"].startswith("warning: ")
    assert parent.data.tags["test.openings"].endswith("judge the selected model")
    assert parent.data.params["data.fingerprint"] == report.data.fingerprint
    assert parent.data.params["seed"] == "42"
    assert parent.data.params["package.xgboost"] == "3.2.0"
    assert parent.data.metrics["seconds.search"] == report.timings["search"]
    assert parent.inputs.dataset_inputs[0].dataset.digest == report.data.fingerprint[:36]
    files = {item.path for item in MlflowClient(uri).list_artifacts(where.run_id)}
    assert {"report.json", "pictures"} <= files

    named = {run.info.run_name: run for run in below}
    forest, first = named["family random_forest"], named["trial 0 random_forest"]
    assert forest.data.tags["mlflow.parentRunId"] == where.run_id
    assert first.data.tags["mlflow.parentRunId"] == forest.info.run_id
    history = MlflowClient(uri).get_metric_history(first.info.run_id, "average_precision")
    assert [(m.step, m.value) for m in history] == [(0, 0.1), (1, 0.2), (2, 0.3)]
    assert named["trial 1 random_forest"].data.tags["trainwright.state"] == "stopped"
    assert named["trial 2 random_forest"].info.status == "FAILED"


def test_every_run_of_a_tenant_says_whose_it_is(report: Report, folder: Path, uri: str) -> None:
    destination = tracking.Destination(uri, "tests", "owned", "whose", "press-shop")
    where = tracking.publish(report, TRIALS, folder / "model", destination)
    below = runs(uri, where)
    assert len(below) > len(TRIALS)
    assert {run.data.tags["trainwright.tenant"] for run in below} == {"press-shop"}
    version = MlflowClient(uri).get_model_version("owned", where.model_version)
    assert version.tags["trainwright.tenant"] == "press-shop"


def test_publishing_again_changes_nothing(uri: str, publish: Callable[..., Tracking], folder: Path) -> None:
    first = publish("twice", register_as="guard")
    tracking.attach(first, folder)
    count = len(runs(uri, first))
    assert publish("twice", register_as="guard") == first
    assert len(runs(uri, first)) == count
    assert len(MlflowClient(uri).search_model_versions("name = 'guard'")) == 1


def test_what_a_crash_left_unfinished_is_completed(
    uri: str, publish: Callable[..., Tracking], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tracking, "_log_model", crash)
        with pytest.raises(KeyboardInterrupt):
            publish("crashed", trials=TRIALS[:1])
    where = publish("crashed")
    names = [run.info.run_name for run in runs(uri, where)[1:]]
    assert len(names) == len(set(names)) == len(report.candidates) + len(TRIALS)
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("tests").experiment_id
    assert len(client.search_runs([experiment], "tags.`trainwright.job` = 'crashed'")) == 1


def test_the_model_loads_by_every_name_and_decides_as_before(
    uri: str, publish: Callable[..., Tracking], decider: DecidingClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = publish("loads", register_as="loads")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", uri)
    expected = decider.predict(X)
    assert set(expected) == {"good", "fails"}
    for name in (where.model_uri, f"runs:/{where.run_id}/model", f"models:/loads/{where.model_version}"):
        assert list(pyfunc.load_model(name).predict(X)) == list(expected)
    assert sklearn.load_model(where.model_uri).rule == Cut(0.2)


def test_a_whole_number_column_may_be_served_with_a_missing_value(folder: Path) -> None:
    model = pyfunc.load_model(str(folder / "model"))
    rows = X.tail(2)  # not the first: MLflow makes an exception for 0 and 1
    with_gap = rows.assign(speed=[np.nan, 59.0])
    assert list(model.predict(rows)) == ["fails", "fails"]
    assert len(model.predict(with_gap)) == 2


def test_the_model_says_what_it_needs_and_how_it_was_written(folder: Path, tmp_path: Path) -> None:
    needs = [line.partition("==")[0] for line in (folder / "model/requirements.txt").read_text().split()]
    assert needs == ["mlflow", "scikit-learn", "numpy", "pandas", "skops"]
    odd = make_pipeline(FunctionTransformer(lambda frame: frame + 1), LogisticRegression()).fit(X, Y)
    tracking.save_model(odd, X.head(), tmp_path / "model")
    assert "serialization: cloudpickle" in (tmp_path / "model/MLmodel").read_text()
    assert tracking.serialization_of(tmp_path / "model") == "cloudpickle"
    assert "cloudpickle==" in (tmp_path / "model/requirements.txt").read_text()


def posted(folder: Path, uri: str, job: str) -> None:
    """Leaves a letter in a report folder."""
    destination = tracking.Destination(uri, "tests", "posted", job)
    picture = Picture("roc", "ROC", "in words", b"<svg/>")
    outbox.post(folder, destination, TRIALS, (picture,))
    write_report(Report.from_json(EXAMPLE.read_text()), (picture,), folder)


def told(folder: Path) -> Report:
    return Report.from_json((folder / "report.json").read_text())


def test_what_a_server_was_away_for_is_sent_later_and_once(folder: Path, uri: str, tmp_path: Path) -> None:
    out = shutil.copytree(folder, tmp_path / "out")
    posted(out, "http://127.0.0.1:9", "later")
    for _ in range(2):
        with pytest.raises(tracking.TrackingUnavailable):
            outbox.send(out)
        assert [finding.code for finding in told(out).findings].count("NOT_PUBLISHED") == 1
    posted(out, uri, "later")
    outbox.send(out)
    where = told(out).tracking
    assert where is not None
    assert "NOT_PUBLISHED" not in [finding.code for finding in told(out).findings]
    assert not (out / LETTER).exists()
    assert len(runs(uri, where)) == 1 + len(told(out).candidates) + len(TRIALS)
    outbox.send(out)
    assert told(out).tracking == where


PUBLISH = functions_of(
    outbox, tracking.publish, tracking.attach, tracking._parent_run, tracking._log_model, tracking._register
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_between_any_two_statements_it_publishes_once(folder: Path, uri: str, tmp_path: Path) -> None:
    posted(shutil.copytree(folder, tmp_path / "whole"), uri, "whole")
    seen: list[tuple[str, int]] = []
    _send_until(tmp_path / "whole", lambda *point: seen.append(point))
    sys.settrace(None)
    points = sorted(set(seen))
    assert len(points) > 40
    client = MlflowClient(uri)
    for number, point in enumerate(chosen(points)):
        out, job = shutil.copytree(folder, tmp_path / str(number)), f"killed {number}"
        posted(out, uri, job)
        if (child := os.fork()) == 0:
            _send_until(out, lambda *here, point=point: here == point and os.kill(os.getpid(), signal.SIGKILL))
            os._exit(0)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), point
        outbox.send(out)
        where = told(out).tracking
        experiment = client.get_experiment_by_name("tests").experiment_id
        found = client.search_runs([experiment], f"tags.`trainwright.job` = '{job}'")
        assert [run.info.run_id for run in found] == [where.run_id], point
        assert found[0].info.status == "FINISHED", point
        names = [run.info.run_name for run in runs(uri, where)]
        assert len(names) == len(set(names)), point
        assert len(client.search_model_versions(f"run_id = '{where.run_id}'")) == 1, point


def _send_until(out: Path, visit: Callable[..., object]) -> None:
    arm(PUBLISH, visit)
    outbox.send(out)


@pytest.mark.timeout(60)  # with MLflow's own settings each call would take minutes
def test_a_server_that_is_away_is_told_soon(report: Report, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(tracking.TrackingUnavailable, match="did not take the results"):
            tracking.publish(report, [], folder / "model", tracking.Destination(address, "tests", None, "job"))

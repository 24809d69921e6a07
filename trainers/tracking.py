"""Saves the model as MLflow knows it, and publishes a finished run. The only file that knows MLflow.

Everything here may be done again after a crash: what is there already is found by its tags and left as it is. No global
MLflow state is touched; one client carries the address.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read on import: nothing about a run is sent anywhere else

import mlflow.sklearn
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    Experiment,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
    Param,
    Run,
    RunStatus,
)
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature, infer_signature
from mlflow.types.schema import AnyType, ColSpec, Schema

from trainers.packaging import portable_code, requirements, skops_types
from trainers.report.flat import candidate_measures, candidate_parameters, measures, notes, parameters, rounds
from trainers.report.values import CandidateResult, Report, Tracking
from tuning.result import TrialOutcome, TrialState

MODEL = "model"
TENANT = "trainwright.tenant"
# Beside the report folder's model: what is attached to the run.
ATTACHED = ("report.html", "report.md", "report.json", "model_card.md", "predictions.parquet", "pictures")
# With MLflow's own settings an absent server blocks each call for minutes. Whoever sets other values is heard.
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
MOST_METRICS = 1000  # MLflow's limit for one call


class TrackingUnavailable(Exception):  # noqa: N818 - a state of the server, met and passed over
    """The tracking server did not take the results; the message says why. The report folder has them all."""


@dataclass(frozen=True)
class Destination:
    """Where a run is published.

    Attributes:
        uri: MLflow tracking server, or ``sqlite:////folder/mlflow.db``, with its artifacts in ``/folder/artifacts``.
        experiment: Experiment name; created when it is missing.
        register_as: Registered model to add a version to; None registers nothing.
        job: Id of the job.
        tenant: Whose it is; empty: nobody's.
    """

    uri: str
    experiment: str
    register_as: str | None
    job: str
    tenant: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """What everything that is published is tagged with."""
        return {"trainwright.job": self.job, **({TENANT: self.tenant} if self.tenant else {})}


def save_model(estimator: Any, example: pd.DataFrame, folder: Path, optional: Sequence[str] = ()) -> Path:
    """Writes the whole pipeline as an MLflow model that loads without this project installed.

    It is written with skops, which runs no code when loaded; what skops cannot write goes as cloudpickle. The
    model's metadata say which. The estimators of ``trainers.portable`` travel as its code.

    Args:
        estimator: Fitted; predicts from a data frame.
        example: A few rows of features, as the estimator takes them; they become input example and signature.
        folder: Written anew.
        optional: Columns of the example that the model can do without.

    Returns:
        ``folder``.
    """
    types = skops_types(estimator)
    serialization = "cloudpickle" if types is None else "skops"
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as staging:
        mlflow.sklearn.save_model(
            estimator,
            folder,
            code_paths=[portable_code(Path(staging))],
            serialization_format=serialization,
            skops_trusted_types=types,
            signature=_signature(estimator, example, optional),
            input_example=example,
            pip_requirements=requirements(serialization, types),
            metadata={"serialization": serialization},
        )
    return folder


def serialization_of(folder: Path) -> str:
    """How the model in a folder is saved: ``skops``, or ``cloudpickle``, which runs code when it is loaded."""
    return str(mlflow.models.Model.load(folder).metadata["serialization"])


def _signature(estimator: Any, example: pd.DataFrame, optional: Sequence[str]) -> ModelSignature:
    """Columns and types, whole-number and optional columns as any type.

    MLflow takes no float for long, so a served column with a missing value would be refused, and no long for double.
    """
    whole = set(example.select_dtypes("integer").columns)
    found = infer_signature(example.astype(dict.fromkeys(whole, "float64")), estimator.predict(example))
    columns = [
        ColSpec(AnyType() if each.name in {*whole, *optional} else each.type, each.name, each.name not in optional)
        for each in found.inputs
    ]
    return ModelSignature(Schema(columns), found.outputs)


def publish(report: Report, trials: Sequence[TrialOutcome], model: Path, destination: Destination) -> Tracking:
    """Logs a run with nested runs for candidates and trials, and its model; registers the model when asked.

    The run stays open until :func:`attach` has added the report, which names the run.

    Args:
        report: Everything but where it is tracked.
        trials: All trials of the search.
        model: Folder written by :func:`save_model`.
        destination: Where to.

    Returns:
        Where it was put. The same job published again gives the same run, model and version.

    Raises:
        TrackingUnavailable: Soon, when the server is away or refuses.
    """
    with _reachable(destination.uri):
        client = _client(destination.uri)
        experiment = _experiment(client, destination)
        run = _parent_run(client, experiment, report, destination)
        if run.info.status != RunStatus.to_string(RunStatus.FINISHED):
            _log_nested_runs(client, run, report, trials)
        model_id = _log_model(client, run, model)
        return Tracking(
            uri=destination.uri,
            experiment=destination.experiment,
            run_id=run.info.run_id,
            model_uri=f"models:/{model_id}",
            model_version=_register(client, run, model_id, report, destination),
        )


def attach(tracking: Tracking, folder: Path) -> None:
    """Adds report, model card and pictures from the report folder to a published run, and closes it.

    Raises:
        TrackingUnavailable: Soon, when the server is away or refuses.
    """
    with _reachable(tracking.uri):
        client = _client(tracking.uri)
        for name in ATTACHED:
            if (folder / name).exists():
                client.log_artifact(tracking.run_id, str(folder / name))
        client.set_terminated(tracking.run_id)


@contextmanager
def _reachable(uri: str) -> Iterator[None]:
    try:
        yield
    except (MlflowException, OSError) as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise TrackingUnavailable(f"MLflow at {uri} did not take the results: {reason}") from error


def _client(uri: str) -> MlflowClient:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if database := _database(uri):
        database.parent.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _database(uri: str) -> Path | None:
    return Path(uri.removeprefix("sqlite:///")).resolve() if uri.startswith("sqlite:///") else None


def _experiment(client: MlflowClient, destination: Destination) -> Experiment:
    name, database = destination.experiment, _database(destination.uri)
    location = str(database.parent / "artifacts") if database else None
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            client.create_experiment(name, artifact_location=location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another job was quicker
                raise
        experiment = client.get_experiment_by_name(name)
    elif experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return experiment


def _parent_run(client: MlflowClient, experiment: Experiment, report: Report, destination: Destination) -> Run:
    """The job's run: found, or begun with everything that is known about the job as a whole."""
    manifest = report.manifest
    identity = f"{destination.job} {manifest.spec_digest} {manifest.data_fingerprint} {manifest.code_version}"
    key = sha256(identity.encode()).hexdigest()
    found = client.search_runs([experiment.experiment_id], f"tags.`trainwright.key` = '{key}'", max_results=1)
    began = int((time.time() - sum(report.timings.values())) * 1000)
    tags = {
        "trainwright.key": key,
        **destination.tags,
        "trainwright.serialization": report.selected.serialization,
        "mlflow.source.name": "trainwright",
        "mlflow.source.git.commit": manifest.code_version,
        "mlflow.note.content": "\n\n".join(report.explanation),
        **{name: text[:5000] for name, text in notes(report).items()},
    }
    run = (
        found[0]
        if found
        else client.create_run(experiment.experiment_id, began, tags, run_name=f"job {destination.job}")
    )
    if run.info.status == RunStatus.to_string(RunStatus.FINISHED):
        return run
    client.log_batch(run.info.run_id, _job_metrics(report, run.info.start_time), _params(parameters(report)))
    dataset = Dataset(
        name=Path(report.data.uri).name or report.data.uri,
        digest=manifest.data_fingerprint[:36],  # MLflow's limit
        source_type="uri",
        source=report.data.uri,
    )
    client.log_inputs(run.info.run_id, [DatasetInput(dataset)])
    return run


def _job_metrics(report: Report, when: int) -> list[Metric]:
    cv = report.cross_validation
    single = [Metric(name, float(value), when, 0) for name, value in measures(report).items()]
    return [*single, *(Metric(cv.metric, score, when, fold) for fold, score in enumerate(cv.folds))]


@dataclass(frozen=True)
class _Nested:
    """A nested run to be logged: its name is unique below the job's run."""

    name: str
    metric: str
    scores: Sequence[float]
    params: Mapping[str, Any]
    numbers: Mapping[str, float]
    tags: Mapping[str, str]
    failed: bool = False
    rounds: Sequence[tuple[str, int, float]] = ()


def _log_nested_runs(client: MlflowClient, parent: Run, report: Report, trials: Sequence[TrialOutcome]) -> None:
    """A run for each candidate below the job's, and one for each trial below its candidate's."""
    metric = report.cross_validation.metric
    query = f"tags.`trainwright.parent` = '{parent.info.run_id}' AND attributes.status != 'RUNNING'"
    earlier = client.search_runs([parent.info.experiment_id], query, max_results=50_000)
    there = {run.info.run_name: run.info.run_id for run in earlier}

    def log(nested: _Nested, under: str) -> str:
        return there.get(nested.name) or _log_nested(client, parent, nested, under)

    families: dict[str, str] = {}
    for candidate in report.candidates:
        run_id = log(_of_candidate(candidate, report), parent.info.run_id)
        families.setdefault(candidate.family, run_id)
    for trial in trials:
        log(_of_trial(trial, metric), families.get(trial.study.name, parent.info.run_id))


def _of_candidate(candidate: CandidateResult, report: Report) -> _Nested:
    return _Nested(
        name=f"{candidate.kind} {candidate.family}",
        metric=report.cross_validation.metric,
        scores=candidate.folds,
        params=candidate_parameters(report, candidate),
        numbers=candidate_measures(report, candidate),
        tags={"kind": candidate.kind, "rejected_because": candidate.rejected_because},
        rounds=rounds(report, candidate),
    )


def _of_trial(trial: TrialOutcome, metric: str) -> _Nested:
    mean = {} if trial.mean is None else {f"{metric}.mean": trial.mean}
    return _Nested(
        name=f"trial {trial.number} {trial.study.name}",
        metric=metric,
        scores=trial.fold_scores,
        params=trial.params,
        numbers={**mean, "fit_seconds": trial.fit_seconds},
        tags={"kind": "trial", "state": trial.state.value, "reason": trial.reason},
        failed=trial.state is TrialState.FAILED,
    )


def _log_nested(client: MlflowClient, parent: Run, nested: _Nested, under: str) -> str:
    """Logs one nested run in three calls and returns its id."""
    when = parent.info.start_time
    tags = {
        **{f"trainwright.{name}": value[:5000] for name, value in nested.tags.items() if value},
        **{name: value for name, value in parent.data.tags.items() if name == TENANT},
        "trainwright.parent": parent.info.run_id,
        "mlflow.parentRunId": under,
    }
    run_id: str = client.create_run(parent.info.experiment_id, when, tags, run_name=nested.name).info.run_id
    by_fold = [Metric(nested.metric, score, when, fold) for fold, score in enumerate(nested.scores)]
    single = [Metric(name, float(value), when, 0) for name, value in nested.numbers.items()]
    client.log_batch(run_id, [*by_fold, *single], _params(nested.params))
    rest = [Metric(name, value, when, step) for name, step, value in nested.rounds]
    for start in range(0, len(rest), MOST_METRICS):
        client.log_batch(run_id, rest[start : start + MOST_METRICS])
    client.set_terminated(run_id, "FAILED" if nested.failed else "FINISHED")
    return run_id


def _params(values: Mapping[str, Any]) -> list[Param]:
    return [Param(name, str(value)[:6000]) for name, value in values.items()][:100]  # MLflow's limits


def _log_model(client: MlflowClient, run: Run, folder: Path) -> str:
    """Uploads the saved model as the run's logged model, and returns its id.

    The folder is uploaded as it is: mlflow.sklearn.log_model would write the model a second time.
    """
    for output in run.outputs.model_outputs if run.outputs else ():
        if client.get_logged_model(output.model_id).status == LoggedModelStatus.READY:
            return str(output.model_id)
    model = client.create_logged_model(run.info.experiment_id, name=MODEL, source_run_id=run.info.run_id)
    client.log_model_artifacts(model.model_id, str(folder))
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
    return str(model.model_id)


def _register(client: MlflowClient, run: Run, model_id: str, report: Report, destination: Destination) -> str:
    """Adds a version to the registered model when asked, once, and returns it."""
    name = destination.register_as
    if name is None:
        return ""
    for known in client.search_model_versions(f"name = '{name}' and run_id = '{run.info.run_id}'"):
        return str(known.version)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(
        name,
        client.get_logged_model(model_id).artifact_location,
        run.info.run_id,
        tags={**destination.tags, "trainwright.serialization": report.selected.serialization},
        description="\n\n".join(report.explanation),
        model_id=model_id,
    )
    return str(version.version)

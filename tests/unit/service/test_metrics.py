"""What Prometheus sees, and that dashboards and alerts ask for nothing else."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from prometheus_client import generate_latest

from service.jobs import changes
from service.jobs.records import JobError, JobRecord, NewJob, Phase
from service.jobs.states import State
from service.metrics import Metrics

START = datetime(2026, 1, 1, tzinfo=UTC)
MONITORING = Path(__file__).parents[3] / "service/monitoring"


def ended(state: State, error: JobError | None = None, report: dict | None = None) -> JobRecord:
    """A job that waited 10 s and searched for 60."""
    job, _ = changes.accepted(NewJob(spec={}, tenant="press"), "/x", START)
    job, _ = changes.moved(job, State.WAITING_FOR_RESOURCES, START + timedelta(seconds=10))
    search = Phase(State.RUNNING, "search", START + timedelta(seconds=10), START + timedelta(seconds=70))
    return replace(job, state=state, error=error, report=report, history=(*job.history, search))


def value(metrics: Metrics, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (.+)$", generate_latest(metrics.registry).decode(), re.MULTILINE)
    assert found, line
    return float(found[1])


def test_an_ended_job_is_counted_with_its_times_and_fits() -> None:
    metrics = Metrics(dict)
    report = {"search": {"fits": 84, "fits_without_racing": 200, "resumed_fits": 4}}
    metrics.job(ended(State.SUCCEEDED, report=report))
    metrics.job(ended(State.FAILED, error=JobError(13, "lost", "system")))
    assert value(metrics, 'trainwright_jobs_ended_total{error_kind="",state="succeeded",tenant="press"}') == 1
    assert value(metrics, 'trainwright_jobs_ended_total{error_kind="system",state="failed",tenant="press"}') == 1
    assert value(metrics, 'trainwright_queued_seconds_sum{tenant="press"}') == 20
    assert value(metrics, 'trainwright_phase_seconds_sum{phase="search"}') == 120
    assert value(metrics, 'trainwright_fits_total{tenant="press"}') == 80
    assert value(metrics, 'trainwright_fits_saved_total{tenant="press"}') == 120


def test_it_is_served_with_the_jobs_of_the_moment() -> None:
    jobs = {("press", "queued"): 3}
    metrics = Metrics(lambda: jobs)
    metrics.call("GetTrainingJob", "OK", 0.003)
    assert value(metrics, 'trainwright_call_seconds_count{code="OK",method="GetTrainingJob"}') == 1
    jobs[("press", "queued")] = 5
    stop = metrics.serve("127.0.0.1", 0)
    stop()
    assert value(metrics, 'trainwright_jobs{state="queued",tenant="press"}') == 5


def test_dashboards_and_alerts_ask_for_metrics_that_there_are() -> None:
    metrics = Metrics(lambda: {("t", "queued"): 1})
    metrics.job(ended(State.SUCCEEDED, report={"search": {}}))
    metrics.call("GetTrainingJob", "OK", 0.1)
    metrics.dependency("ray", False)
    assert value(metrics, 'trainwright_dependency_up{dependency="ray"}') == 0
    told = set(re.findall(r"^(trainwright_\w+)", generate_latest(metrics.registry).decode(), re.MULTILINE))
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    [group] = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    asked += [rule["expr"] for rule in group["rules"]]
    assert all({"summary", "action"} == set(rule["annotations"]) for rule in group["rules"])
    named = {name for expression in asked for name in re.findall(r"trainwright_\w+", expression)}
    assert len(named) > 8
    assert named <= told

import io
import json
from datetime import UTC, datetime

import pytest
import yaml
from rich.console import Console

from trainwright import decode, render, render_report
from trainwright.messages import from_dict
from trainwright.v1 import report_pb2
from trainwright.values import Finding, JobError, JobInfo, JobState, Plan, Progress


def point(threshold, cost):
    return {"threshold": threshold, "recall": 0.9, "precision": 0.5, "flagged": 0.06, "cost": cost}


REPORT = {
    "decision": "stop machines in time",
    "selected": {"family": "xgboost", "params": {"learning_rate": 0.123456, "max_depth": 4}, "reason": "best by 0.03"},
    "cross_validation": {"metric": "average_precision", "mean": 0.812, "std": 0.02, "folds": [0.79, 0.834]},
    "baseline": {"family": "logistic_regression", "mean": 0.42},
    "threshold": {
        "value": 0.12,
        "policy": "least expected cost",
        "chosen": point(0.12, 800),
        "at_half": point(0.5, 1500),
        "baseline": point(0.05, 3000),
    },
    "test": {
        "rows": 2000,
        "metrics": {"accuracy": 0.99, "average_precision": 0.847},
        "intervals": {"average_precision": {"low": 0.79, "high": 0.89}},
        "baseline_metrics": {"average_precision": 0.42},
        "chosen": point(0.12, 209),
        "at_half": point(0.5, 400),
        "baseline": point(0.05, 612),
    },
    "candidates": [
        {"family": "xgboost", "kind": "family", "mean": 0.812, "std": 0.02, "trials": 12, "selected": True},
        {"family": "stacking", "kind": "ensemble", "mean": 0.81, "rejected_because": "no better and slower"},
    ],
    "insight": {
        "generalisation": {"verdict": "healthy"},
        "slices": {
            "results": [
                {"name": "line = 3", "score": 0.41, "expected": 0.79, "beyond_chance": True},
                {"name": "line = 1", "score": 0.8, "expected": 0.81},
            ]
        },
        "learning_curve": {"next_doubling": 0.012, "next_low": 0.004, "next_high": 0.03},
    },
    "findings": [
        {"code": "CLASS_IMBALANCE", "severity": "warning", "message": "3 % are positive", "action": "weigh classes"},
        {"code": "MISSING", "severity": "info", "message": "no value is missing"},
    ],
    "tracking": {"uri": "sqlite:///s/mlflow.db", "experiment": "ai4i", "run_id": "r1", "model_uri": "models:/m-1"},
}


def drawn(thing):
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(thing)
    return console.file.getvalue()


def finished(report):
    body = decode.whole(from_dict(report_pb2.TrainingReport, report))
    return JobInfo("trainingJobs/a", JobState.SUCCEEDED, report=body, output_uri="/s/jobs/a")


def test_a_report_tells_scores_costs_and_places():
    text = drawn(render_report.report(finished(REPORT)))

    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "average_precision 0.8120 ± 0.0200 (0.7900 to 0.8340) 0.8470 [0.7900, 0.8900] 0.4200" in lines
    assert lines.index("accuracy 0.9900") == 1 + next(
        i for i, line in enumerate(lines) if line.startswith("average_precision")
    )
    assert "0.1200: least expected cost" in lines
    assert "chosen test 0.1200 90.0% 50.0% 6.0% 209" in lines
    assert "at 0.5 out-of-fold 0.5000 90.0% 50.0% 6.0% 1,500" in lines
    assert "On the test rows the chosen threshold costs 209, against 400 at 0.5 and 612 for the baseline." in lines
    assert "parameters learning_rate=0.1235 max_depth=4" in lines
    assert any(line.startswith("stacking ensemble 0.8100") and line.endswith("no better and slower") for line in lines)
    assert "CLASS_IMBALANCE" in text
    assert "carries over healthy" in lines
    assert "weak where line = 3 (0.4100, 0.7900 expected)" in lines
    assert "more rows twice as many would bring about 0.0120 (0.0040 to 0.0300) in average_precision" in lines
    assert "MISSING" not in text
    assert "report /s/jobs/a/report.html" in lines
    assert "TensorBoard tensorboard --logdir /s/tensorboard" in lines
    assert "MLflow mlflow ui --backend-store-uri sqlite:///s/mlflow.db (experiment ai4i, run r1)" in lines
    assert "model models:/m-1" in lines


def test_a_regression_has_no_threshold():
    report = {key: value for key, value in REPORT.items() if key != "threshold"}
    assert "threshold" not in drawn(render_report.report(finished(report))).lower()


def test_without_costs_none_are_told():
    free = {"value": 0.4, "policy": "highest f1", "chosen": point(0.4, 0), "at_half": point(0.5, 0)}
    text = drawn(
        render_report.report(finished({**REPORT, "threshold": free, "test": {"rows": 5, "chosen": point(0.4, 0)}}))
    )
    assert "cost" not in text
    assert "highest f1" in text


def test_a_report_with_nothing_in_it_is_still_drawn():
    assert "Scores" in drawn(render_report.report(finished({})))


def test_a_job_is_drawn_with_its_error():
    job = JobInfo("trainingJobs/a", JobState.FAILED, error=JobError("internal", "the cluster is gone", "system"))
    assert "the cluster is gone (system error)" in drawn(render.job(job))
    assert "trainingJobs/a" not in drawn(render.jobs([job]))


def test_a_plan_is_drawn_with_its_findings():
    planned = Plan(
        {}, "binary", 1200, (0.1, 0.25), (0.0, 0.0), {"rows": 10_000}, {}, (Finding("LEAK", "error", (), "m", "a"),)
    )
    text = drawn(render.plan(planned))
    assert "at most 1,200" in text
    assert "0.10 to 0.25" in text
    assert "GPU" not in text
    assert "error LEAK: m a" in text
    both = Finding("LEAK", "error", (), "m", "a", alternative="b")
    assert "error LEAK: m a Or: b" in drawn(render.finding(both))


@pytest.mark.parametrize(("format", "load"), [(render.Format.JSON, json.loads), (render.Format.YAML, yaml.safe_load)])
def test_programs_read_back_what_is_written(capsys, format, load):
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    job = JobInfo("trainingJobs/ä", JobState.RUNNING, progress=Progress(0.5), create_time=noon, labels={"a": "b"})

    render.show([job], format, str)

    read = load(capsys.readouterr().out)[0]
    assert (read["name"], read["state"], read["labels"]) == ("trainingJobs/ä", "running", {"a": "b"})
    assert read["progress"]["fraction"] == 0.5
    assert datetime.fromisoformat(read["create_time"]) == noon


def test_segments_and_rows_for_a_person_are_told():
    segments = [{"values": ["L"], "threshold": 0.2, "own": True}, {"values": ["H"], "threshold": 0.12}]
    band = {"lower": 0.05, "upper": 0.4, "label": "review", "chosen": {"reviewed": 0.1}}
    threshold = {**REPORT["threshold"], "segment_on": ["Type"], "segments": segments, "band": band}
    shown = drawn(render_report.report(finished({**REPORT, "threshold": {**threshold, "shared": point(0.12, 900)}})))
    assert "By Type: L 0.2000. Others use the one above." in shown
    assert "From 0.0500 to 0.4000 a person decides: 10.0% of the rows." in shown
    assert "one for all" in shown

"""A run is explained from its own parts, for every task, and what is explained can be read."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.explaining import Made, judged_run, table_of
from trainers.data.table import Table, Task
from trainers.deciding import held_out
from trainers.evaluation.learning import DiagnosisSpec
from trainers.insight.explain import explain
from trainers.plan import diagnosis_fits
from trainers.report.compose import Explained, compose
from trainers.report.html import render
from trainers.report.markdown import markdown
from trainers.report.model_card import model_card
from trainers.report.values import Report

ROWS = 400
FAMILIES = dict.fromkeys(Task, "decision_tree") | {Task.BINARY: "hist_gradient_boosting"}
SPEC = {"slices": {"on": ["kind"]}, "diagnosis": {"learning_points": 2, "seeds": 1}}


def make_table(task: Task) -> Table:
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=["first", "second", "noise"])
    features["count"] = rng.integers(0, 30, ROWS)
    features["kind"] = pd.Series(rng.choice(["a", "b", "c"], ROWS), dtype=object)
    score = (2 * features["first"] + features["second"] + 0.3 * rng.normal(size=ROWS)).to_numpy()
    features.loc[::9, "second"] = np.nan
    if task is Task.REGRESSION:
        return table_of(features, score, task)
    return table_of(features, np.digitize(score, [2.0] if task is Task.BINARY else [-1.0, 1.0]), task)


@pytest.fixture(scope="module")
def runs() -> dict[Task, tuple[Made, Explained]]:
    made = {}
    for task in Task:
        spec = {**SPEC, "diagnosis": {**SPEC["diagnosis"], "shap_rows": 12 if task is Task.BINARY else 0}}
        params = {"max_iter": 20} if task is Task.BINARY else {"max_depth": 4}
        run = judged_run(make_table(task), FAMILIES[task], params, **spec)
        made[task] = (run, explain(run.ready, run.found, run.judged, run.here.fit_all))
    return made


@pytest.fixture(scope="module")
def reports(runs: dict[Task, tuple[Made, Explained]]) -> dict[Task, tuple[Report, str]]:
    composed = {}
    for task, (run, explained) in runs.items():
        judged = run.judged
        kept = held_out(run.ready, judged.choice.candidate, judged.decided, judged.rows, judged.predictions)
        report, pictures = compose(run.ready, run.found, judged, explained, {}, kept, None)
        composed[task] = (report, render(report, pictures))
    return composed


@pytest.mark.parametrize("task", Task)
def test_everything_that_a_task_has_is_worked_out(runs, task):
    insight = runs[task][1].insight
    assert insight.generalisation is not None
    assert {slice.name for slice in insight.slices.results} >= {"kind = a", "kind = b", "kind = c"}
    assert [point.rows for point in insight.learning_curve.points] == sorted(
        p.rows for p in insight.learning_curve.points
    )
    assert len(insight.learning_curve.points) == 3
    assert len(insight.seeds.means) == 2
    assert len(insight.hardest) == 5
    assert [row.loss for row in insight.hardest] == sorted((row.loss for row in insight.hardest), reverse=True)
    assert all(len(row.reasons) == 3 for row in insight.hardest)
    assert {each.feature for each in insight.dependences} >= {"first", "second"}
    assert len(insight.interactions) == 6
    assert (insight.label_noise is None) == (task is Task.REGRESSION)
    assert (insight.attributions is None) == (task is not Task.BINARY)


@pytest.mark.parametrize("task", Task)
def test_refits_see_the_training_rows_of_their_fold_alone_and_are_as_many_as_planned(runs, task):
    run = runs[task][0]
    jobs = run.here.jobs[-diagnosis_fits(run.ready) :]
    assert len({job.label for job in jobs}) == len(jobs) == 9
    for i, job in enumerate(jobs):
        fold = run.ready.split.folds[i % 3]
        assert set(job.rows) <= set(fold.train)
        np.testing.assert_array_equal(job.score_rows, fold.validation)
        assert not job.keep_model


def test_hard_rows_are_test_rows_and_doubtful_labels_are_development_rows(runs):
    run, explained = runs[Task.BINARY]
    assert {row.row for row in explained.insight.hardest} <= set(run.judged.rows)
    assert {row.row for row in explained.insight.label_noise.shown} <= set(run.ready.split.development)


@pytest.mark.parametrize("task", Task)
def test_page_markdown_and_card_tell_of_it(reports, task):
    report, page = reports[task]
    for part in ("In short", "What it leans on", "Would more data help?", "The hardest test rows", "Parts of the data"):
        assert part in page
    assert ("Labels in doubt" in page) == bool(report.insight.label_noise and report.insight.label_noise.shown)
    assert ("SHAP" in page) == (task is Task.BINARY)
    text, card = markdown(report), model_card(report)
    for heading in (
        "In short",
        "Options compared",
        "Parts of the data",
        "What it leans on",
        "Scores on the sealed test",
    ):
        assert f"## {heading}\n" in text
    assert "kind = a" in text
    assert f"Parts of the data looked at: {report.insight.slices.looked_at}" in card
    assert Report.from_json(report.to_json()) == report


def test_without_refits_the_report_says_nothing_of_them(reports, runs):
    run = runs[Task.REGRESSION][0]
    spec = run.ready.spec.model_copy(update={"diagnosis": DiagnosisSpec(learning_points=0, seeds=0)})
    before = len(run.here.jobs)
    explained = explain(replace(run.ready, spec=spec), run.found, run.judged, run.here.fit_all)
    assert len(run.here.jobs) == before
    assert explained.insight.learning_curve is None
    assert explained.insight.seeds is None
    report = replace(reports[Task.REGRESSION][0], insight=explained.insight)
    assert "Would more data help?" not in render(report, [])

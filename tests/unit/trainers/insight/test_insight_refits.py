"""Refits take fair shares of the rows, and their findings come where they were planted and nowhere else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.explaining import Made, judged_run, table_of
from trainers.data.table import Task
from trainers.evaluation.diagnosis import Scores
from trainers.insight.refits import diagnose_refits, learning_curve, refit, seed_stability, subject_of
from trainers.report.values import Interval, LearningCurve, LearningPoint, SeedStability

SCORES = Scores("average_precision", 0.9, (0.80, 0.83, 0.81), 0.80, Interval(0.75, 0.85), 0.1)
CURVE = LearningCurve(
    "random_forest", (LearningPoint(100, 0.7, 0.1), LearningPoint(200, 0.8, 0.1)), 0.1, 0.02, 0.05, 0.03, 0.14
)


def run(family: str, rows: int = 300, **spec: object) -> Made:
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["a", "b", "c"])
    features["batch"], features["day"] = np.arange(rows) // 5, rng.permutation(rows)
    y = (features["a"] * features["b"] + 0.3 * rng.normal(size=rows) > 0.3).astype(int).to_numpy()
    return judged_run(table_of(features, y, Task.BINARY), family, {}, **spec)


def jobs(made: Made) -> list[np.ndarray]:
    """Rows of the refits of the first fold, fewest first."""
    subject = subject_of(made.ready, made.found, "decision_tree")
    assert subject is not None
    before = len(made.here.jobs)
    refit(made.ready, subject, made.here.fit_all)
    folds = len(made.ready.split.folds)
    return sorted((job.rows for job in made.here.jobs[before::folds]), key=len)


def test_shares_are_nested_and_keep_the_proportion_of_the_classes():
    made = run("decision_tree", diagnosis={"learning_points": 2, "seeds": 0})
    quarter, half = jobs(made)
    whole, y = made.ready.split.folds[0].train, made.ready.table.target
    assert (len(quarter), len(half)) == (round(len(whole) / 4), round(len(whole) / 2))
    assert set(quarter) < set(half) < set(whole)
    for share in (quarter, half):
        assert y[share].mean() == pytest.approx(y[whole].mean(), abs=1.5 / len(share))


def test_shares_of_grouped_rows_are_whole_groups_but_one():
    made = run("decision_tree", split={"folds": 3, "group_on": ["batch"]}, diagnosis={"learning_points": 1, "seeds": 0})
    (half,) = jobs(made)
    groups, whole = made.ready.split.groups, made.ready.split.folds[0].train
    broken = [g for g in np.unique(groups[half]) if np.sum(groups[half] == g) < np.sum(groups[whole] == g)]
    assert len(broken) <= 1


def test_shares_in_time_are_the_latest_rows():
    made = run("decision_tree", split={"folds": 3, "time_on": "day"}, diagnosis={"learning_points": 1, "seeds": 0})
    (half,) = jobs(made)
    day, whole = made.ready.table.keys["day"].to_numpy(), made.ready.split.folds[0].train
    assert day[half].min() > day[np.setdiff1d(whole, half)].max()


def test_an_ensemble_is_diagnosed_by_its_best_family_and_the_dummy_not_at_all():
    made = run("decision_tree")
    subject = subject_of(made.ready, made.found, "stacking")
    assert subject is not None
    assert subject.family == "decision_tree"
    assert subject_of(made.ready, made.found, "dummy") is None
    assert subject_of(made.ready, made.found, "logistic_regression").outcome.number == 1


def test_a_family_without_chance_gives_the_same_scores_with_any_seed_and_its_own_score_ends_the_curve():
    made = run("logistic_regression", diagnosis={"learning_points": 1, "seeds": 2})
    subject = subject_of(made.ready, made.found, "logistic_regression")
    refitted = refit(made.ready, subject, made.here.fit_all)
    seeds = seed_stability(made.ready, subject, refitted)
    assert len(seeds.means) == 3
    assert seeds.std == 0
    curve = learning_curve(made.ready, subject, refitted)
    assert curve.points[-1].mean == pytest.approx(subject.outcome.mean)
    assert curve.last_doubling == pytest.approx(curve.points[1].mean - curve.points[0].mean)


def test_more_rows_are_asked_for_where_they_would_help():
    [finding] = diagnose_refits(SCORES, CURVE, None)
    assert finding.code == "MORE_ROWS_HELP"
    assert finding.alternative
    assert finding.evidence["next_doubling"] == 0.05
    assert diagnose_refits(SCORES, replace(CURVE, next_low=0.0), None) == ()
    assert diagnose_refits(SCORES, replace(CURVE, next_doubling=0.005, next_low=0.001), None) == ()


def test_a_model_that_hangs_on_its_seed_is_unstable():
    [finding] = diagnose_refits(SCORES, None, SeedStability("decision_tree", (0.81, 0.6, 0.9), 0.15, 0.02))
    assert finding.code == "UNSTABLE_SEEDS"
    assert diagnose_refits(SCORES, None, SeedStability("random_forest", (0.81, 0.815, 0.805), 0.005, 0.02)) == ()


def test_a_share_that_cannot_be_fitted_shortens_the_curve():
    made = run("decision_tree", diagnosis={"learning_points": 3, "seeds": 0})
    subject = subject_of(made.ready, made.found, "decision_tree")
    refitted = refit(made.ready, subject, made.here.fit_all)
    without = [each for each in refitted if each.share != 0.25]
    assert len(learning_curve(made.ready, subject, refitted).points) == 4
    assert len(learning_curve(made.ready, subject, without).points) == 2

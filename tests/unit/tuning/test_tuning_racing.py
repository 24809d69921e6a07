import math

import numpy as np
import pytest

from tuning.objective import FoldResult
from tuning.racing import Race
from tuning.trial import Trial

FOLDS, ROWS = 5, 100


class Rows:
    """Predictions are scores of rows, so that the difference is a mean of paired differences."""

    folds = FOLDS

    def __init__(self, seed=0, better=0.0):
        self.rng = np.random.default_rng(seed)
        self.better = better

    def evaluate(self, study, params, fold):
        rows = self.rng.normal(self.better, 1.0, ROWS)
        return FoldResult(rows.mean(), 0.0, rows)

    def difference(self, ours, theirs):
        difference = np.concatenate(ours) - np.concatenate(theirs)
        return difference.mean(), difference.std(ddof=1) / math.sqrt(len(difference))


def run(objective, rival):
    trial = Trial(objective, "s", {}, Race(FOLDS), rival)
    while not trial.ended:
        trial.advance()
    return trial


def stopped_share(better, repeats=400):
    stopped = 0
    for seed in range(repeats):
        objective = Rows(seed, better)
        rival = [objective.rng.normal(0.0, 1.0, ROWS) for _ in range(FOLDS)]
        stopped += bool(run(objective, rival).verdict)
    return stopped / repeats


def test_an_equal_trial_is_stopped_no_more_often_than_the_stated_bound():
    # Three standard errors of a share of 0.05 over 400 repeats.
    assert stopped_share(0.0) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_a_better_trial_is_hardly_ever_stopped_and_a_worse_one_nearly_always():
    assert stopped_share(0.3, 200) <= 0.01
    assert stopped_share(-0.5, 200) >= 0.95


def test_a_bad_trial_stops_after_its_first_fold_and_says_why():
    objective = Rows(better=-2.0)
    trial = run(objective, [np.zeros(ROWS)] * FOLDS)
    assert len(trial.predictions) == 1
    assert "after 1 of 5 folds" in trial.verdict


def test_without_a_rival_all_folds_are_fitted():
    trial = run(Rows(better=-2.0), None)
    assert len(trial.predictions) == FOLDS
    assert not trial.verdict


def test_after_the_last_fold_nothing_is_stopped():
    objective = Rows()
    assert Race(FOLDS).verdict(objective, [np.full(ROWS, -9.0)] * FOLDS, [np.zeros(ROWS)] * FOLDS) == ""


@pytest.mark.parametrize(("difference", "error"), [(math.nan, 1.0), (-1.0, math.nan), (-1.0, 1.0), (1.0, 0.0)])
def test_what_is_undefined_or_could_be_chance_is_not_behind(difference, error):
    assert not Race(FOLDS).behind(difference, error)


def test_more_looks_ask_for_more_evidence():
    assert Race(10).quantile > Race(5).quantile > Race(2).quantile
    assert Race(2).quantile == pytest.approx(1.645, abs=1e-3)


class Broken(Rows):
    def evaluate(self, study, params, fold):
        if fold == 1:
            raise ValueError("no such solver")
        return super().evaluate(study, params, fold)


class Infinite(Rows):
    def evaluate(self, study, params, fold):
        return FoldResult(math.inf, 0.0, np.zeros(ROWS))


def test_an_exception_ends_the_trial_with_its_text():
    trial = run(Broken(), None)
    assert trial.failure == "ValueError: no such solver"
    assert len(trial.predictions) == 1


def test_a_score_that_is_not_finite_is_a_failure():
    trial = run(Infinite(), None)
    assert "not a finite number" in trial.failure
    assert trial.predictions == []

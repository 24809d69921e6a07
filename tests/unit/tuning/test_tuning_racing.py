import math

import numpy as np
import pytest

from tuning.objective import FoldResult
from tuning.racing import Race, overdispersion
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


def race(better, seed):
    """A trial that is ``better`` than its rival by so much on average: whether it stopped, and whether it would have won."""
    objective = Rows(seed, better)
    rival = [objective.rng.normal(0.0, 1.0, ROWS) for _ in range(FOLDS)]
    trial = run(objective, rival)
    stopped = bool(trial.verdict)
    trial.rival = None
    while len(trial.predictions) < FOLDS:
        trial.advance()
    return stopped, np.mean(trial.predictions) > np.mean(rival)


def test_a_stopped_trial_would_hardly_ever_have_won():
    better = np.random.default_rng(3).normal(0.0, 0.3, 1500)
    would_have_won = [won for stopped, won in (race(b, seed) for seed, b in enumerate(better)) if stopped]
    look = Race(FOLDS).error / (FOLDS - 1)
    assert len(would_have_won) > 500
    assert np.mean(would_have_won) <= look + 3 * math.sqrt(look / len(would_have_won))


def test_a_better_trial_is_hardly_ever_stopped_and_a_worse_one_nearly_always():
    assert np.mean([race(0.3, seed)[0] for seed in range(200)]) <= 0.02
    assert np.mean([race(-0.5, seed)[0] for seed in range(200)]) >= 0.95


def test_the_last_look_is_stricter_as_less_can_change():
    objective = Rows()
    objective.difference = lambda ours, theirs: (-1.0, 0.7)
    early = Race(FOLDS).verdict(objective, [np.zeros(ROWS)], [np.zeros(ROWS)] * FOLDS)
    late = Race(FOLDS).verdict(objective, [np.zeros(ROWS)] * 4, [np.zeros(ROWS)] * FOLDS)
    assert not early
    assert late


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
    assert Race(2).quantile == pytest.approx(1.2816, abs=1e-3)


def unstable(seed, pairs=20, instability=0.15):
    """Pairs of configurations whose folds differ by more than their rows tell: scores by fold, and standard errors."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(pairs):
        rows = rng.normal(0.0, 1.0, (FOLDS, ROWS)) + rng.normal(0.0, instability, (FOLDS, 1))
        found.append((rows.mean(axis=1), np.zeros(FOLDS), rows.std() / math.sqrt(rows.size)))
    return found


def test_folds_that_differ_beyond_their_rows_widen_the_standard_error():
    calm = Race(FOLDS).learned([overdispersion(*pair) for pair in unstable(1, instability=0.0, pairs=300)])
    wide = Race(FOLDS).learned([overdispersion(*pair) for pair in unstable(1, pairs=300)])
    assert calm.inflation == pytest.approx(1.0, abs=0.05)
    assert wide.inflation == pytest.approx(math.sqrt(1 + 0.15**2 * ROWS), rel=0.05)
    assert calm.behind(-0.25, 0.1)
    assert not wide.behind(-0.25, 0.1)
    assert Race(FOLDS).learned([0.1]).inflation == 1.0


def test_rows_that_explain_nothing_teach_nothing():
    assert math.isnan(overdispersion([0.5, 0.6], [0.5, 0.6], 0.0))


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

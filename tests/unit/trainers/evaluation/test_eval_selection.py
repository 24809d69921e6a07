"""The simplest good candidate wins, limits come first, and every loser hears why."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainers.data.load import Task
from trainers.errors import NoModelError
from trainers.evaluation.cost import Cost
from trainers.evaluation.metrics import metric
from trainers.evaluation.selection import Candidate, Choice, Preference, RequirementsSpec, WorstSlice, select
from trainers.families.family import Explainability

METRIC = metric("roc_auc", Task.BINARY)
RNG = np.random.default_rng(0)
Y_FOLDS = [np.concatenate([np.ones(60), np.zeros(140)]).astype(int) for _ in range(3)]
SHARED = [RNG.random(200) for _ in range(3)]  # noise that all models have in common, as models of one table do


def candidate(family: str, skill: float, complexity: int, kind: str = "family", own: float = 0.05) -> Candidate:
    """A candidate whose scores grow with its skill."""
    rng = np.random.default_rng(complexity)
    predictions = tuple(skill * y + s + own * rng.random(200) for y, s in zip(Y_FOLDS, SHARED, strict=True))
    scores = tuple(METRIC.score(y, p) for y, p in zip(Y_FOLDS, predictions, strict=True))
    return Candidate(family, kind, {}, scores, predictions, complexity)


DUMMY = replace(
    candidate("dummy", 0.0, 0, "baseline"), fold_scores=(0.5, 0.5, 0.5), predictions=(np.full(200, 0.3),) * 3
)
LINEAR = candidate("logistic_regression", 0.3, 1, "baseline")
FOREST = candidate("random_forest", 0.6, 3)
BOOSTING = candidate("xgboost", 0.62, 4)
NONE = RequirementsSpec()
CHEAP = Cost(latency_ms=1.0, latency_p99_ms=2.0, batch_latency_ms=9.0, memory_mb=150.0, model_mb=0.1)


def choose(*candidates: Candidate, requirements: RequirementsSpec = NONE) -> Choice:
    return select(candidates, requirements, METRIC, Y_FOLDS)


def costing(candidate: Candidate, **cost: float) -> Candidate:
    return replace(candidate, cost=replace(CHEAP, **cost))


def why(choice: Choice, family: str) -> str:
    [reason] = [r.rejected_because for r in choice.results if r.family == family]
    return reason


def test_a_clearly_better_candidate_wins_though_it_is_complex() -> None:
    choice = choose(DUMMY, LINEAR, FOREST)
    assert choice.candidate is FOREST
    assert "Best mean roc_auc" in choice.reason
    assert "below random_forest" in why(choice, "logistic_regression")


def test_a_simpler_candidate_within_one_standard_error_wins() -> None:
    close = candidate("random_forest", 0.6, 3, own=0.6)
    better = candidate("xgboost", 0.6, 4, own=0.6)
    better, close = sorted((better, close), key=lambda c: c.mean, reverse=True)
    complex_, simple = replace(better, family="xgboost", complexity=4), replace(close, family="tree", complexity=2)
    choice = choose(LINEAR, complex_, simple)
    assert choice.candidate is simple
    assert "simplest of 2" in choice.reason
    assert "within" not in why(choice, "xgboost")
    assert "simpler" in why(choice, "xgboost")
    assert choice.results[0].difference == pytest.approx(complex_.mean - simple.mean)


def test_the_same_gap_is_decisive_when_the_models_agree_on_every_row() -> None:
    """Pairing: against a shared background even a small, consistent gain is more than one standard error."""
    small_gain = candidate("xgboost", 0.66, 4, own=0.0)
    choice = choose(LINEAR, candidate("random_forest", 0.6, 3, own=0.0), small_gain)
    assert choice.candidate is small_gain


def test_differences_are_against_the_chosen_one_and_best_comes_first() -> None:
    choice = choose(DUMMY, LINEAR, FOREST, BOOSTING)
    means = [r.mean for r in choice.results]
    assert means == sorted(means, reverse=True)
    for result in choice.results:
        assert result.difference == pytest.approx(result.mean - choice.candidate.mean)
        assert (result.difference_se > 0) != result.selected
        assert bool(result.rejected_because) != result.selected
    assert [r.selected for r in choice.results].count(True) == 1


def test_a_latency_limit_excludes_the_best_scorer_and_says_so() -> None:
    fast, slow = replace(LINEAR, cost=CHEAP, kind="family"), costing(FOREST, latency_ms=80.0)
    choice = choose(DUMMY, fast, slow, requirements=RequirementsSpec(max_latency_ms=50))
    assert choice.candidate is fast
    assert why(choice, "random_forest") == "Takes 80 ms to predict one row; at most 50 ms is allowed."


def test_a_size_limit_excludes_too_and_what_was_not_measured_cannot_pass() -> None:
    small, large = replace(LINEAR, cost=CHEAP), costing(FOREST, model_mb=150.0)
    choice = choose(small, large, BOOSTING, requirements=RequirementsSpec(max_model_mb=100))
    assert choice.candidate is small
    assert "150 MB" in why(choice, "random_forest")
    assert "not measured" in why(choice, "xgboost")


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"max_latency_p99_ms": 50}, "Takes 60 ms to predict the slowest of 100 rows; at most 50 ms is allowed."),
        ({"max_batch_latency_ms": 100}, "Takes 400 ms to predict 1,000 rows; at most 100 ms is allowed."),
        ({"max_memory_mb": 500}, "Takes 700 MB to run; at most 500 MB is allowed."),
        ({"min_worst_slice": 0.5}, "Scores 0.4 where Type = L (90 rows); at least 0.5 is required of each part."),
        ({"max_refit_seconds": 30}, "Takes 40 s to fit again; at most 30 s is allowed."),
        (
            {"min_explainability": Explainability.HIGH},
            "Can be followed by a reader only to a medium degree; high is required.",
        ),
    ],
)
def test_every_limit_excludes_and_says_so(limit: dict[str, Any], told: str) -> None:
    dear = costing(FOREST, latency_p99_ms=60.0, batch_latency_ms=400.0, memory_mb=700.0)
    weak, even = WorstSlice("Type = L", 0.4, 90), WorstSlice("Type = M", 0.6, 80)
    dear = replace(dear, refit_seconds=40.0, explainability=Explainability.MEDIUM, worst_slice=weak)
    cheap = replace(LINEAR, cost=CHEAP, refit_seconds=1.0, explainability=Explainability.HIGH, worst_slice=even)
    choice = choose(DUMMY, cheap, dear, requirements=RequirementsSpec(**limit))
    assert choice.candidate is cheap
    assert why(choice, "random_forest") == told
    assert choose(DUMMY, cheap, dear).candidate is dear


def test_the_best_is_chosen_over_a_simpler_one_that_is_level_when_asked() -> None:
    simple, complex_ = candidate("tree", 0.6, 2, own=0.6), candidate("xgboost", 0.6, 4, own=0.6)
    worse, better = sorted((simple, complex_), key=lambda c: c.mean)
    simple, complex_ = replace(worse, family="tree", complexity=2), replace(better, family="xgboost", complexity=4)
    assert choose(LINEAR, simple, complex_).candidate is simple
    choice = choose(LINEAR, simple, complex_, requirements=RequirementsSpec(prefer=Preference.BEST))
    assert choice.candidate is complex_
    assert "though 1 simpler" in choice.reason
    assert "requirements.prefer asks for the best" in why(choice, "tree")


def test_the_margin_over_the_baseline_is_kept() -> None:
    choice = choose(DUMMY, LINEAR, FOREST, requirements=RequirementsSpec(must_beat_baseline_by=0.01))
    assert choice.candidate is FOREST
    assert "at least +0.01 is required" in why(choice, "logistic_regression")


def test_nothing_good_enough_names_the_nearest() -> None:
    with pytest.raises(NoModelError) as caught:
        choose(DUMMY, LINEAR, FOREST, requirements=RequirementsSpec(must_beat_baseline_by=0.5))
    told = str(caught.value)
    assert told.index("random_forest") < told.index("logistic_regression")
    assert "at least +0.5 is required" in told
    assert "dummy" not in told


def test_the_candidate_that_breaks_fewest_limits_is_the_nearest() -> None:
    slow_and_large = costing(FOREST, latency_ms=90.0, model_mb=900.0)
    slow = costing(candidate("decision_tree", 0.4, 2), latency_ms=70.0)
    limits = RequirementsSpec(max_latency_ms=50, max_model_mb=100, must_beat_baseline_by=0.01)
    with pytest.raises(NoModelError) as caught:
        choose(LINEAR, slow_and_large, slow, requirements=limits)
    assert str(caught.value).index("decision_tree") < str(caught.value).index("random_forest")


def test_a_linear_baseline_that_nothing_beats_is_chosen_when_no_margin_is_asked() -> None:
    worse = candidate("random_forest", 0.2, 3)
    assert choose(DUMMY, LINEAR, worse).candidate is LINEAR


def test_the_dummy_is_never_chosen() -> None:
    worse = replace(LINEAR, fold_scores=(0.4, 0.4, 0.4))
    with pytest.raises(NoModelError):
        choose(DUMMY, worse)


def test_a_candidate_without_a_score_is_out() -> None:
    broken = replace(BOOSTING, fold_scores=(0.9, float("nan"), 0.9))
    choice = choose(LINEAR, FOREST, broken)
    assert choice.candidate is FOREST
    assert "no score" in why(choice, "xgboost")

"""What a report says of ensembles: in words, in the page, in a picture, and as names and values for MLflow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainers.report import words
from trainers.report.flat import candidate_measures, candidate_parameters
from trainers.report.html import render
from trainers.report.plots import Scored, pictures
from trainers.report.values import CandidateResult, Correlations, DroppedMember, EnsembleResult, Member, Report

STACK = EnsembleResult(
    kind="stacking",
    members=(Member("random_forest", 0.75), Member("logistic_regression", 0.25)),
    dropped=(DroppedMember("svm", "It broke."),),
    best_single="random_forest",
    gain=0.0125,
    gain_se=0.004,
    extra_latency_ms=3.5,
    extra_model_mb=-0.25,
    error_correlation=0.62,
    error_correlations=(Correlations((1.0, 0.62)), Correlations((0.62, 1.0))),
    rows_left_out=812,
    fits=31,
)
ENTRY = CandidateResult("stacking", "ensemble", {"layers": 1}, 0.9, 0.01, (0.9,))


@pytest.fixture
def report() -> Report:
    plain = Report.from_json((Path(__file__).parent / "binary.json").read_text())
    return replace(plain, ensembles=(replace(STACK, kind="weighted", gain=-0.01), STACK))


def test_words_tell_what_the_best_ensemble_gained_and_costs(report: Report) -> None:
    told = words.ensembles(report)
    assert "stacking gained 0.013 (standard error 0.004) against the best single model, random forest" in told
    assert "3.50 ms more to predict a row and 0.250 MB less to store" in told
    assert "It was not chosen" in told
    chosen = replace(report, selected=replace(report.selected, family="weighted"))
    assert "weighted lost 0.010" in words.ensembles(chosen)
    assert words.ensembles(replace(report, ensembles=())) == ""


def test_the_page_lists_members_and_who_was_left_out(report: Report) -> None:
    page = render(report, ())
    assert "random forest 0.750, logistic regression 0.250" in page
    assert "svm: It broke." in page
    assert "812 rows without an out-of-fold prediction" in page
    assert "−0.250 MB" in page


def test_the_picture_says_how_alike_members_miss(report: Report) -> None:
    rng = np.random.default_rng(0)
    scored = Scored("sealed test", rng.integers(0, 2, 50), rng.random(50))
    drawn = {picture.name: picture for picture in pictures(report, scored, scored)}
    assert "correlate at 0.620 on average" in drawn["diversity_stacking"].text
    alone = replace(report, ensembles=(replace(STACK, error_correlations=()),))
    assert "diversity_stacking" not in [picture.name for picture in pictures(alone, scored, scored)]


def test_trackers_get_members_and_gains_of_an_ensemble_and_only_of_one(report: Report) -> None:
    assert candidate_parameters(report, ENTRY) == {
        "layers": 1,
        "member.1": "random_forest, weight 0.75",
        "member.2": "logistic_regression, weight 0.25",
        "dropped.1": "svm: It broke.",
    }
    assert candidate_measures(report, ENTRY)["error_correlation"] == 0.62
    assert "out_of_bag" not in candidate_measures(report, ENTRY)
    single = replace(ENTRY, kind="family")
    assert "gain" not in candidate_measures(report, single)
    assert candidate_parameters(report, single) == {"layers": 1}

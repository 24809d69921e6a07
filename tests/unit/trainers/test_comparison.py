"""Two runs beside each other: better, worse and level are told apart, and what cannot be compared is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainers.comparison import compare
from trainers.earlier import Run, read_folder, read_run
from trainers.errors import SpecError
from trainers.evaluation.metrics import to_labels
from trainers.predictions import TEST, Predictions
from trainers.report.beside_parent import beside_parent
from trainers.report.glossary import number, percent
from trainers.report.html import render
from trainers.report.values import Comparison, CrossValidation, Report
from trainers.report.words import explain

FOLDS, ROWS = 4, 300
RNG = np.random.default_rng(0)
TRUTH = (RNG.random(FOLDS * ROWS + 100) < 0.2).astype(int)
FOLD = np.repeat([*range(FOLDS), TEST], [*[ROWS] * FOLDS, 100])
NOISE = RNG.random(len(TRUTH))


def predictions(skill: float, seed: int = 1) -> Predictions:
    own = np.random.default_rng(seed).random(len(TRUTH))
    values = np.clip(0.5 * skill * TRUTH + 0.4 * NOISE + 0.1 * own, 0, 1)
    decided = to_labels(values, 0.5)
    return Predictions(np.arange(len(TRUTH)), FOLD, TRUTH, values, decided, ("0", "1"))


def run(name: str, kept: Predictions | None, **spec: Any) -> Run:
    report = Report.from_json((Path(__file__).parent / "report/binary.json").read_text())
    manifest = replace(report.manifest, spec={"search": {"max_trials": 4}, **spec}, spec_digest=str(spec))
    scores = CrossValidation("average_precision", 0.5, 0.1, (0.5,) * FOLDS)
    return Run(name, replace(report, manifest=manifest, cross_validation=scores), kept)


BASE = run("base", predictions(0.5))


@pytest.mark.parametrize(
    ("kept", "verdict", "told"),
    [
        (predictions(0.9), "better", "it helped"),
        (predictions(0.1), "worse", "it did harm"),
        (predictions(0.5, seed=2), "level", "no difference that these rows can show"),
    ],
)
def test_the_verdict_is_that_of_the_paired_difference(kept: Predictions, verdict: str, told: str) -> None:
    found = compare(BASE, run("next", kept, search={"max_trials": 9}))
    assert (found.verdict, found.paired) == (verdict, True)
    assert told in " ".join(found.summary)
    assert found.difference_se > 0


def test_a_run_is_level_with_itself_and_nothing_flips() -> None:
    found = compare(BASE, BASE)
    assert (found.verdict, found.difference, found.changes) == ("level", 0.0, ())
    assert found.flips is not None
    assert (found.flips.flipped, found.flips.p_value) == (0, 1.0)
    assert "Nothing that can change results differs" in found.summary[0]


def test_chance_alone_is_seldom_called_a_gain() -> None:
    found = [compare(BASE, run("next", predictions(0.5, seed=seed))).verdict for seed in range(2, 42)]
    assert found.count("level") >= 34  # two standard errors: 5 % of 40 expected


def test_flips_are_counted_for_better_and_for_worse_on_held_out_rows_alone() -> None:
    decided = BASE.predictions.decided.copy()  # type: ignore[union-attr]
    wrong = np.flatnonzero((decided != TRUTH) & (FOLD != TEST))[:3]
    right = np.flatnonzero((decided == TRUTH) & (FOLD != TEST))[:1]
    sealed = np.flatnonzero(FOLD == TEST)[:5]
    for rows in (wrong, right, sealed):
        decided[rows] = 1 - decided[rows]
    found = compare(BASE, run("next", replace(predictions(0.5), decided=decided))).flips
    assert found is not None
    assert (found.rows, found.flipped, found.now_right, found.now_wrong) == (FOLDS * ROWS, 4, 3, 1)
    assert found.examples == tuple(sorted((*wrong, *right)))
    assert found.p_value == pytest.approx(0.625)  # two-sided sign test of 3 in 4


def test_costs_are_those_of_the_decisions_at_one_set_of_prices() -> None:
    prices = {"expected_cost": {"false_negative": 20, "false_positive": 1}}
    found = compare(BASE, run("next", predictions(0.9), threshold=prices))
    held_out, kept = FOLD != TEST, predictions(0.9).decided
    missed = ((TRUTH == 1) & (kept == 0) & held_out).sum()
    alarms = ((TRUTH == 0) & (kept == 1) & held_out).sum()
    assert found.cost == 20 * missed + alarms
    assert found.reference_cost is not None
    assert compare(BASE, run("next", predictions(0.9))).cost is None
    by_row = {"expected_cost": {**prices["expected_cost"], "false_negative_column": "value"}}
    assert compare(BASE, run("next", predictions(0.9), threshold=by_row)).cost is None, "a row's own price is not kept"


def test_one_change_is_credited_and_several_are_not() -> None:
    one = compare(BASE, run("next", predictions(0.9), search={"max_trials": 9}))
    assert [(c.path, c.was, c.now) for c in one.changes] == [("search.max_trials", "4", "9")]
    assert one.summary[0] == "One thing was changed against base: search.max_trials (4 → 9)."
    two = compare(BASE, run("next", predictions(0.9), search={"max_trials": 9}, decision="other"))
    assert "cannot be told apart" in two.summary[0]


def unlike(kind: str) -> Run:
    kept = predictions(0.9)
    if kind == "folds":
        return run("next", replace(kept, folds=np.roll(kept.folds, 7)))
    if kind == "none":
        return run("next", None)
    if kind == "truth":
        return run("next", replace(kept, truth=1 - kept.truth))
    other = run("next", kept)
    manifest = replace(other.report.manifest, data_fingerprint="other")
    return replace(other, report=replace(other.report, manifest=manifest))


def test_the_report_tells_and_draws_the_change() -> None:
    ours = run("this run", predictions(0.9), search={"max_trials": 9})
    report = replace(ours.report, comparison=compare(BASE, ours))
    page = render(report, ())
    assert "Did the change help?" in page
    assert "search.max_trials" in page
    assert "it helped" in " ".join(explain(report))
    [picture] = beside_parent(BASE.report, report)
    chosen = report.threshold.chosen  # type: ignore[union-attr]
    assert f"This run: {number(chosen.cost)} at {percent(chosen.flagged)}" in picture.text
    assert "Did the change help?" not in render(ours.report, ())
    assert not list(beside_parent(replace(BASE.report, threshold=None), report))


@pytest.mark.parametrize("kind", ["folds", "none", "truth", "table"])
def test_what_was_not_scored_on_the_same_rows_gets_no_verdict(kind: str) -> None:
    found: Comparison = compare(BASE, unlike(kind))
    assert (found.paired, found.verdict, found.flips, found.cost) == (False, "unknown", None, None)
    assert "cannot be said" in " ".join(found.summary)


def test_another_metric_is_worked_out_from_the_kept_predictions() -> None:
    scores = CrossValidation("roc_auc", 0.9, 0.1, (0.9,) * FOLDS)
    other = run("next", predictions(0.5))
    found = compare(BASE, replace(other, report=replace(other.report, cross_validation=scores)))
    assert found.metric == "roc_auc"
    assert found.reference_mean > BASE.report.cross_validation.mean


@pytest.mark.parametrize("classes", [("no", "yes"), ("a", "b", "c"), ()])
def test_predictions_come_back_as_they_were_kept(tmp_path: Path, classes: tuple[str, ...]) -> None:
    n, k = 12, len(classes)
    truth = np.arange(n) % k if k else RNG.random(n)
    values = RNG.dirichlet(np.ones(k), n) if k > 2 else RNG.random(n)
    decided = truth if k else values
    kept = Predictions(np.arange(n)[::-1], np.arange(n) % 3 - 1, truth, values, decided, classes, np.arange(n) // 2)
    kept.save(tmp_path)
    (tmp_path / "report.json").write_text(BASE.report.to_json())
    back = read_folder("x", tmp_path).predictions
    assert back is not None
    assert back.classes == classes
    for name in ("rows", "folds", "truth", "values", "decided", "groups"):
        np.testing.assert_allclose(getattr(back, name), getattr(kept, name))


def test_a_parent_is_found_among_the_jobs_alone(tmp_path: Path) -> None:
    (tmp_path / "jobs/abc").mkdir(parents=True)
    (tmp_path / "jobs/abc/report.json").write_text(BASE.report.to_json())
    assert read_run("abc", tmp_path / "jobs").predictions is None
    assert read_run("trainingJobs/abc", tmp_path / "jobs").report == BASE.report
    assert read_run(str(tmp_path / "jobs/abc/report.json"), None).report == BASE.report
    for reference in ("../abc", "no", "trainingJobs/../jobs/abc"):
        with pytest.raises(SpecError, match="has no report"):
            read_run(reference, tmp_path / "jobs")
    with pytest.raises(SpecError, match="there is no report at"):
        read_run(str(tmp_path), None)

"""A run on rare positives, resampled, with nested cross-validation."""

import numpy as np
import pandas as pd
import pytest

from tests.running import run_in
from trainers.report.values import Report

FOLDS = 3


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, ray_address: str) -> Report:
    """Of a table with 8 % positives."""
    folder = tmp_path_factory.mktemp("rare")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    risk = 1 / (1 + np.exp(3.5 - 2 * x[:, 0]))
    frame = pd.DataFrame(x, columns=["heat", "wear", "load"]).round(4)
    frame.assign(fault=(rng.random(600) < risk).astype(int)).to_csv(folder / "parts.csv", index=False)
    spec = {
        "decision": "stop the part",
        "data": {"uri": str(folder / "parts.csv"), "target": "fault"},
        "split": {"folds": FOLDS, "nested": True},
        "candidates": [{"family": "decision_tree"}],
        "search": {"algorithm": "random", "max_trials": 2},
        "resample": {"method": "smote"},
        "diagnosis": {"learning_points": 0, "seeds": 0},
    }
    return run_in(folder, spec)


def test_the_search_is_judged_without_each_fold(report: Report) -> None:
    outer = report.nested
    assert outer is not None
    assert [fold.fold for fold in outer.folds] == list(range(FOLDS))
    assert outer.mean == pytest.approx(np.mean([fold.score for fold in outer.folds]))
    assert outer.optimism == pytest.approx(np.mean(report.cross_validation.folds) - outer.mean)
    assert outer.agreement * FOLDS == sum(fold.family == outer.family for fold in outer.folds)
    assert any("nested cross-validation" in paragraph for paragraph in report.explanation)
    assert report.timings["nested"] > 0


def test_probabilities_are_corrected_for_the_resampling_and_both_are_shown(report: Report) -> None:
    assert report.calibration is not None
    assert report.calibration.uncorrected is not None
    assert report.calibration.corrected.expected_error < report.calibration.uncorrected.expected_error
    for fold in report.split.folds:
        assert len(set(fold.resampled_class_counts.values())) == 1
        assert len(set(fold.train_class_counts.values())) == 2

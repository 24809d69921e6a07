"""Calibration is kept where it helps and not on noise; nothing of a fold has a part in correcting it."""

import numpy as np
import pytest

from tests.deciding import folds_of
from trainers.evaluation import calibrate as room
from trainers.evaluation.calibrate import Calibrated, calibrate
from trainers.evaluation.calibration import CalibrationMethod, reliability
from trainers.evaluation.crossfit import CrossFit
from trainers.portable.calibration import CorrectedClassifier

AUTO = CalibrationMethod.AUTO
IDS = np.arange(2000) % 5


def run(
    y: np.ndarray, p: np.ndarray, method: CalibrationMethod = AUTO, folds: CrossFit | None = None, k: int = 2
) -> Calibrated:
    order = np.argsort(IDS, kind="stable")
    y, p, ids = y[order], p[order], IDS[order]
    parts = [np.flatnonzero(ids == fold) for fold in range(5)]
    return calibrate(
        "model", [y[rows] for rows in parts], [p[rows] for rows in parts], folds or folds_of(ids), None, method, k
    )


def overconfident(seed: int, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Rows with probabilities twice as far from even as they should be, in log-odds."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(np.full(k, 1.0), 2000)
    y = np.array([rng.choice(k, p=row) for row in true])
    sharp = true**2 / (true**2).sum(axis=1, keepdims=True)
    return y, sharp[:, 1] if k == 2 else sharp


@pytest.mark.parametrize(("k", "method"), [(2, "sigmoid"), (3, "temperature")])
def test_overconfident_probabilities_are_corrected_out_of_fold(k: int, method: str) -> None:
    found = run(*overconfident(0, k), k=k)
    assert found.kept
    assert found.method == method
    assert isinstance(found.model, CorrectedClassifier)
    assert found.gain is not None
    assert found.gain_se is not None
    assert found.gain > found.gain_se > 0
    assert f"corrected by {method} calibration" in found.reason
    y = overconfident(0, k)[0][np.argsort(IDS, kind="stable")]
    before, after = (reliability(y, np.concatenate(p)) for p in (found.given, found.predictions))
    assert after.expected_error < before.expected_error / 2


def test_honest_probabilities_are_left_as_they_are() -> None:
    kept = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = rng.beta(1, 4, 2000)
        found = run((rng.random(2000) < p).astype(int), p)
        kept.append(found.kept)
        if not found.kept:
            assert found.model == "model"
            assert found.predictions == found.given
            assert "not kept" in found.reason
    assert np.mean(kept) <= 0.25  # one standard error is exceeded by chance in one of six, and learning costs a little


def test_nothing_is_learned_from_noise() -> None:
    kept = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = run((rng.random(2000) < 0.1).astype(int), np.clip(0.1 + 0.01 * rng.normal(size=2000), 0.01, 1))
        kept.append(found.kept)
    assert np.mean(kept) <= 0.2


def test_a_fold_has_no_part_in_correcting_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calibrator that remembers what it was taught would give the labels away."""
    y, p = overconfident(1)
    monkeypatch.setattr(room, "fit_calibrator", lambda name, truth, given, k: dict(zip(given, truth, strict=True)))
    monkeypatch.setattr(
        room, "corrected", lambda memory, given: np.array([0.9 if memory.get(v) else 0.2 for v in given])
    )
    found = run(y, p)
    assert found.gain is not None
    assert found.gain < 0
    assert not found.kept


def test_in_time_only_earlier_folds_teach_and_the_first_is_left_out() -> None:
    folds = tuple(np.arange(400) + 400 * k for k in range(5))
    chained = CrossFit(folds, tuple(np.arange(400 * k) for k in range(5)))
    found = run(*overconfident(2), folds=chained)
    assert found.kept
    assert found.taught == (1, 2, 3, 4)
    assert found.decisive == (0, 1, 2, 3, 4)
    assert (found.predictions[0] == found.given[0]).all()
    assert (found.predictions[1] != found.given[1]).any()


def test_what_keeps_the_order_cannot_change_a_decision() -> None:
    """Every threshold on the scores flags what some threshold on the given ones does, over all folds together."""
    y, p = overconfident(5)
    found = run(y, p)
    assert found.kept
    given, scores = np.concatenate(found.given), np.concatenate(found.scores)
    assert (np.diff(scores[np.argsort(given)]) >= 0).all()
    honest = np.concatenate(found.predictions)
    assert (np.diff(honest[np.argsort(given)]) < 0).any()  # each fold has its own calibrator there
    steps = run(y, p, CalibrationMethod.ISOTONIC)
    assert steps.kept
    for ours, theirs in zip(steps.scores, steps.predictions, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_slope_that_turns_around_is_never_kept() -> None:
    y, p = overconfident(3)
    found = run(1 - y, p)
    assert not found.kept
    assert "turn the order" in found.reason


def test_what_cannot_be_learned_is_said() -> None:
    y = np.zeros(2000, dtype=int)
    y[:2] = 1
    found = run(y, np.full(2000, 0.1))
    assert (found.kept, found.method) == (False, "")
    assert "fewer than two rows of a class" in found.reason
    assert run(*overconfident(4), method=CalibrationMethod.NONE).reason == ""

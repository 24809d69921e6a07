"""Ensembles are scored on rows that had no part in combining them."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainers.data.table import Task
from trainers.ensembles.combine import Leader, _bootstrap, _stacking, _weighted
from trainers.ensembles.greedy import greedy_weights
from trainers.evaluation.metrics import metric

FOLDS = 5
AP = metric("average_precision", Task.BINARY)


def leaders(rng: np.random.Generator, y_folds: Sequence[np.ndarray], signal: Sequence[float]) -> list[Leader]:
    """One leader a signal: 0 is pure noise, larger is better."""
    found = []
    for i, strength in enumerate(signal):
        predictions = tuple(1 / (1 + np.exp(-(strength * (2 * y - 1) + rng.normal(size=len(y))))) for y in y_folds)
        found.append(Leader(f"family{i}", {"i": i}, None, 0.0, predictions))
    return found


def labels(rng: np.random.Generator, rows: int = 200, share: float = 0.2) -> list[np.ndarray]:
    return [(rng.random(rows) < share).astype(int) for _ in range(FOLDS)]


def test_greedy_weights_prefer_what_helps_and_sum_to_one() -> None:
    rng = np.random.default_rng(0)
    y = np.concatenate(labels(rng))
    good = np.where(y == 1, 0.9, 0.1) + rng.normal(0, 0.2, len(y))
    weights = greedy_weights(y, [rng.random(len(y)), good], AP)
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > 0.8


def test_an_ensemble_fold_does_not_depend_on_its_own_labels() -> None:
    """The leak test: turning a fold's labels around leaves that fold's predictions as they were."""
    rng = np.random.default_rng(1)
    y_folds = labels(rng)
    members = leaders(rng, y_folds, [0.5, 1.0, 1.5])
    turned = [1 - y if k == 2 else y for k, y in enumerate(y_folds)]
    for combined in (lambda y: _stacking(members, y, Task.BINARY), lambda y: _weighted(members, y, Task.BINARY, AP)):
        before, after = combined(y_folds).predictions, combined(turned).predictions
        np.testing.assert_allclose(before[2], after[2])
        assert any(not np.allclose(a, b) for k, (a, b) in enumerate(zip(before, after, strict=True)) if k != 2)


@pytest.mark.parametrize("kind", ["stacking", "weighted"])
def test_noise_stays_at_chance(kind: str) -> None:
    """Over many seeds the mean ROC AUC of ensembles of pure noise is 0.5 within three standard errors."""
    auc = metric("roc_auc", Task.BINARY)
    scores = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        y_folds = labels(rng, rows=60)
        members = leaders(rng, y_folds, [0.0, 0.0, 0.0])
        made = (
            _stacking(members, y_folds, Task.BINARY)
            if kind == "stacking"
            else _weighted(members, y_folds, Task.BINARY, auc)
        )
        scores.append(np.mean([auc.score(y, p) for y, p in zip(y_folds, made.predictions, strict=True)]))
    error = np.std(scores, ddof=1) / np.sqrt(len(scores))
    assert abs(np.mean(scores) - 0.5) < 3 * error + 0.002


def test_stacking_is_no_worse_than_its_best_member() -> None:
    rng = np.random.default_rng(3)
    y_folds = labels(rng, rows=500)
    members = leaders(rng, y_folds, [0.0, 0.3, 1.2])
    best = np.mean([AP.score(y, p) for y, p in zip(y_folds, members[2].predictions, strict=True)])
    stacked = _stacking(members, y_folds, Task.BINARY)
    assert np.mean([AP.score(y, p) for y, p in zip(y_folds, stacked.predictions, strict=True)]) > best - 0.02
    assert sum(part.weight for part in stacked.parts) == pytest.approx(1)


def test_a_bootstrap_sample_keeps_groups_whole() -> None:
    groups = np.repeat(np.arange(20), 5)
    rows = np.arange(100)[groups != 3]
    drawn = _bootstrap(rows, groups, np.random.default_rng(0))
    assert set(drawn) <= set(rows)
    counts = np.bincount(drawn, minlength=100).reshape(20, 5)
    assert (counts == counts[:, :1]).all()

"""Every metric is scikit-learn's, in every form it takes here."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import get_scorer

from trainers.data.load import Task
from trainers.errors import SpecError
from trainers.evaluation import metrics
from trainers.evaluation.metrics import bootstrap, default_metric, metric, names, paired_difference

EVERY = [(task, name) for task in Task for name in names(task)]


class Oracle(ClassifierMixin, BaseEstimator):
    """A fitted classifier that answers with the probabilities it is given as rows."""

    def __init__(self, classes: int) -> None:
        self.classes_ = np.arange(classes)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return X

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X.argmax(axis=1) if X.shape[1] > 2 else (X[:, 1] >= 0.5).astype(int)


class Echo(RegressorMixin, BaseEstimator):
    def predict(self, X: np.ndarray) -> np.ndarray:
        return X[:, 0]


def rows(task: Task, n: int = 60, seed: int = 0, ties: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions that are partly right, with tied scores."""
    rng = np.random.default_rng(seed)
    if task is Task.REGRESSION:
        y = rng.normal(size=n)
        return y, y + rng.normal(size=n)
    k = 2 if task is Task.BINARY else 4
    y = np.concatenate([np.arange(k), rng.integers(k, size=n - k)])
    p = np.round(np.eye(k)[y] + rng.random((n, k)) * 2, int(np.log10(ties))) + 0.01
    p /= p.sum(axis=1, keepdims=True)
    return y, p[:, 1] if k == 2 else p


def scikit_learn(name: str, task: Task, y: np.ndarray, predictions: np.ndarray) -> float:
    if task is Task.REGRESSION:
        return get_scorer(name)(Echo(), predictions[:, None], y)
    p = np.column_stack([1 - predictions, predictions]) if task is Task.BINARY else predictions
    return get_scorer(name)(Oracle(p.shape[1]), p, y)


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_score_is_the_scorer_of_that_name(task: Task, name: str) -> None:
    y, predictions = rows(task)
    assert metric(name, task).score(y, predictions) == pytest.approx(scikit_learn(name, task, y, predictions))


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_replicates_are_the_scores_of_the_repeated_rows(task: Task, name: str) -> None:
    y, predictions = rows(task)
    weights = np.random.default_rng(1).integers(3, size=(7, len(y)))
    weights[:, :4] = 1  # every class stays
    expected = [scikit_learn(name, task, np.repeat(y, w), np.repeat(predictions, w, axis=0)) for w in weights]
    assert metric(name, task).replicates(y, predictions, weights.astype(float)) == pytest.approx(np.array(expected))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(6, 40), ties=st.sampled_from([1, 10, 1000]))
def test_ranking_metrics_survive_ties_and_small_samples(seed: int, n: int, ties: int) -> None:
    y, p = rows(Task.BINARY, n, seed, ties)
    for name in ("average_precision", "roc_auc", "f1", "matthews_corrcoef"):
        found = metric(name, Task.BINARY).replicates(y, p, np.ones((1, n)))
        assert found[0] == pytest.approx(scikit_learn(name, Task.BINARY, y, p), abs=1e-12)


def test_a_class_that_neither_occurs_nor_is_predicted_does_not_count() -> None:
    y, p = np.array([0, 2, 2, 0]), np.array([[0.8, 0, 0.2], [0.1, 0, 0.9], [0.6, 0, 0.4], [0.7, 0, 0.3]])
    m = metric("f1_macro", Task.MULTICLASS)
    assert m.replicates(y, p, np.ones((1, 4)))[0] == pytest.approx(m.score(y, p))
    assert m.score(y, p) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_labels_are_cut_at_the_given_threshold() -> None:
    y, p = np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.3, 0.9])
    recall = metric("recall", Task.BINARY)
    assert recall.score(y, p) == 0.5
    assert recall.score(y, p, threshold=0.3) == 1.0
    assert recall.replicates(y, p, np.ones((1, 4)), threshold=0.3)[0] == 1.0


@pytest.mark.parametrize("task", list(Task))
def test_the_default_fits_its_task(task: Task) -> None:
    assert default_metric(task) in names(task)


@pytest.mark.parametrize("name", ["r2", "speed"])
def test_a_wrong_metric_names_the_right_ones(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        metric(name, Task.BINARY)
    [violation] = caught.value.violations
    assert violation.field == "search.metric"
    assert name in violation.message
    assert "average_precision" in violation.message


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_metrics_travel_to_workers(task: Task, name: str) -> None:
    y, predictions = rows(task)
    there = pickle.loads(pickle.dumps(metric(name, task)))
    assert there.score(y, predictions) == metric(name, task).score(y, predictions)


def test_the_searched_metric_leads_the_test_metrics_and_is_not_repeated() -> None:
    found = [m.name for m in metrics.reported_metrics(Task.BINARY, metric("roc_auc", Task.BINARY))]
    assert found[0] == "roc_auc"
    assert len(found) == len(set(found))


def folds_of(rng: np.random.Generator, noise: float, y_folds: list[np.ndarray]) -> list[np.ndarray]:
    return [np.clip(0.5 * y + noise * rng.random(len(y)), 0, 1) for y in y_folds]


@pytest.mark.parametrize("name", ["average_precision", "roc_auc", "neg_log_loss", "f1"])
def test_standard_error_is_the_spread_over_new_rows(name: str) -> None:
    """Draws many samples of rows: the reported error must be near the true spread of the difference."""
    rng, m = np.random.default_rng(0), metric(name, Task.BINARY)
    differences, errors = [], []
    for _ in range(150):
        y = [np.concatenate([np.ones(30), np.zeros(170)]).astype(int) for _ in range(2)]
        difference, error = paired_difference(m, y, folds_of(rng, 0.8, y), folds_of(rng, 0.9, y))
        differences.append(difference)
        errors.append(error)
    assert np.mean(errors) == pytest.approx(np.std(differences), rel=0.2)


def test_difference_is_that_of_the_fold_means_and_has_power_after_one_fold() -> None:
    rng, m = np.random.default_rng(0), metric("roc_auc", Task.BINARY)
    y = [rng.integers(2, size=300) for _ in range(3)]
    good, poor = folds_of(rng, 0.6, y), folds_of(rng, 3.0, y)
    difference, error = paired_difference(m, y, good, poor)
    each = [m.score(t, g) - m.score(t, p) for t, g, p in zip(y, good, poor, strict=True)]
    assert difference == pytest.approx(np.mean(each))
    first, first_error = paired_difference(m, y, good[:1], poor)
    assert first > 3 * first_error > 0
    assert error < first_error


def test_same_predictions_do_not_differ() -> None:
    y, p = rows(Task.BINARY)
    assert paired_difference(metric("average_precision", Task.BINARY), [y], [p], [p]) == (0.0, 0.0)


def test_pairing_makes_the_error_smaller_than_that_of_unrelated_models() -> None:
    rng, m = np.random.default_rng(3), metric("average_precision", Task.BINARY)
    y = [rng.integers(2, size=400)]
    ours = folds_of(rng, 1.0, y)
    alike = [np.clip(ours[0] + 0.02 * rng.random(400), 0, 1)]
    assert paired_difference(m, y, ours, alike)[1] < paired_difference(m, y, ours, folds_of(rng, 1.0, y))[1] / 2


def test_rows_that_belong_together_count_as_one() -> None:
    """Ten copies of every row carry no more evidence than the rows themselves."""
    rng, m = np.random.default_rng(0), metric("neg_log_loss", Task.BINARY)
    y = [rng.integers(2, size=100)]
    ours, theirs = folds_of(rng, 1.0, y), folds_of(rng, 1.0, y)
    copied = [[np.repeat(f[0], 10)] for f in (y, ours, theirs)]
    groups = [np.repeat(np.arange(100), 10)]
    once = paired_difference(m, y, ours, theirs)[1]
    assert paired_difference(m, *copied, groups=groups)[1] == pytest.approx(once, rel=0.4)
    assert paired_difference(m, *copied)[1] < once / 2


@pytest.mark.parametrize("task", list(Task))
def test_intervals_hold_the_score_and_are_the_same_twice(task: Task) -> None:
    y, predictions = rows(task, 200)
    reported = metrics.reported_metrics(task, metric(default_metric(task), task))
    found = bootstrap(reported, y, predictions)
    for m in reported:
        assert found[m.name].low < m.score(y, predictions) < found[m.name].high
    assert found == bootstrap(reported, y, predictions)


def test_the_interval_of_accuracy_is_the_binomial_one() -> None:
    y = np.zeros(400, dtype=int)
    p = (np.arange(400) < 40).astype(float)
    found = bootstrap([metric("accuracy", Task.BINARY)], y, p, replicates=2000)["accuracy"]
    half = 1.96 * np.sqrt(0.1 * 0.9 / 400)
    assert (found.low, found.high) == (pytest.approx(0.9 - half, abs=0.004), pytest.approx(0.9 + half, abs=0.004))


def test_whole_groups_are_drawn_together() -> None:
    y, p = rows(Task.BINARY, 50, seed=2)
    copied = np.repeat(y, 8), np.repeat(p, 8)
    m = [metric("roc_auc", Task.BINARY)]
    rowwise = bootstrap(m, *copied)["roc_auc"]
    grouped = bootstrap(m, *copied, groups=np.repeat(np.arange(50), 8))["roc_auc"]
    assert grouped.high - grouped.low > 2 * (rowwise.high - rowwise.low)


def test_many_rows_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    y, p = rows(Task.BINARY, 100)
    m = [metric("average_precision", Task.BINARY)]
    whole = bootstrap(m, y, p, replicates=300)["average_precision"]
    monkeypatch.setattr(metrics, "CELLS", 1000)
    parts = bootstrap(m, y, p, replicates=300)["average_precision"]
    assert (parts.low, parts.high) == (pytest.approx(whole.low, abs=0.05), pytest.approx(whole.high, abs=0.05))

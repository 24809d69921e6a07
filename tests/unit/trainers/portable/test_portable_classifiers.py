"""The prior correction and the decision that travel inside a model."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from trainers.portable.decision import DecidingClassifier
from trainers.portable.prior import PriorCorrectedClassifier, correct_prior, undo_prior
from trainers.portable.rules import Cut, most_probable

X = pd.DataFrame({"x": np.linspace(-1, 1, 21)})


@pytest.fixture(scope="module")
def binary() -> LogisticRegression:
    return LogisticRegression().fit(X, (X["x"] > 0).astype(int))


@pytest.fixture(scope="module")
def multiclass() -> LogisticRegression:
    return LogisticRegression(C=100).fit(X, pd.cut(X["x"], 3, labels=False))


def test_correction_is_bayes_rule():
    corrected = correct_prior(np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([0.5, 0.5]), np.array([0.9, 0.1]))
    np.testing.assert_allclose(corrected, [[0.9, 0.1], [0.18 / 0.26, 0.08 / 0.26]])


def test_correction_recovers_the_truth_of_a_model_fitted_on_balanced_rows():
    """Two Gaussians: the posterior under the true shares is known in closed form."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 20_000)
    x = rng.normal(loc=y * 2.0).reshape(-1, 1)
    model = PriorCorrectedClassifier(LogisticRegression(C=1e6).fit(x, y), [0.5, 0.5], [0.95, 0.05])
    grid = np.array([[0.0], [1.0], [2.0], [3.0]])
    odds = 0.05 / 0.95 * np.exp(2 * grid[:, 0] - 2)
    np.testing.assert_allclose(model.predict_proba(grid)[:, 1], odds / (1 + odds), atol=0.01)


def test_a_correction_can_be_undone():
    rng = np.random.default_rng(0)
    raw, trained, true = rng.dirichlet([1, 1, 1], size=20), [0.3, 0.3, 0.4], [0.9, 0.05, 0.05]
    corrected = correct_prior(raw, np.array(trained), np.array(true))
    np.testing.assert_allclose(undo_prior(corrected, trained, true), raw)
    pair = raw[:, :2] / raw[:, :2].sum(axis=1, keepdims=True)
    positive = correct_prior(pair, np.array([0.5, 0.5]), np.array([0.97, 0.03]))[:, 1]
    np.testing.assert_allclose(undo_prior(positive, [0.5, 0.5], [0.97, 0.03]), pair[:, 1])


def test_corrected_labels_follow_the_corrected_probabilities(binary):
    model = PriorCorrectedClassifier(binary, [0.5, 0.5], [0.99, 0.01])
    assert binary.predict(X).sum() == 10
    assert model.predict(X).sum() == 0
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)


@pytest.mark.parametrize("classes", [("no", "yes"), (False, True), (4, 7), (0.5, 1.5)])
def test_threshold_decides_and_labels_are_the_originals(binary, classes):
    model = DecidingClassifier(binary, classes, Cut(0.6))
    sure = binary.predict_proba(X)[:, 1] >= 0.6
    assert 0 < sure.sum() < 10
    labels = model.predict(X)
    assert labels.tolist() == [classes[int(s)] for s in sure]
    assert model.classes_.tolist() == list(classes)


def test_a_probability_equal_to_the_threshold_is_class_one(binary):
    threshold = binary.predict_proba(X)[12, 1]
    assert DecidingClassifier(binary, ("no", "yes"), Cut(threshold)).predict(X)[12] == "yes"


def test_with_three_classes_the_most_probable_is_predicted(multiclass):
    model = DecidingClassifier(multiclass, ("low", "middle", "high"), most_probable(3))
    assert model.predict(X)[[0, 10, 20]].tolist() == ["low", "middle", "high"]


def test_models_survive_skops(binary):
    model = DecidingClassifier(PriorCorrectedClassifier(binary, [0.5, 0.5], [0.7, 0.3]), ("no", "yes"), Cut(0.4))
    stored = skops.io.dumps(model)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert unknown == [
        "trainers.portable.decision.DecidingClassifier",
        "trainers.portable.prior.PriorCorrectedClassifier",
        "trainers.portable.rules.Cut",
    ]
    assert skops.io.loads(stored, trusted=unknown).predict(X).tolist() == model.predict(X).tolist()


@pytest.mark.parametrize(
    "wrap",
    [lambda m: PriorCorrectedClassifier(m, [0.5, 0.5], [0.5, 0.5]), lambda m: DecidingClassifier(m, (0, 1), Cut(0.5))],
)
def test_wrapped_models_refuse_to_be_fitted(binary, wrap):
    with pytest.raises(TypeError, match="wraps a fitted model"):
        wrap(binary).fit(X, binary.predict(X))

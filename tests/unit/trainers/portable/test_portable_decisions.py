"""Rules, calibration and sets as the logged model has them: segments of served rows, review, skops."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression

from trainers.portable.calibration import CorrectedClassifier, corrected, fit_calibrator
from trainers.portable.decision import DecidingClassifier, IntervalRegressor
from trainers.portable.rules import Band, Cut, Rule, Weighing, segments_of

X = pd.DataFrame({"x": np.linspace(-1, 1, 21)})
BY_SITE = Cut(0.5, ("site", "line"), (("north", "1"), ("south", "2")), (0.9, 0.1))


class Given:
    """Hands the column of probabilities on."""

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.column_stack([1 - X["p"], X["p"]])


def served(rule: Rule, frame: pd.DataFrame) -> list:
    return list(DecidingClassifier(Given(), ["good", "bad"], rule).predict(frame))


def test_each_segment_is_decided_by_its_own_threshold_and_others_by_the_shared_one() -> None:
    frame = pd.DataFrame(
        {"p": 0.6, "site": ["north", "south", "north", "east", None], "line": [1, 2, 2, 1, 1]}, index=range(5)
    )
    assert served(BY_SITE, frame) == ["good", "bad", "bad", "bad", "bad"]
    assert served(BY_SITE, frame.assign(p=0.3)) == ["good", "bad", "good", "good", "good"]
    assert served(BY_SITE, frame.drop(columns="line").assign(p=0.3)) == ["good"] * 5


@pytest.mark.parametrize(
    "line",
    [
        pd.Series([1, 2], dtype="int64"),
        pd.Series([1.0, 2.0]),
        pd.Series(["1", "2"]),
        pd.Series([1, 2], dtype="Int64"),
        pd.Series([1, 2]).astype("category"),
        pd.Series([1, 2.0], dtype=object),
    ],
    ids=lambda series: str(series.dtype),
)
def test_a_segment_reads_the_same_whatever_type_its_column_has(line: pd.Series) -> None:
    assert segments_of(pd.DataFrame({"line": line}), ["line"]) == [("1",), ("2",)]


def test_a_row_with_a_missing_value_has_no_segment() -> None:
    frame = pd.DataFrame({"a": ["x", None, "z"], "b": [1.0, 2.0, np.nan]})
    assert segments_of(frame, ["a", "b"]) == [("x", "1"), None, None]
    assert segments_of(frame, []) is None


def test_between_two_thresholds_the_answer_is_that_a_person_decides() -> None:
    frame = pd.DataFrame({"p": [0.1, 0.2, 0.5, 0.7, 0.9]})
    band = Band(0.2, 0.7, 0.4)
    assert served(band, frame) == ["good", "review", "review", "bad", "bad"]
    assert band.labels(frame["p"].to_numpy()).tolist() == [0, 0, 1, 1, 1]
    numbers = DecidingClassifier(Given(), [0, 1], Band(0.2, 0.7, 0.4, "ask"))
    assert list(numbers.predict(frame)) == ["0", "ask", "ask", "1", "1"]


def test_classes_are_weighed_by_what_mistakes_cost() -> None:
    rule = Weighing(((0.0, -1.0), (-9.0, 0.0)))
    assert rule.labels(np.array([[0.95, 0.05], [0.85, 0.15]])).tolist() == [0, 1]


def test_a_prediction_set_holds_every_class_that_is_probable_enough() -> None:
    model = DecidingClassifier(Given(), ["good", "bad"], Cut(0.5), [0.8, 0.1])
    assert model.predict_set(pd.DataFrame({"p": [0.05, 0.15, 0.5]})) == [["good"], ["good", "bad"], ["bad"]]
    with pytest.raises(AttributeError, match="conformal"):
        DecidingClassifier(Given(), ["good", "bad"], Cut(0.5)).predict_set(pd.DataFrame({"p": [0.5]}))


def test_an_interval_lies_around_the_prediction() -> None:
    model = IntervalRegressor(LinearRegression().fit(X, X["x"]), 0.25)
    np.testing.assert_allclose(model.predict_interval(X), np.column_stack([X["x"] - 0.25, X["x"] + 0.25]), atol=1e-12)
    np.testing.assert_allclose(model.predict(X), X["x"], atol=1e-12)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_a_calibrator_learns_what_was_done_to_the_probabilities(method: str, k: int) -> None:
    rng = np.random.default_rng(0)
    true = rng.dirichlet(np.full(k, 1.0), 6000)
    y = np.array([rng.choice(k, p=row) for row in true])
    sharp = true**2 / (true**2).sum(axis=1, keepdims=True)
    given, wanted = (sharp[:, 1], true[:, 1]) if k == 2 else (sharp, true)
    found = corrected(fit_calibrator(method, y, given, k), given)
    assert found.shape == given.shape
    assert np.abs(found - wanted).mean() < 0.3 * np.abs(given - wanted).mean()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda m: DecidingClassifier(m, ("no", "yes"), BY_SITE, [0.1, 0.2]),
        lambda m: DecidingClassifier(m, ("no", "yes"), Band(0.2, 0.7, 0.5)),
        lambda m: DecidingClassifier(
            CorrectedClassifier(m, fit_calibrator("sigmoid", np.arange(21) % 2, m.predict_proba(X)[:, 1], 2)),
            ("no", "yes"),
            Cut(0.5),
        ),
    ],
)
def test_what_decides_survives_skops_and_refuses_to_be_fitted(wrap: Callable) -> None:
    model = wrap(LogisticRegression().fit(X, (X["x"] > 0).astype(int)))
    stored = skops.io.dumps(model)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(name.startswith(("trainers.portable.", "sklearn.")) for name in unknown)
    again = skops.io.loads(stored, trusted=unknown)
    assert list(again.predict(X)) == list(model.predict(X))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(TypeError, match="wraps a fitted model"):
        model.fit(X, None)

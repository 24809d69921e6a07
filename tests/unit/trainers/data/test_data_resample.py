import numpy as np
import pandas as pd
import pytest

from trainers.data.resample import ResampleMethod, resample


@pytest.fixture
def rows() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"small": rng.normal(size=300), "large": 1e6 * rng.normal(size=300)})
    frame["whole"] = rng.integers(0, 9, 300)
    frame["kind"] = pd.Series(rng.choice(["a", "b"], 300), dtype=object).where(rng.random(300) < 0.9, None)
    frame.loc[::7, "small"] = np.nan
    return frame, (rng.random(300) < 0.1).astype(int)


def test_none_returns_the_rows_themselves(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, y, weight = resample(*rows, ResampleMethod.NONE, ["kind"], 0)
    assert X is rows[0]
    assert y is rows[1]
    assert weight is None


def test_class_weights_make_classes_equally_heavy(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, y, weight = resample(*rows, ResampleMethod.CLASS_WEIGHTS, ["kind"], 0)
    assert X is rows[0]
    assert weight is not None
    assert weight[y == 0].sum() == pytest.approx(weight[y == 1].sum())
    assert weight.sum() == pytest.approx(len(y))


@pytest.mark.parametrize("method", [ResampleMethod.OVER, ResampleMethod.UNDER, ResampleMethod.SMOTE])
def test_classes_become_equally_many_and_the_types_stay(
    rows: tuple[pd.DataFrame, np.ndarray], method: ResampleMethod
) -> None:
    X, y, weight = resample(*rows, method, ["kind"], 0)
    assert weight is None
    assert len(set(np.bincount(y))) == 1
    assert len(X) == len(y)
    assert X.dtypes.tolist() == rows[0].dtypes.tolist()
    assert set(X["kind"].dropna()) <= {"a", "b"}


@pytest.mark.parametrize(("method", "larger"), [(ResampleMethod.OVER, True), (ResampleMethod.UNDER, False)])
def test_over_and_under_only_repeat_or_drop_rows(
    rows: tuple[pd.DataFrame, np.ndarray], method: ResampleMethod, larger: bool
) -> None:
    X, y, _ = resample(*rows, method, ["kind"], 0)
    assert set(zip(X["large"], y, strict=True)) <= set(zip(rows[0]["large"], rows[1], strict=True))
    assert (len(y) > len(rows[1])) is larger


def test_smote_keeps_the_rows_and_draws_between_neighbours(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, y, _ = resample(*rows, ResampleMethod.SMOTE, ["kind"], 0)
    pd.testing.assert_frame_equal(X.iloc[:300], rows[0])
    new, rare = X.iloc[300:], rows[0][rows[1] == 1]
    assert (y[300:] == 1).all()
    assert new["large"].between(rare["large"].min(), rare["large"].max()).all()
    assert not set(new["large"]) <= set(rare["large"])


def test_smote_measures_distance_in_deviations_not_in_units() -> None:
    rng = np.random.default_rng(1)
    y = np.array([0] * 200 + [1] * 40)
    side = np.repeat([-1.0, 1.0], 120)
    side[200:] = np.tile([-1.0, 1.0], 20)
    X = pd.DataFrame({"side": side, "units": 1e6 * rng.normal(size=240)})
    new = resample(X, y, ResampleMethod.SMOTE, [], 0)[0].iloc[240:]
    assert set(new["side"].round(6)) == {-1.0, 1.0}  # in units, neighbours would be of both sides


def test_a_class_of_one_row_is_repeated(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    y = np.zeros(300, dtype=int)
    y[7] = 1
    X, labels, _ = resample(rows[0], y, ResampleMethod.SMOTE, ["kind"], 0)
    assert np.bincount(labels).tolist() == [299, 299]
    assert X.loc[labels == 1, "large"].nunique() == 1


def test_only_labels(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, y, _ = resample(rows[0][["kind"]], rows[1], ResampleMethod.SMOTE, ["kind"], 0)
    assert len(set(np.bincount(y))) == 1
    assert set(X["kind"].dropna()) == {"a", "b"}


def test_the_seed_decides(rows: tuple[pd.DataFrame, np.ndarray]) -> None:
    drawn = [resample(*rows, ResampleMethod.UNDER, ["kind"], seed)[0] for seed in (0, 0, 1)]
    pd.testing.assert_frame_equal(drawn[0], drawn[1])
    assert not drawn[0].equals(drawn[2])

"""One form of columns for whatever types a data frame has."""

import numpy as np
import pandas as pd
import pytest

from trainers.portable.columns import Categories, Numbers, Products


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 0, None], dtype="Int64"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series([1.0, 0.0, np.inf]),
        pd.Series([1, 0, None], dtype=object),
        pd.Series([1.0, 0.0, np.nan], dtype="float64[pyarrow]"),
    ],
)
def test_numbers_become_floats_and_gaps_nan(column):
    frame = pd.DataFrame({"a": column, "b": [True, False, True]})
    numbers = Numbers().fit_transform(frame)
    assert numbers.dtype == np.float64
    np.testing.assert_array_equal(numbers, [[1, 1], [0, 0], [np.nan, 1]])


def test_a_column_without_numbers_becomes_zero_and_stays_so():
    numbers = Numbers().fit(pd.DataFrame({"a": [np.nan, np.nan], "b": [1.0, np.nan]}))
    np.testing.assert_array_equal(numbers.transform(pd.DataFrame({"a": [5.0], "b": [np.nan]})), [[0.0, np.nan]])


def test_categories_are_the_same_text_for_every_type_of_the_same_value():
    columns = (
        pd.Series([1, 2, None], dtype=object),
        pd.Series([1.0, 2.0, np.nan]),
        pd.Series([1, 2, pd.NA], dtype="Int64"),
        pd.Series(["1", "2", None], dtype="str"),
        pd.Series(["1", "2", None], dtype="category"),
    )
    for column in columns:
        text = Categories().fit_transform(pd.DataFrame({"a": column}))[:, 0]
        assert list(text[:2]) == ["1", "2"], column.dtype
        assert isinstance(text[2], float), column.dtype
        assert np.isnan(text[2]), column.dtype


def test_categories_tell_whole_from_broken_numbers_and_booleans_from_ones():
    frame = pd.DataFrame({"a": pd.Series([1.5, 1.0, "x"], dtype=object), "b": [True, False, True]})
    assert Categories().fit_transform(frame).tolist() == [["1.5", "True"], ["1", "False"], ["x", "True"]]


def test_products_of_every_pair_keep_gaps():
    X = np.array([[2.0, 3.0, 5.0], [np.nan, 3.0, 5.0]])
    products = Products().fit(X)
    np.testing.assert_array_equal(products.transform(X), [[6, 10, 15], [np.nan, np.nan, 15]])
    assert list(products.get_feature_names_out(["a", "b", "c"])) == ["a * b", "a * c", "b * c"]

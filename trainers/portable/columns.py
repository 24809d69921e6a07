"""Columns in one form, whatever types the caller's data frame gives them."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin


class _Columns(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Takes a data frame; remembers its columns."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learns the names of the columns."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self


class Numbers(_Columns):
    """Turns booleans, nullable and object columns into float64, and infinity and every kind of missing value into NaN.

    A column without one number in the rows it is fitted on becomes 0: hist_gradient_boosting refuses such a column.
    """

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learns which columns hold no number."""
        super().fit(X, y)
        self.empty_ = np.isnan(_floats(X)).all(axis=0)
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Returns a float64 array of the shape of ``X``."""
        values = _floats(X)
        values[:, self.empty_] = 0.0
        return values


class Products(TransformerMixin, BaseEstimator):
    """Products of every pair of columns: what works together, such as torque and speed, in one column.

    A tree needs many splits to follow a product, a linear model cannot. A missing factor makes the product missing.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Learns the number of columns."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Returns n x k(k-1)/2 products of the k columns."""
        first, second = np.triu_indices(self.n_features_in_, k=1)
        values = np.asarray(X, dtype=np.float64)
        products: np.ndarray = values[:, first] * values[:, second]
        return products

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the products, such as ``torque * speed``."""
        names = [f"x{i}" for i in range(self.n_features_in_)] if input_features is None else input_features
        pairs = zip(*np.triu_indices(self.n_features_in_, k=1), strict=True)
        return np.array([f"{names[i]} * {names[j]}" for i, j in pairs], dtype=object)


class Categories(_Columns):
    """Turns every category into text and every kind of missing value into NaN.

    scikit-learn's encoders refuse columns that mix numbers and text and tell None, NaN and pd.NA apart; a served model
    gets 1, 1.0 or "1" for the same category, depending on whether the caller's column had missing values.
    """

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Returns an object array of the shape of ``X`` that holds only text and NaN."""
        return np.column_stack([_text(X[name]) for name in X.columns])


def _floats(X: pd.DataFrame) -> np.ndarray:
    columns = [X[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in X.columns]
    values = np.column_stack(columns)
    values[np.isinf(values)] = np.nan
    return values


def _text(column: pd.Series) -> np.ndarray:
    codes, values = pd.factorize(column, use_na_sentinel=True)
    labels = np.array([*(_label(value) for value in values), np.nan], dtype=object)
    text: np.ndarray = labels[codes]  # a missing value has code -1, which is the last label
    return text


def _label(value: Any) -> str:
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if whole else str(value)

"""From raw columns to what a model takes. A preparation is fitted on the rows its model is fitted on, on no others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from trainers.data.load import Column, ColumnRole
from trainers.portable.columns import Categories, Numbers

# Rarer categories share one column, so that a fold that lacks one of them changes nothing.
MIN_FREQUENCY = 5
MAX_ONE_HOT = 64
# hist_gradient_boosting has 255 bins, of which one is for missing values.
MAX_NATIVE = 254


def scaled(columns: Sequence[Column]) -> ColumnTransformer:
    """Median imputation with indicators, scaling, one-hot: for models that weigh columns or measure distances."""
    return _columns(columns, make_pipeline(Numbers(), _imputer(), StandardScaler()), _one_hot())


def imputed(columns: Sequence[Column]) -> ColumnTransformer:
    """Median imputation with indicators, one-hot: for models that only compare values of one column."""
    return _columns(columns, make_pipeline(Numbers(), _imputer()), _one_hot())


def native(columns: Sequence[Column]) -> ColumnTransformer:
    """Numbers as they are, categories as codes, NaN for missing and unknown: for models that split on both themselves.

    Columns come out as numeric, then categorical ones.
    """
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MAX_NATIVE,
    )
    return _columns(columns, Numbers(), make_pipeline(Categories(), codes))


def native_codes(columns: Sequence[Column]) -> ColumnTransformer:
    """As ``native``, but a data frame with whole numbers for categories, missing -2 and unknown -1: for catboost."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2, dtype=np.int64
    )
    return _columns(columns, Numbers(), make_pipeline(Categories(), codes)).set_output(transform="pandas")


def _imputer() -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=True)


def _one_hot() -> Pipeline:
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=MIN_FREQUENCY,
        max_categories=MAX_ONE_HOT,
        sparse_output=False,
    )
    return make_pipeline(Categories(), encoder)


def _columns(columns: Sequence[Column], numeric: Any, categorical: Any) -> ColumnTransformer:
    """Picks columns by name, so that their order in the data frame does not matter."""
    blocks = [("numeric", numeric, ColumnRole.NUMERIC), ("categorical", categorical, ColumnRole.CATEGORICAL)]
    named = [(name, block, [c.name for c in columns if c.role is role]) for name, block, role in blocks]
    return ColumnTransformer([block for block in named if block[2]], verbose_feature_names_out=False)

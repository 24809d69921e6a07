"""From raw columns to what a model takes. A preparation is fitted on the rows its model is fitted on, on no others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from trainers.data.table import Column, ColumnRole
from trainers.families.parameters import Setting, choice
from trainers.portable.columns import Categories, Numbers, Products
from trainers.portable.network import MISSING, UNKNOWN

# Rarer categories share one column, so that a fold that lacks one of them changes nothing.
MIN_FREQUENCY = 5
MAX_ONE_HOT = 64
# hist_gradient_boosting has 255 bins, of which one is for missing values.
MAX_NATIVE = 254


# Products of every pair of numeric columns are added if there are at most this many of them; 0 adds none.
PRODUCTS = "product_columns"
PRODUCTS_OF_TEN = Setting(10, int, 0, 60)
NO_PRODUCTS = Setting(0, int, 0, 60, search=choice(0, 10))


def scaled(columns: Sequence[Column], product_columns: int) -> ColumnTransformer:
    """Median imputation with indicators, scaling, one-hot: for models that weigh columns or measure distances.

    Args:
        columns: Feature columns of the table.
        product_columns: Products of every pair of numeric columns are added if there are at most this many of them.
    """
    scale = (_median(indicator=True), StandardScaler())
    products = (_median(indicator=False), StandardScaler(), Products(), StandardScaler())
    return _blocks(columns, product_columns, scale, products, _one_hot())


def imputed(columns: Sequence[Column], product_columns: int) -> ColumnTransformer:
    """Median imputation with indicators, one-hot: for models that only compare values; arguments as for ``scaled``."""
    numbers, products = (_median(indicator=True),), (_median(indicator=False), Products())
    return _blocks(columns, product_columns, numbers, products, _one_hot())


def native(columns: Sequence[Column], product_columns: int) -> ColumnTransformer:
    """Numbers as they are, categories as codes, NaN for missing and unknown: for models that split on both themselves.

    Categorical columns come out last. Arguments as for ``scaled``.
    """
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MAX_NATIVE,
    )
    return _blocks(columns, product_columns, (), (Products(),), codes)


def native_codes(columns: Sequence[Column], product_columns: int) -> ColumnTransformer:
    """As ``native``, but a data frame with whole numbers for categories, missing -2 and unknown -1: for catboost."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2, dtype=np.int64
    )
    return _blocks(columns, product_columns, (), (Products(),), codes).set_output(transform="pandas")


def embedded(columns: Sequence[Column], product_columns: int) -> ColumnTransformer:
    """Numbers as ``scaled`` makes them, categories as codes, those that are missing or unknown as networks know them.

    Categorical columns come out last, with a code for all that are rare. Products are those of the columns as they are, for
    a product of standardised columns is no physical quantity. Arguments as for ``scaled``.
    """
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=UNKNOWN,
        encoded_missing_value=MISSING,
        min_frequency=MIN_FREQUENCY,
    )
    scale = (_median(indicator=True), StandardScaler())
    products = (_median(indicator=False), Products(), StandardScaler())
    return _blocks(columns, product_columns, scale, products, codes)


def native_categories(columns: Sequence[Column], product_columns: int) -> list[int]:
    """Positions of the categorical columns in what ``native`` and ``native_codes`` make."""
    categorical = len(_named(columns, ColumnRole.CATEGORICAL))
    numeric = len(columns) - categorical
    first = numeric + (numeric * (numeric - 1) // 2 if 2 <= numeric <= product_columns else 0)
    return list(range(first, first + categorical))


def _median(indicator: bool) -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=indicator)


def _one_hot() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=MIN_FREQUENCY,
        max_categories=MAX_ONE_HOT,
        sparse_output=False,
    )


def _blocks(
    columns: Sequence[Column], product_columns: int, numbers: Sequence[Any], products: Sequence[Any], codes: Any
) -> ColumnTransformer:
    """Picks columns by name, so that their order in the data frame does not matter."""
    numeric, categorical = _named(columns, ColumnRole.NUMERIC), _named(columns, ColumnRole.CATEGORICAL)
    blocks: list[tuple[str, Any, list[str]]] = []
    if numeric:
        blocks.append(("numeric", make_pipeline(Numbers(), *numbers), numeric))
    if 2 <= len(numeric) <= product_columns:
        blocks.append(("products", make_pipeline(Numbers(), *products), numeric))
    if categorical:
        blocks.append(("categorical", make_pipeline(Categories(), codes), categorical))
    return ColumnTransformer(blocks)


def _named(columns: Sequence[Column], role: ColumnRole) -> list[str]:
    return [column.name for column in columns if column.role is role]

"""The table as the rest of a run sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd


class Task(StrEnum):
    """The kind of prediction."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class ColumnRole(StrEnum):
    """How a feature column is read."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True)
class Column:
    """One feature column as it was read.

    Attributes:
        name: Column name.
        role: Numeric or categorical.
        dtype: Type in the file, such as ``int64``.
        missing: Missing values; infinite ones count as missing.
        distinct: Distinct values, missing not counted.
    """

    name: str
    role: ColumnRole
    dtype: str
    missing: int
    distinct: int


@dataclass(frozen=True)
class Table:
    """A table ready to be split. Rows are positions 0..n-1 in file order.

    Attributes:
        uri: Location as given.
        features: n rows x feature columns, in file order: numeric columns float64, int64 or bool, categorical ones
            object with None for missing. Index 0..n-1.
        target: n values: class index 0..k-1 (int64; 1 is the positive class of a binary target) or float64.
        task: Kind of prediction.
        classes: Original labels by class index, as Python values; empty for regression.
        columns: Feature columns, in the order of ``features``.
        keys: n rows x every column of the file (target too), as read: for strata, groups, times, ids and the audit.
        target_name: Target column.
        fingerprint: SHA-256 over schema and content, in hexadecimal; the same for the same table as CSV or Parquet
            is not promised.
        omitted: Why other columns are no features although nothing excludes them, by name.
    """

    uri: str
    features: pd.DataFrame
    target: np.ndarray
    task: Task
    classes: tuple[Any, ...]
    columns: tuple[Column, ...]
    keys: pd.DataFrame
    target_name: str
    fingerprint: str
    omitted: Mapping[str, str] = field(default_factory=dict)

    def take(self, rows: np.ndarray) -> "Table":
        """The table with these rows only, as positions 0..len(rows)-1 and without keys: what a worker may hold."""
        return replace(
            self,
            features=self.features.iloc[rows].reset_index(drop=True),
            target=self.target[rows],
            keys=pd.DataFrame(index=range(len(rows))),
        )

"""Reads the table and gives every column its meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field


class Task(StrEnum):
    """The kind of prediction."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class ColumnRole(StrEnum):
    """How a feature column is read."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


class DataSpec(BaseModel, frozen=True, extra="forbid"):
    """The table and the meaning of its columns; the field comments are in proto/trainwright/v1/spec.proto."""

    uri: str = Field(min_length=1)
    target: str = Field(min_length=1)
    positive_class: str | None = None
    exclude: tuple[str, ...] = ()
    task: Task | None = None
    roles: Mapping[str, ColumnRole] = {}


@dataclass(frozen=True)
class Column:
    """One feature column as it was read.

    Attributes:
        name: Column name.
        role: Numeric or categorical.
        dtype: Type in the file, such as ``int64``.
        missing: Missing values.
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
        features: n rows x feature columns, in file order: numeric columns float64, int64 or bool, categorical ones object
            with None for missing. Index 0..n-1.
        target: n values: class index 0..k-1 (int64; 1 is the positive class of a binary target) or float64.
        task: Kind of prediction.
        classes: Original labels by class index, as Python values; empty for regression.
        columns: Feature columns, in the order of ``features``.
        keys: n rows x every column of the file (target too), as read: for strata, groups, times, ids and the audit.
        target_name: Target column.
        fingerprint: SHA-256 over schema and content, in hexadecimal; the same for the same table as CSV or Parquet
            is not promised.
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


def load(spec: DataSpec, keys: Sequence[str] = (), roots: Sequence[str] | None = None) -> Table:
    """Reads the table.

    Args:
        spec: Location and meaning.
        keys: Columns that only say how rows belong together (groups, times, ids); they are no features.
        roots: Folders and URI prefixes the location must lie under; None allows any.

    Returns:
        The table.

    Raises:
        SpecError: The location, the file, or a column is not what the spec says; paths are ``data.*``.
    """
    raise NotImplementedError

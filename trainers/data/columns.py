"""Gives every feature column a role and the type that goes with it."""

import re
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from trainers.data.table import Column, ColumnRole
from trainers.errors import SpecError, Violation

# Python objects that are numbers although the column's type does not say so.
NUMBER_OBJECTS = frozenset({"decimal", "integer", "floating", "boolean", "mixed-integer-float", "integer-na"})
DATE_OBJECTS = frozenset({"datetime", "datetime64", "date"})
# What pandas calls a column with an empty heading.
NAMELESS = re.compile(r"(Unnamed: \d+)?")
ISO_DATE = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?"


def unknown_column(field: str, name: str, columns: pd.Index) -> Violation:
    """The violation for a column that is not there, with the nearest one that is."""
    near = get_close_matches(name, map(str, columns), n=1, cutoff=0.5)
    listed = ", ".join(map(repr, columns[:10])) + (", ..." if len(columns) > 10 else "")
    mend = f"did you mean {near[0]!r}?" if near else f"the columns are {listed}"
    return Violation(field, f"there is no column {name!r}; {mend}")


def read_columns(
    frame: pd.DataFrame, roles: Mapping[str, ColumnRole]
) -> tuple[pd.DataFrame, tuple[Column, ...], Mapping[str, str]]:
    """Turns columns into features.

    Numbers and booleans are numeric, everything else is categorical. Two kinds of column are no features unless they
    have a role: dates (typed, or text that is all ISO 8601), from which a model would learn when a row was written,
    and columns without a name. As a number a date is seconds since 1970.

    Args:
        frame: n rows x feature columns as read.
        roles: Roles that are not to be inferred, by column.

    Returns:
        The features and columns of a Table, and why the other columns were omitted, by name.

    Raises:
        SpecError: A column cannot have its role; paths are ``data.roles[name]`` and ``data.exclude``.
    """
    features: dict[Hashable, pd.Series] = {}
    columns: list[Column] = []
    omitted: dict[str, str] = {}
    for label, series in frame.items():
        name = str(label)
        _check_flat(name, series)
        role = roles.get(name)
        if role is None and (reason := _no_feature(name, series)):
            omitted[name] = reason
            continue
        role = role or (ColumnRole.NUMERIC if _is_number(series) else ColumnRole.CATEGORICAL)
        feature = _numbers(name, series) if role is ColumnRole.NUMERIC else _labels(series)
        features[label] = feature
        missing, distinct = int(feature.isna().sum()), int(feature.nunique())
        columns.append(Column(name, role, str(series.dtype), missing, distinct))
    return pd.DataFrame(features, index=frame.index), tuple(columns), omitted


def read_times(series: pd.Series) -> np.ndarray | None:
    """Values that order rows in time, n float64 with NaN for missing: numbers, or seconds since 1970 for dates.

    Returns:
        None if the column holds neither numbers nor dates.
    """
    if _is_number(series):
        return pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
    try:
        dates = pd.to_datetime(series, utc=True, format=None if _is_date_type(series) else "ISO8601")
    except (TypeError, ValueError):
        return None
    seconds: np.ndarray = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(dtype=np.float64)
    return seconds


def _no_feature(name: str, series: pd.Series) -> str | None:
    if NAMELESS.fullmatch(name):
        return "it has no name"
    return "it holds dates" if is_date(series) else None


def is_date(series: pd.Series) -> bool:
    """Whether every value present is a date: typed, or ISO 8601 text."""
    if _is_date_type(series):
        return True
    present = series.dropna()
    if present.empty or not isinstance(present.iloc[0], str):
        return False
    looks_right = bool(present.iloc[:100].astype(str).str.fullmatch(ISO_DATE).all())
    return looks_right and read_times(present) is not None


def _is_date_type(series: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(series) or _kind(series) in DATE_OBJECTS


def _is_number(series: pd.Series) -> bool:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return False
    return pd.api.types.is_numeric_dtype(series) or _kind(series) in NUMBER_OBJECTS or bool(series.isna().all())


def _kind(series: pd.Series) -> str:
    return pd.api.types.infer_dtype(series, skipna=True) if series.dtype == object else ""


def _check_flat(name: str, series: pd.Series) -> None:
    present = series.dropna() if series.dtype == object else series.iloc[:0]
    if not present.empty and not pd.api.types.is_hashable(present.iloc[0]):
        raise SpecError([Violation("data.exclude", f"must hold {name!r}: its values are lists or records")])


def _numbers(name: str, series: pd.Series) -> pd.Series:
    if not _is_number(series):
        values = read_times(series) if is_date(series) else None
        series = _parsed(name, series) if values is None else pd.Series(values, series.index)
    if pd.api.types.is_bool_dtype(series) and not series.isna().any():
        return series.astype(bool)
    if pd.api.types.is_integer_dtype(series) and not series.isna().any() and series.dtype != np.uint64:
        return series.astype(np.int64)
    return series.astype(np.float64).replace([np.inf, -np.inf], np.nan)


def _parsed(name: str, series: pd.Series) -> pd.Series:
    text = series.astype(object)
    values = pd.to_numeric(text, errors="coerce")
    wrong = text[values.isna() & text.notna()]
    if len(wrong):
        raise SpecError(
            [
                Violation(
                    f"data.roles[{name}]",
                    f"is numeric, but {len(wrong)} values are no numbers, such as {wrong.iloc[0]!r}; use categorical or"
                    " correct these values",
                )
            ]
        )
    return values


def _labels(series: pd.Series) -> pd.Series:
    """Python values with None for missing; where types are mixed, all as text, so that they can be sorted."""
    if pd.api.types.is_datetime64_any_dtype(series):
        text: pd.Series = series.astype(object).map(_iso, na_action="ignore")
        return text.where(series.notna(), None)
    labels = series.astype(object)
    if _kind(labels) not in ("string", "integer", "floating", "boolean", "empty"):
        labels = labels.map(str, na_action="ignore")
    return labels.where(series.notna(), None)


def _iso(value: Any) -> str:
    text: str = value.isoformat()
    return text

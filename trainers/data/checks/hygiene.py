"""Columns that cannot teach a model anything, or not what they seem to."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from trainers.data.checks.view import View, sample
from trainers.data.table import ColumnRole, Table, Task
from trainers.findings import Finding, Severity

# A column of labels of which this share is distinct identifies rows.
UNIQUE = 0.95
FEWEST_ROWS = 30
# Mean words of a value from which a column of labels is text.
TEXT_WORDS = 4.0
# Missing shares of two classes this far apart are worth a word.
MISSING_GAP = 0.1
# Distance from the quartiles, in interquartile ranges, from which a value is extreme (Tukey's far out is 3).
FAR_OUT = 10.0


def omitted_columns(table: Table) -> Iterator[Finding]:
    """OMITTED_COLUMN: columns that became no features although nothing excludes them."""
    for name, why in table.omitted.items():
        present = int(table.keys[name].notna().sum())
        yield Finding(
            "OMITTED_COLUMN",
            Severity.INFO,
            f"{name!r} is no feature: {why}. It has values in {present} of {len(table.keys)} rows.",
            "Nothing, or give it a role in data.roles; a column that orders the rows belongs in split.time_on.",
            (name,),
            {"present": present},
        )


def constant_columns(view: View) -> Iterator[Finding]:
    """CONSTANT_COLUMN and EMPTY_COLUMN: one value in every row; or none, which is more often a broken export than meant."""
    for column in view.columns:
        empty = column.distinct == 0
        if empty or (column.distinct == 1 and column.missing == 0):
            what = "is empty" if empty else "has the same value in every row"
            yield Finding(
                "EMPTY_COLUMN" if empty else "CONSTANT_COLUMN",
                Severity.ERROR if empty else Severity.WARNING,
                f"{column.name!r} {what}; no model can learn from it.",
                "Leave it out with data.exclude.",
                (column.name,),
                {"distinct": column.distinct, "missing": column.missing},
            )


def identifier_columns(view: View) -> Iterator[Finding]:
    """IDENTIFIER_COLUMN and FREE_TEXT: nearly every row has a value of its own, so a model can only learn rows by heart."""
    for column in view.columns:
        values = view.features[column.name].dropna()
        if len(values) < FEWEST_ROWS or not _identifies(values):
            continue
        text = column.role is ColumnRole.CATEGORICAL and _words(values) >= TEXT_WORDS
        yield Finding(
            "FREE_TEXT" if text else "IDENTIFIER_COLUMN",
            Severity.WARNING,
            f"{column.name!r} has {values.nunique()} distinct values in {len(values)} rows"
            + ("; it is text, which is read as one label a row." if text else "; it identifies rows."),
            "Leave it out with data.exclude; if rows of one value belong together, name it in split.group_on.",
            (column.name,),
            {"distinct": int(values.nunique()), "rows": len(values)},
        )


def mixed_types(table: Table, view: View) -> Iterator[Finding]:
    """MIXED_TYPES: columns of labels in which most values are numbers, or whose values are of several types."""
    for name in view.names(ColumnRole.CATEGORICAL):
        values = table.keys[name].iloc[sample(view.rows, 10_000)].dropna()
        if pd.api.types.is_numeric_dtype(values) or isinstance(values.dtype, pd.CategoricalDtype):
            continue
        numbers = pd.to_numeric(values.astype(object), errors="coerce")
        share = float(numbers.notna().mean()) if len(values) else 0.0
        if 0 < share < 1 and (share >= 0.5 or values.map(type).nunique() > 1):
            example = values[numbers.isna()].iloc[0]
            yield Finding(
                "MIXED_TYPES",
                Severity.WARNING,
                f"{name!r} is read as labels: {share:.1%} of its values are numbers, others are not, such as {example!r}.",
                "Blank out the values that stand for missing, so that the column is numeric, or split it in two.",
                (name,),
                {"share_of_numbers": share, "example": str(example)},
            )


def infinite_values(table: Table, view: View) -> Iterator[Finding]:
    """INFINITE_VALUES: infinities, which are read as missing."""
    for name in view.names(ColumnRole.NUMERIC):
        raw = table.keys[name]
        if not pd.api.types.is_float_dtype(raw):
            continue
        count = int(np.isinf(raw.to_numpy(dtype=np.float64, na_value=np.nan)).sum())
        if count:
            yield Finding(
                "INFINITE_VALUES",
                Severity.WARNING,
                f"{name!r} is infinite in {count} rows; these values are read as missing.",
                "Find the division by zero that made them, or blank them out.",
                (name,),
                {"rows": count},
            )


def missing_by_class(view: View) -> Iterator[Finding]:
    """MISSING_BY_CLASS: values that are missing more often in one class than in another."""
    if view.task is Task.REGRESSION:
        return
    totals = np.bincount(view.target, minlength=len(view.classes))
    for column in view.columns:
        if not column.missing:
            continue
        gone = view.features[column.name].isna().to_numpy()
        counts = np.bincount(view.target[gone], minlength=len(view.classes))
        shares = counts / totals.clip(1)
        if gone.all() or not gone.any() or np.ptp(shares) < MISSING_GAP:
            continue
        present = totals > 0
        if chi2_contingency([counts[present], (totals - counts)[present]]).pvalue < 1e-4:
            by_class = {str(label): float(share) for label, share in zip(view.classes, shares, strict=True)}
            listed = ", ".join(f"{share:.1%} of {label}" for label, share in list(by_class.items())[:5])
            yield Finding(
                "MISSING_BY_CLASS",
                Severity.WARNING,
                f"{column.name!r} is missing in {listed}: that it is missing says something about {view.target_name!r}.",
                "Find out why; if the value is filled in once the target is known, leave the column out.",
                (column.name,),
                {"missing_share_by_class": by_class},
            )


def outliers(view: View) -> Iterator[Finding]:
    """OUTLIERS: values more than ten interquartile ranges outside the quartiles."""
    for name in view.names(ColumnRole.NUMERIC):
        values = view.features[name].to_numpy(dtype=np.float64)
        values = values[~np.isnan(values)]
        if len(values) < FEWEST_ROWS:
            continue
        low, high = np.percentile(values, [25, 75])
        reach = FAR_OUT * (high - low)
        far = (values < low - reach) | (values > high + reach)
        if reach > 0 and far.any():
            yield Finding(
                "OUTLIERS",
                Severity.INFO,
                f"{name!r} has {int(far.sum())} values far outside the others, from {values.min():g} to {values.max():g};"
                f" half of all values lie between {low:g} and {high:g}.",
                "Check them for units and typing errors; if they are real, prefer families that split on order, such as trees.",
                (name,),
                {"rows": int(far.sum()), "min": float(values.min()), "max": float(values.max())},
            )


def _identifies(values: pd.Series) -> bool:
    distinct = values.nunique()
    if distinct < UNIQUE * len(values):
        return False
    if values.dtype == object:
        return True
    # Distinct whole numbers are common; those that never fall in file order, or fill their range, count rows.
    dense = float(values.max()) - float(values.min()) < 2 * len(values) if len(values) else False
    return pd.api.types.is_integer_dtype(values) and (values.is_monotonic_increasing or dense)


def _words(values: pd.Series) -> float:
    return float(np.mean([len(str(value).split()) for value in values.iloc[:200]]))

"""What makes rows belong together: class and strata, groups, times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainers.data.columns import read_times, unknown_column
from trainers.data.table import Table, Task
from trainers.errors import SpecError, Violation
from trainers.findings import Finding, Severity

# Quantities are stratified in this many quantile bins.
BINS = 10
# A number with more distinct values than this is a quantity.
MAX_LEVELS = 20


@dataclass(frozen=True)
class Meaning:
    """What a split must respect, by row position.

    Attributes:
        classes: n class codes (int64), all 0 for regression.
        strata: n stratum codes (int64); rows of one stratum are of one class.
        groups: n group codes (int64), or None.
        times: n float64, or None.
        embargo: Gap kept between training and later rows, in the units of ``times``.
    """

    classes: np.ndarray
    strata: np.ndarray
    groups: np.ndarray | None
    times: np.ndarray | None
    embargo: float


def check_columns(table: Table, named: Sequence[tuple[str, str]]) -> None:
    """Checks that columns are there.

    Args:
        table: The table.
        named: (path in the spec, column name) pairs.

    Raises:
        SpecError: With every one that is not.
    """
    found = [unknown_column(path, name, table.keys.columns) for path, name in named if name not in table.keys]
    if found:
        raise SpecError(found)


def check_present(table: Table, path: str, names: Sequence[str]) -> None:
    """Checks that columns have a value in every row.

    Raises:
        SpecError: Some values are missing.
    """
    missing = int(table.keys[list(names)].isna().any(axis=1).sum())
    if missing:
        shown = ", ".join(map(repr, names))
        raise SpecError([Violation(path, f"{shown} is missing in {missing} rows; fill it in or leave the rows out")])


def read_groups(table: Table, path: str, names: Sequence[str]) -> np.ndarray:
    """N group codes (int64): rows alike in all of the columns are one group.

    Raises:
        SpecError: Some values are missing.
    """
    check_present(table, path, names)
    codes: np.ndarray = table.keys.groupby(list(names), sort=True, observed=True).ngroup().to_numpy(dtype=np.int64)
    return codes


def read_row_times(table: Table, name: str) -> np.ndarray:
    """N times (float64): numbers as they are, dates as seconds since 1970.

    Raises:
        SpecError: Some values are missing or are neither numbers nor dates.
    """
    check_present(table, "split.time_on", [name])
    times = read_times(table.keys[name])
    if times is None or not np.isfinite(times).all():
        example = table.keys[name].iloc[0]
        message = (
            f"{name!r} holds neither numbers nor ISO 8601 dates (first value {example!r}); name a column that does"
        )
        raise SpecError([Violation("split.time_on", message)])
    return times


def class_codes(table: Table) -> np.ndarray:
    """N class codes (int64), all 0 for regression."""
    return np.zeros(len(table.target), np.int64) if table.task is Task.REGRESSION else table.target.astype(np.int64)


def read_strata(table: Table, names: Sequence[str], minimum: int) -> tuple[np.ndarray, list[Finding]]:
    """Divides the rows by target (quantities in quantile bins) and columns.

    A stratum with fewer rows than ``minimum`` joins its neighbour of the same target value in the order of the columns.

    Returns:
        n stratum codes (int64), and a finding if strata were merged.
    """
    target = class_codes(table)
    if table.task is Task.REGRESSION:
        bins = max(1, min(BINS, len(target) // (2 * minimum)))
        target = _levels(pd.Series(table.target), bins)
    frame = pd.DataFrame({"": target, **{name: _levels(table.keys[name], BINS) for name in names}})
    strata = frame.groupby(list(frame.columns), sort=True)
    codes = strata.ngroup().to_numpy(dtype=np.int64)
    merged = _merge(strata.size().index.get_level_values(0).to_numpy(), strata.size().to_numpy(), minimum)
    rare = len(merged) - len(np.unique(merged))
    findings = []
    if rare and names:
        findings.append(
            Finding(
                "STRATA_MERGED",
                Severity.INFO,
                f"{len(merged)} strata of {', '.join(names)} and the target were merged to {len(merged) - rare}: some had"
                f" fewer than {minimum} rows.",
                "Nothing, if the merged strata may be out of proportion in a fold; otherwise stratify on fewer columns.",
                tuple(names),
                {"strata": len(merged), "merged_to": len(merged) - rare, "smallest": int(strata.size().min())},
            )
        )
    return merged[codes], findings


def _levels(column: pd.Series, bins: int) -> np.ndarray:
    """N codes: values as they are, or quantile bins of a quantity; missing is a level of its own."""
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if numeric and column.nunique() > min(MAX_LEVELS, bins):
        codes = pd.qcut(column, bins, labels=False, duplicates="drop")
        return codes.fillna(-1).to_numpy(dtype=np.int64)
    codes_of_values: np.ndarray = pd.factorize(column, sort=True)[0].astype(np.int64)
    return codes_of_values


def _merge(targets: np.ndarray, sizes: np.ndarray, minimum: int) -> np.ndarray:
    """New code of each stratum; strata are sorted by target, then by columns."""
    merged = np.empty(len(sizes), dtype=np.int64)
    for code, members in enumerate(_runs(targets, sizes, minimum)):
        merged[members] = code
    return merged


def _runs(targets: np.ndarray, sizes: np.ndarray, minimum: int) -> Iterator[list[int]]:
    """Shortest runs of neighbours of one target value that reach the minimum; what is left at the end joins the last run."""
    for target in np.unique(targets):
        run: list[int] = []
        pending: list[int] = []
        for stratum in np.flatnonzero(targets == target):
            pending.append(int(stratum))
            if sizes[pending].sum() >= minimum:
                if run:
                    yield run
                run, pending = pending, []
        yield run + pending

"""The audit of a large table beside one LogisticRegression fit of scikit-learn on the numeric columns of the same table.

Each side runs in a process of its own, which makes the table first. Its peak is what the process held at most above what
it held before, so that the table itself is on neither side (Linux: VmHWM of /proc/self/status, reset before measuring).
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from tests.benchmarks.rows import Row
from trainers.data.audit import audit
from trainers.data.load import Table, Task
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole

NAMES = ("audit_wall", "audit_peak_memory")
ROWS, NUMBERS, LABELS = 1_000_000, 45, 5
ROUNDS = 3


def rows() -> Iterator[Row]:
    """Measures both."""
    (ours, our_peak), (peer, peer_peak) = _alone(_audit), _alone(_fit)
    table = f"{ROWS:,} rows x {NUMBERS + LABELS} columns"
    note = f"one LogisticRegression fit on the {NUMBERS} numeric columns of {table}"
    yield Row("audit_wall", ours, peer, "s", "told", f"{note}; median of {ROUNDS}")
    yield Row("audit_peak_memory", our_peak, peer_peak, "MB", "told", f"{note}; above the table in memory")


def _alone(side: Callable[[Table, Split], object]) -> tuple[float, float]:
    """Median seconds and peak megabytes of a side, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, side).result()


def _measure(side: Callable[[Table, Split], object]) -> tuple[float, float]:
    table = _table()
    split = assign(table, SplitSpec())
    seconds = []
    Path("/proc/self/clear_refs").write_text("5")
    before = _megabytes("VmRSS")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        side(table, split)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), _megabytes("VmHWM") - before


def _audit(table: Table, split: Split) -> None:
    audit(table, split, "average_precision")


def _fit(table: Table, split: Split) -> None:
    names = [column.name for column in table.columns if column.role is ColumnRole.NUMERIC]
    LogisticRegression().fit(table.features[names], table.target)


def _megabytes(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def _table() -> Table:
    """Normal numbers and labels of ten values; the target follows three of the numbers, with noise."""
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.standard_normal((ROWS, NUMBERS)), columns=[f"n{i}" for i in range(NUMBERS)])
    target = (features[["n0", "n1", "n2"]].sum(axis=1) + rng.standard_normal(ROWS) > 2).to_numpy(np.int64)
    levels = np.array(list("abcdefghij"), dtype=object)
    for i in range(LABELS):
        features[f"c{i}"] = pd.Series(levels[rng.integers(0, len(levels), ROWS)], dtype=object)
    columns = tuple(
        Column(name, ColumnRole.CATEGORICAL, "object", 0, len(levels))
        if name.startswith("c")
        else Column(name, ColumnRole.NUMERIC, "float64", 0, ROWS)
        for name in features
    )
    return Table("memory", features, target, Task.BINARY, (0, 1), columns, features.assign(y=target), "y", "0")

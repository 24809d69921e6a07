"""Rows that know each other although they are on two sides of the split."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from trainers.data.columns import is_date, read_times
from trainers.data.split import Split
from trainers.data.table import ColumnRole, Table
from trainers.findings import Finding, Severity

# Numbers closer than this share of a column's deviation are the same to the search for near copies.
NEAR = 1e-3
# Share of a side's rows with a twin on the other from which copies are worth a word.
COPIES = 0.01
# Words in the name of a column that says which thing a row is about.
THINGS = re.compile(
    r"(?:^|[^a-z])(?:id|uuid|key|machine|unit|device|sensor|asset|engine|patient|subject|customer|client|user|account|batch"
    r"|lot|serial|vehicle|site|plant|store|session|household)(?:s|[^a-z]|$)",
    re.IGNORECASE,
)


def copies(table: Table, split: Split) -> Iterator[Finding]:
    """DUPLICATE_ROWS: rows with the same, or nearly the same, features on two sides."""
    codes, values = pd.factorize(_hashes(table))
    outside = np.ones(len(codes), dtype=bool)
    outside[split.development] = False
    test = _with_twin(codes[outside], codes[split.development])
    validation = _with_twin(codes[split.folds[0].validation], codes[split.folds[0].train])
    if max(test, validation) < COPIES:
        return
    repeated = 1 - len(values) / len(codes)
    yield Finding(
        "DUPLICATE_ROWS",
        # Few distinct rows are what a table of a few coarse columns looks like; copies among many are mistakes.
        Severity.WARNING if repeated < 0.5 else Severity.INFO,
        f"{test:.1%} of the rows outside development and {validation:.1%} of the first fold's validation rows have a twin"
        f" among the rows trained on; {repeated:.1%} of all rows repeat the features of another, or nearly.",
        "Drop the copies, or name the column that says which rows belong together in split.group_on.",
        evidence={"outside_with_twin": test, "validation_with_twin": validation, "repeated": repeated},
    )


def _with_twin(judged: np.ndarray, trained: np.ndarray) -> float:
    """Share of the judged codes that are among the trained ones."""
    seen = np.zeros(int(max(judged.max(initial=0), trained.max(initial=0))) + 1, dtype=bool)
    seen[trained] = True
    return float(seen[judged].mean()) if len(judged) else 0.0


def overlapping_groups(table: Table, split: Split) -> Iterator[Finding]:
    """GROUP_OVERLAP: groups on two sides, or a column that looks like a group and is on two sides."""
    if split.groups is not None:
        crossing = _crossing(split.groups, split)
        if crossing:
            yield Finding(
                "GROUP_OVERLAP",
                Severity.ERROR,
                f"{crossing} groups have rows on two sides of the split.",
                "Correct split.predefined_on so that a group has one side, or leave out split.group_on.",
                evidence={"groups": crossing},
            )
        return
    for name in table.keys.columns:
        if name == table.target_name or not THINGS.search(_spaced(str(name))):
            continue
        codes, values = pd.factorize(table.keys[name])
        if not 10 <= len(values) <= len(codes) / 2 or pd.api.types.is_float_dtype(table.keys[name]):
            continue
        crossing = _crossing(codes, split)
        if crossing > len(values) / 10:
            yield Finding(
                "GROUP_OVERLAP",
                Severity.WARNING,
                f"{crossing} of {len(values)} values of {name!r} have rows on two sides of the split: a model may recognise"
                " them instead of learning what makes the target.",
                f"Add {name!r} to split.group_on if the model will meet new ones; otherwise nothing.",
                (str(name),),
                {"groups": crossing, "of": len(values)},
            )


def inverted_times(table: Table, split: Split) -> Iterator[Finding]:
    """TIME_INVERSION: rows have dates, and rows are trained on that are later than rows they are judged on."""
    if split.kind == "time":
        return
    features = set(table.features.columns)
    for name in table.keys.columns:
        if name in features or name == table.target_name or not is_date(table.keys[name]):
            continue
        times = read_times(table.keys[name])
        if times is None:
            continue
        fold = split.folds[-1]
        later = float(np.nanmean(times[fold.train] > np.nanmedian(times[fold.validation])))
        if later > 0.05:
            yield Finding(
                "TIME_INVERSION",
                Severity.WARNING,
                f"{name!r} holds dates, but the split does not heed them: {later:.0%} of the last fold's training rows are"
                " later than half of its validation rows.",
                f"Set split.time_on to {name!r} if the model will predict later rows than those it is trained on.",
                (str(name),),
                {"later_training_rows": later},
            )


def _spaced(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)


def _crossing(groups: np.ndarray, split: Split) -> int:
    """Groups with rows on two sides: of a fold, or of development and the rest."""
    valid = np.flatnonzero(groups >= 0)
    inside = np.zeros(len(groups), dtype=bool)
    inside[split.development] = True
    both = [np.intersect1d(groups[fold.train], groups[fold.validation]) for fold in split.folds]
    if len(split.development) + split.test_rows == len(groups):  # else rows outside may be on no side at all
        both.append(np.intersect1d(groups[valid][inside[valid]], groups[valid][~inside[valid]]))
    crossing = np.unique(np.concatenate(both))
    return int((crossing >= 0).sum())


def _hashes(table: Table) -> np.ndarray:
    """Hashes of the features (n), numbers rounded to NEAR deviations.

    Multiply-add hashing of 64 bits (Dietzfelbinger 1996): two different rows of a million share a hash once in ten million
    tables.
    """
    multipliers = np.random.default_rng(0).integers(0, 2**64, len(table.columns), dtype=np.uint64) | np.uint64(1)
    hashes = np.zeros(len(table.target), dtype=np.uint64)
    for column, multiplier in zip(table.columns, multipliers, strict=True):
        values = table.features[column.name]
        if column.role is ColumnRole.CATEGORICAL:
            steps = pd.factorize(values)[0].astype(np.int64)
        else:
            numbers = values.to_numpy(dtype=np.float64)
            step = NEAR * float(values.std()) if column.distinct > 1 else 1.0
            steps = np.nan_to_num(np.round(numbers / step), nan=-(2.0**62)).astype(np.int64)
        hashes += steps.view(np.uint64) * multiplier
    return hashes

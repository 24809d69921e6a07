"""Splits in time: oldest rows train, newest rows test, and folds chain forward over a window that grows."""

import numpy as np

from trainers.data.meaning import Meaning
from trainers.data.sides import Fold, Sides, most_folds
from trainers.errors import SpecError, Violation
from trainers.findings import Finding, Severity


def chain(meaning: Meaning, fraction: float, k: int, seed: int) -> tuple[Sides, list[Finding]]:
    """Splits rows by time, and by group if there are groups.

    The newest rows test. The development rows form k + 1 blocks in time; fold i trains on blocks 0..i and validates on block
    i + 1 (forward chaining, expanding window). Rows of one time are never on two sides.

    Args:
        meaning: Times, embargo and groups.
        fraction: Share of the rows for the test.
        k: Folds.
        seed: Decides the side of groups that last over a boundary.

    Raises:
        SpecError: There are too few distinct times, or the embargo leaves a side without rows or without a class.
    """
    everything = np.arange(len(meaning.classes))
    starts = _starts(_times(meaning), [1 - fraction])
    if not starts:
        raise SpecError([Violation("split.time_on", "has one value only; name a column that orders the rows in time")])
    development, test = divide(meaning, everything, starts[0], np.inf, fraction, seed)
    drawn = most_folds(lambda parts: _chained(meaning, development, parts, seed), k, meaning.classes)
    if drawn is None or not len(test):
        raise SpecError([Violation("split.time_on", _why_not(meaning, development, test))])
    folds, findings = drawn
    dropped = len(everything) - len(development) - len(test)
    if dropped:
        findings = [*findings, _dropped(dropped, len(everything), meaning)]
    return Sides(development, test, folds), findings


def divide(
    meaning: Meaning, rows: np.ndarray, start: float, end: float, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divides rows into earlier and later ones.

    Rows less than the embargo before the start of the later ones are on no side. A group with rows on both sides goes to one,
    ``share`` of these groups, drawn at random, to the later; its rows on the other side are dropped.

    Args:
        meaning: Times, embargo and groups.
        rows: Positions to divide.
        start: First time of the later rows.
        end: First time after the later rows.
        share: Share of the groups with rows on both sides that go to the later.
        seed: Draws these groups.

    Returns:
        Earlier and later positions, in the order of ``rows``.
    """
    times = _times(meaning)[rows]
    earlier, later = rows[times + meaning.embargo < start], rows[(times >= start) & (times < end)]
    if meaning.groups is None:
        return earlier, later
    lasting = np.intersect1d(meaning.groups[earlier], meaning.groups[later])
    moved = round(share * len(lasting))
    if len(lasting) > 1:
        moved = min(max(moved, 1), len(lasting) - 1)
    drawn = np.random.default_rng(seed).permutation(lasting)
    to_later, to_earlier = drawn[:moved], drawn[moved:]
    return (
        earlier[~np.isin(meaning.groups[earlier], to_later)],
        later[~np.isin(meaning.groups[later], to_earlier)],
    )


def hold_out_latest(meaning: Meaning, rows: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divides rows into earlier ones, with rows of every class, and about ``share`` latest ones; either may come out empty.

    The latest are fewer where a class would otherwise have no earlier row.
    """
    times, classes = _times(meaning)[rows], meaning.classes[rows]
    begun = max((float(times[classes == code].min()) for code in np.unique(classes)), default=-np.inf)
    starts = _starts(times, [1 - share], begun + meaning.embargo)
    if not starts:
        return rows, rows[:0]
    return divide(meaning, rows, starts[0], np.inf, share, seed)


def _chained(meaning: Meaning, development: np.ndarray, k: int, seed: int) -> tuple[Fold, ...] | None:
    starts = _starts(_times(meaning)[development], [i / (k + 1) for i in range(1, k + 1)])
    if len(starts) < k:
        return None
    ends = [*starts[1:], np.inf]
    pairs = [
        divide(meaning, development, start, end, 1 / (i + 2), seed + i)
        for i, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    if any(len(rows) == 0 for pair in pairs for rows in pair):
        return None
    return tuple(Fold(train, validation) for train, validation in pairs)


def _starts(times: np.ndarray, shares: list[float], after: float = -np.inf) -> list[float]:
    """Times with about these shares of the rows before them, each after the first time and ``after``, without repetition."""
    distinct, counts = np.unique(times, return_counts=True)
    before = (np.cumsum(counts) - counts) / max(1, len(times))  # share of rows before each time
    possible = (before > 0) & (distinct > after)
    if not possible.any():
        return []
    distinct, before = distinct[possible], before[possible]
    nearest = [int(np.argmin(np.abs(before - share))) for share in shares]
    return [float(distinct[i]) for i in dict.fromkeys(nearest)]


def _times(meaning: Meaning) -> np.ndarray:
    if meaning.times is None:
        raise ValueError("There are no times to split on.")
    return meaning.times


def _why_not(meaning: Meaning, development: np.ndarray, test: np.ndarray) -> str:
    conditions = [f"{len(np.unique(_times(meaning)))} distinct times"]
    if meaning.embargo:
        conditions.append(f"an embargo of {meaning.embargo:g}")
    if meaning.groups is not None:
        conditions.append("whole groups")
    return (
        f"does not divide into two folds with every class on both sides: {', '.join(conditions)} leave {len(development)}"
        f" development and {len(test)} test rows; use a smaller embargo, fewer conditions, or rows over a longer time"
    )


def _dropped(dropped: int, rows: int, meaning: Meaning) -> Finding:
    why = "the embargo keeps" if meaning.groups is None else "embargo and whole groups keep"
    return Finding(
        "ROWS_DROPPED",
        Severity.WARNING if dropped > rows / 4 else Severity.INFO,
        f"{dropped} of {rows} rows are neither development nor test: {why} them apart from the test rows.",
        "Nothing, if the embargo is the time until a label is known; otherwise lower split.embargo.",
        evidence={"dropped": dropped, "rows": rows},
    )

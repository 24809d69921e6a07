"""Splits that the table itself decides: by a column that names each row's side, or by the hash of an id."""

import hashlib

import numpy as np
import pandas as pd

from trainers.data.meaning import Meaning
from trainers.data.shuffled import shuffled_folds
from trainers.data.sides import Fold, Sides, complete, most_folds
from trainers.errors import SpecError, Violation
from trainers.findings import Finding

TEST = "test"


def follow(labels: pd.Series, meaning: Meaning, k: int, seed: int) -> tuple[Sides, list[Finding]]:
    """Takes the sides from a column: "test" is the test, every other value is a fold.

    When there is one other value only, such as "train", its rows are divided into k folds at random.

    Args:
        labels: n side names, none missing.
        meaning: Strata and groups.
        k: Folds, when the column names none.
        seed: Seed of these folds.

    Raises:
        SpecError: There are no test rows, no other rows, or a fold misses a class.
    """
    names = labels.astype(str).str.strip()
    is_test = (names.str.lower() == TEST).to_numpy()
    test, development = np.flatnonzero(is_test), np.flatnonzero(~is_test)
    if not len(test) or not len(development):
        missing = "no row" if not len(test) else "every row"
        message = (
            f"{labels.name!r} says 'test' in {missing}; it must say so in the test rows and name folds in the others"
        )
        raise SpecError([Violation("split.predefined_on", message)])
    codes, values = pd.factorize(names.iloc[development], sort=True)
    if len(values) == 1:
        folds, findings = shuffled_folds(meaning, development, k, seed)
        return Sides(development, test, folds), findings
    folds = _folds(development, codes)
    for value, fold in zip(values, folds, strict=True):
        if not complete(fold, meaning.classes):
            message = f"fold {value!r} of {labels.name!r}, or what is left without it, has no rows of some class"
            raise SpecError([Violation("split.predefined_on", f"{message}; join it with another fold")])
    return Sides(development, test, folds), []


def hash_ids(ids: pd.Series, seed: int) -> np.ndarray:
    """SHA-256 of seed and id as text, as (n, 2) uint64: equal ids have equal hashes, in any table, order or process."""
    codes, values = pd.factorize(ids)
    hashes = [hashlib.sha256(f"{seed}:{_text(value)}".encode()).digest()[:16] for value in values]
    return np.frombuffer(b"".join(hashes), dtype=">u8").astype(np.uint64).reshape(-1, 2)[codes]


def scatter(hashes: np.ndarray, classes: np.ndarray, fraction: float, k: int) -> tuple[Sides, list[Finding]]:
    """Splits by hash: its first half decides test or development, its second half the fold.

    Each id keeps its side, and its fold for the same k, when rows are added or removed.

    Args:
        hashes: (n, 2) from ``hash_ids``.
        classes: n class codes.
        fraction: Expected share of the ids for the test.
        k: Folds.

    Raises:
        SpecError: There are too few ids for a test or two folds.
    """
    is_test = hashes[:, 0] < np.uint64(fraction * 2**64)
    test, development = np.flatnonzero(is_test), np.flatnonzero(~is_test)
    drawn = most_folds(lambda parts: _hashed_folds(hashes, development, parts), k, classes)
    if drawn is None or not len(test):
        message = (
            f"gives {len(test)} test and {len(development)} development rows, too few for two folds with every class"
        )
        raise SpecError([Violation("split.hash_on", f"{message}; bring more rows or split at random instead")])
    folds, findings = drawn
    return Sides(development, test, folds), findings


def _hashed_folds(hashes: np.ndarray, development: np.ndarray, k: int) -> tuple[Fold, ...]:
    codes = (hashes[development, 1] % np.uint64(k)).astype(np.int64)
    return _folds(development, codes)


def _folds(development: np.ndarray, codes: np.ndarray) -> tuple[Fold, ...]:
    return tuple(Fold(development[codes != code], development[codes == code]) for code in range(int(codes.max()) + 1))


def _text(value: object) -> str:
    """The same for 7 and 7.0: an added row with a missing value elsewhere can turn a column of integers into floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

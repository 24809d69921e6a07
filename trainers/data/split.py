"""Assigns rows to the sealed test set and the folds. Rows are assigned here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, Field

from trainers.data.load import Table
from trainers.findings import Finding


class SplitSpec(BaseModel, frozen=True, extra="forbid"):
    """How rows are assigned; the field comments are in proto/trainwright/v1/spec.proto."""

    test_fraction: float = Field(0.2, gt=0, le=0.5)
    folds: int = Field(5, ge=2, le=20)
    stratify_on: tuple[str, ...] = ()
    group_on: tuple[str, ...] = ()
    time_on: str | None = None
    embargo: float = Field(0.0, ge=0)
    predefined_on: str | None = None
    hash_on: str | None = None
    seed: int = Field(42, ge=0, lt=2**32)


@dataclass(frozen=True)
class Fold:
    """Row positions of one fold, ascending int64; training and validation rows are disjoint and all development rows."""

    train: np.ndarray
    validation: np.ndarray


@dataclass(frozen=True)
class Opening:
    """One opening of the test rows: RFC 3339 time, who, why."""

    time: str
    by: str
    why: str


class Seal:
    """Keeps the test rows until they are opened, once.

    A second opening raises; every opening is recorded. This is the one mutable thing in a split.
    """


@dataclass(frozen=True)
class Split:
    """Where every row goes.

    Attributes:
        kind: "random", "stratified", "grouped", "time", "predefined" or "hash".
        development: Row positions for training and cross-validation, ascending int64.
        folds: The folds. With a time split, early development rows may be in no validation set.
        inner: ``inner(rows, seed)`` splits training rows once more by the same meaning, about 85/15, for early stopping: returns
            (fit rows, stop rows) as positions in the table.
        groups: n group codes (int64) by row position, or None.
        digest: SHA-256 over every row's side and fold, in hexadecimal.
        findings: What was merged, lowered or dropped on the way.
        test_rows: Number of sealed rows.
        seal: The sealed rows.
    """

    kind: str
    development: np.ndarray
    folds: tuple[Fold, ...]
    inner: Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
    groups: np.ndarray | None
    digest: str
    findings: tuple[Finding, ...]
    test_rows: int
    seal: Seal

    def open_test(self, by: str, why: str) -> np.ndarray:
        """Returns the test row positions, once, and records the opening.

        Raises:
            SealError: They have been opened before.
        """
        raise NotImplementedError


def key_columns(spec: SplitSpec) -> tuple[str, ...]:
    """Columns that only say how rows belong together, so are no features: groups, time, id, predefined side."""
    raise NotImplementedError


def assign(table: Table, spec: SplitSpec) -> Split:
    """Assigns every row.

    Raises:
        SpecError: A column is missing or the rows cannot be divided as asked; paths are ``split.*``.
    """
    raise NotImplementedError

"""Assigns rows to the sealed test set and the folds. Rows are assigned here and nowhere else."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel, Field

from trainers.data.chronological import chain
from trainers.data.given import follow, hash_ids, scatter
from trainers.data.inner import InnerSplit
from trainers.data.load import Table, Task
from trainers.data.meaning import (
    Meaning,
    check_columns,
    check_present,
    class_codes,
    read_groups,
    read_row_times,
    read_strata,
)
from trainers.data.seal import Opening, Seal, SealError
from trainers.data.shuffled import shuffle
from trainers.data.sides import Fold, Sides
from trainers.errors import SpecError, Violation
from trainers.findings import Finding, Severity

__all__ = ["Fold", "Opening", "Seal", "SealError", "Split", "SplitSpec", "assign", "key_columns"]


class SplitSpec(BaseModel, frozen=True, extra="forbid"):
    """How rows are assigned; the field comments are in proto/trainwright/v1/spec.proto."""

    test_fraction: float = Field(0.2, ge=1e-6, le=0.5)
    folds: int = Field(5, ge=2, le=20)
    stratify_on: tuple[str, ...] = ()
    group_on: tuple[str, ...] = ()
    time_on: str | None = None
    embargo: float = Field(0.0, ge=0)
    predefined_on: str | None = None
    hash_on: str | None = None
    nested: bool = False
    seed: int = Field(42, ge=0, lt=2**32)


@dataclass(frozen=True)
class Split:
    """Where every row goes.

    Attributes:
        kind: "random", "stratified", "grouped", "time", "predefined" or "hash".
        development: Row positions for training and cross-validation, ascending int64.
        folds: The folds. With a time split, early development rows may be in no validation set.
        inner: ``inner(rows, seed)`` splits training rows once more by the same meaning, about 85/15, for early stopping:
            returns (fit rows, stop rows) as positions in the table.
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

    def nest(self) -> "tuple[tuple[int, Split], ...]":
        """The positions of the folds, each with a split of its training rows alone.

        The inner folds are the other folds, as far as they lie in these rows: so they keep strata, groups and times as the
        outer ones do. Left out are folds whose training rows hold fewer than two others, as the first ones of a time split.
        """
        inner = [tuple(_restricted(self.folds, outer)) for outer in self.folds]
        return tuple(
            (k, replace(self, development=self.folds[k].train, folds=folds, test_rows=0, seal=Seal(None)))
            for k, folds in enumerate(inner)
            if len(folds) > 1
        )

    def open_test(self, by: str, why: str) -> np.ndarray:
        """Returns the test row positions, once, and records the opening.

        Raises:
            SealError: They have been opened before, or this split is a copy.
        """
        return self.seal.open(by, why)


def _restricted(folds: Sequence[Fold], outer: Fold) -> Iterator[Fold]:
    """The folds without the rows that ``outer`` does not train on."""
    for fold in folds:
        train, validation = (rows[np.isin(rows, outer.train)] for rows in (fold.train, fold.validation))
        if len(train) and len(validation):
            yield Fold(train, validation)


def key_columns(spec: SplitSpec) -> tuple[str, ...]:
    """Columns that only say how rows belong together, so are no features: groups, time, id, predefined side."""
    single = (spec.time_on, spec.predefined_on, spec.hash_on)
    return tuple(dict.fromkeys([*spec.group_on, *(name for name in single if name is not None)]))


def assign(table: Table, spec: SplitSpec, earlier: Callable[[str], Sequence[Opening]] = lambda digest: ()) -> Split:
    """Assigns every row.

    Args:
        table: The table.
        spec: How.
        earlier: Tells of openings of the same test rows by earlier runs, given the seal's digest; the seal carries them on.

    Raises:
        SpecError: A column is missing or the rows cannot be divided as asked; paths are ``split.*``.
    """
    contradictions = list(_contradictions(spec))
    if contradictions:
        raise SpecError(contradictions)
    check_columns(table, list(_named(spec)))
    _check_sizes(table, spec.folds)
    meaning, merged = _read_meaning(table, spec)
    kind = _kind(spec, meaning)
    ids = np.arange(len(table.target), dtype=np.uint64).reshape(-1, 1)
    if kind == "hash":
        ids = hash_ids(table.keys[spec.hash_on], spec.seed)
    sides, lowered = _divide(kind, table, spec, meaning, ids)
    findings = (*merged, *_ignored(kind, spec), *lowered, *_incomplete_test(table, sides.test))
    sealed = hashlib.sha256(table.fingerprint.encode() + sides.test.tobytes()).hexdigest()
    return Split(
        kind=kind,
        development=sides.development,
        folds=sides.folds,
        inner=InnerSplit(meaning),
        groups=meaning.groups,
        digest=_digest(sides, ids),
        findings=findings,
        test_rows=len(sides.test),
        seal=Seal(sides.test, sealed, earlier(sealed)),
    )


def _divide(kind: str, table: Table, spec: SplitSpec, meaning: Meaning, ids: np.ndarray) -> tuple[Sides, list[Finding]]:
    if kind == "time":
        return chain(meaning, spec.test_fraction, spec.folds, spec.seed)
    if kind == "predefined":
        return follow(table.keys[spec.predefined_on], meaning, spec.folds, spec.seed)
    if kind == "hash":
        return scatter(ids, meaning.classes, spec.test_fraction, spec.folds)
    return shuffle(meaning, spec.test_fraction, spec.folds, spec.seed)


def _kind(spec: SplitSpec, meaning: Meaning) -> str:
    if spec.time_on:
        return "time"
    if spec.predefined_on:
        return "predefined"
    if spec.hash_on:
        return "hash"
    if spec.group_on:
        return "grouped"
    return "stratified" if meaning.strata.any() else "random"


def _read_meaning(table: Table, spec: SplitSpec) -> tuple[Meaning, list[Finding]]:
    # Each stratum can then give a row to every fold and to the test.
    minimum = max(spec.folds + 1, int(np.ceil(1 / spec.test_fraction)))
    strata, merged = read_strata(table, spec.stratify_on, minimum)
    groups = read_groups(table, "split.group_on", spec.group_on) if spec.group_on else None
    times = read_row_times(table, spec.time_on) if spec.time_on else None
    if spec.predefined_on:
        check_present(table, "split.predefined_on", [spec.predefined_on])
    if spec.hash_on:
        codes = read_groups(table, "split.hash_on", [spec.hash_on])
        groups = None if codes.max() + 1 == len(codes) else codes
    return Meaning(class_codes(table), strata, groups, times, spec.embargo), merged


def _named(spec: SplitSpec) -> Iterator[tuple[str, str]]:
    for name, columns in (("stratify_on", spec.stratify_on), ("group_on", spec.group_on)):
        yield from ((f"split.{name}[{i}]", column) for i, column in enumerate(columns))
    for name in ("time_on", "predefined_on", "hash_on"):
        column = getattr(spec, name)
        if column is not None:
            yield f"split.{name}", column


def _contradictions(spec: SplitSpec) -> Iterator[Violation]:
    given = [name for name in ("time_on", "predefined_on", "hash_on") if getattr(spec, name) is not None]
    for name in given[1:]:
        yield Violation(f"split.{name}", f"cannot be combined with split.{given[0]}: each decides every row; keep one")
    if spec.hash_on and spec.group_on:
        mend = "hash on the column that names the group instead"
        yield Violation(
            "split.group_on", f"cannot be combined with split.hash_on, which keeps each id together; {mend}"
        )


def _check_sizes(table: Table, folds: int) -> None:
    rows = len(table.target)
    if table.task is Task.REGRESSION:
        if rows < 2 * (folds + 1):
            message = f"{folds} folds and a test need at least {2 * (folds + 1)} rows, the table has {rows}"
            raise SpecError([Violation("split.folds", f"{message}; use fewer folds or bring more rows")])
        return
    counts = np.bincount(table.target, minlength=len(table.classes))
    rarest = int(np.argmin(counts))
    if counts[rarest] <= folds:
        mend = f"use at most {counts[rarest] - 1} folds" if counts[rarest] > 2 else "leave its rows out"
        message = f"class {table.classes[rarest]!r} has {counts[rarest]} rows, too few for {folds} folds and the test"
        raise SpecError([Violation("split.folds", f"{message}; {mend} or bring more rows of it")])


def _ignored(kind: str, spec: SplitSpec) -> Iterator[Finding]:
    if spec.stratify_on and kind in ("time", "predefined", "hash"):
        yield Finding(
            "STRATA_IGNORED",
            Severity.WARNING,
            f"A {kind} split decides every row, so the proportions of {', '.join(spec.stratify_on)} are not kept.",
            f"Leave out split.stratify_on, or split.{kind}_on if proportions matter more.",
            spec.stratify_on,
        )


def _incomplete_test(table: Table, test: np.ndarray) -> Iterator[Finding]:
    missing = sorted(set(range(len(table.classes))) - set(table.target[test].tolist())) if table.classes else []
    if missing:
        names = ", ".join(str(table.classes[i]) for i in missing)
        yield Finding(
            "TEST_MISSES_CLASS",
            Severity.ERROR,
            f"The {len(test)} test rows have none of class {names}, so no test can judge it.",
            "Raise split.test_fraction, bring more rows of the class, or divide the rows in another way.",
            (table.target_name,),
            {"test_rows": len(test), "classes": [str(table.classes[i]) for i in missing]},
        )


def _digest(sides: Sides, ids: np.ndarray) -> str:
    """Over (id, side, side in every fold) of all rows, sorted by id."""
    table = np.zeros((len(ids), 1 + len(sides.folds)), dtype=np.uint8)
    table[sides.development, 0], table[sides.test, 0] = 1, 2
    for i, fold in enumerate(sides.folds, start=1):
        table[fold.train, i], table[fold.validation, i] = 1, 2
    order = np.lexsort(ids.T[::-1])
    digest = hashlib.sha256(np.ascontiguousarray(ids[order]).tobytes())
    digest.update(table[order].tobytes())
    return digest.hexdigest()

"""Who opened which test rows is remembered for all runs that share a folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainers.data.seal import Seal
from trainers.data.split import SplitSpec, assign
from trainers.data.table import Table, Task
from trainers.results import Openings


def table(fingerprint: str = "f") -> Table:
    features = pd.DataFrame({"x": np.arange(100.0)})
    target = np.tile([0, 1], 50)
    return Table("t", features, target, Task.BINARY, (0, 1), (), features.assign(y=target), "y", fingerprint)


def digest(book: Openings, fingerprint: str = "f", **spec: Any) -> tuple[str, int]:
    seal = assign(table(fingerprint), SplitSpec(**spec), book.of).seal
    return seal.digest, len(seal.openings)


def test_a_run_on_the_same_test_rows_knows_of_earlier_openings(tmp_path: Path) -> None:
    book = Openings(tmp_path / "openings")
    split = assign(table(), SplitSpec(), book.of)
    split.open_test("first", "the final judgement")
    book.record(split.seal)
    assert digest(book) == (split.seal.digest, 1)
    assert digest(book, folds=3) == (split.seal.digest, 1), "other folds, the same test rows"
    assert digest(book, seed=7)[1] == 0, "other test rows"
    assert digest(book, fingerprint="g")[1] == 0, "another table"


def test_every_opening_is_kept_in_order(tmp_path: Path) -> None:
    book = Openings(tmp_path / "openings")
    for name in ("first", "second"):
        seal = Seal(np.array([1]), "rows", book.of("rows"))
        seal.open(name, "a look")
        book.record(seal)
    assert [opening.by for opening in book.of("rows")] == ["first", "second"]

"""Keeps the test rows out of reach until the one moment they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np


class SealError(RuntimeError):
    """The test rows were asked for where or when they may not be had."""


@dataclass(frozen=True)
class Opening:
    """One opening of the test rows: RFC 3339 time, who, why."""

    time: str
    by: str
    why: str


class Seal:
    """Keeps the test rows until they are opened, once.

    A second opening raises; every opening is recorded. This is the one mutable thing in a split. A copy, in this process or
    in a worker's, never holds the rows: the seal that ``assign`` made is the only one that opens. It guards against
    accidents; whoever means to can still work the rows out from the rest of the split.

    Args:
        rows: Test row positions, ascending int64.
        digest: Names these rows of this table, so that runs which share them know of one another.
        earlier: Openings of the same rows by earlier runs.
    """

    def __init__(self, rows: np.ndarray | None, digest: str = "", earlier: Sequence[Opening] = ()) -> None:
        self._rows = rows
        self._openings = tuple(earlier)
        self.digest = digest

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Every opening so far, those of earlier runs first."""
        return self._openings

    def open(self, by: str, why: str) -> np.ndarray:
        """Returns the test row positions, once, and records the opening.

        Raises:
            SealError: They have been opened before, or this is a copy.
        """
        if self._rows is None:
            last = f": {self._openings[-1]}" if self._openings else ""
            raise SealError(f"The test rows are not here: they open once, where they were assigned{last}.")
        rows, self._rows = self._rows, None
        self._openings += (Opening(datetime.now(UTC).isoformat(timespec="seconds"), by, why),)
        return rows

    def __reduce__(self) -> tuple[type["Seal"], tuple[None, str, tuple[Opening, ...]]]:
        return type(self), (None, self.digest, self._openings)

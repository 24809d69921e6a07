"""Splits training rows once more, for early stopping."""

from dataclasses import dataclass

import numpy as np

from trainers.data.chronological import hold_out_latest
from trainers.data.meaning import Meaning
from trainers.data.shuffled import hold_out

# One part in seven, 14 %, stops.
PARTS = 7


@dataclass(frozen=True)
class InnerSplit:
    """Splits training rows by the same meaning as the whole: groups stay together, and with times the latest rows stop.

    Attributes:
        meaning: Strata, groups and times of all rows.
    """

    meaning: Meaning

    def __call__(self, rows: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Divides rows about 85/15; a position that occurs more than once stays on one side.

        The fit rows keep every class. Where no division by time leaves them all of it, as with rows of one time or fewer
        than two groups, the rows are divided at random.

        Args:
            rows: Positions in the table.
            seed: Seed.

        Returns:
            Fit rows and stop rows, in the order of ``rows``.

        Raises:
            ValueError: The rows are one row, or one group.
        """
        distinct = np.unique(rows)
        fit, stop = distinct[:0], distinct[:0]
        if self.meaning.times is not None:
            fit, stop = hold_out_latest(self.meaning, distinct, 1 / PARTS, seed)
        if not len(stop) or not self._keeps_classes(fit, distinct):
            fit, stop = hold_out(self.meaning, distinct, PARTS, seed)
        return rows[np.isin(rows, fit)], rows[np.isin(rows, stop)]

    def _keeps_classes(self, fit: np.ndarray, rows: np.ndarray) -> bool:
        return bool(np.isin(self.meaning.classes[rows], self.meaning.classes[fit]).all())

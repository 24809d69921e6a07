"""What the chosen model said of every row that it was not fitted on, kept as a table beside the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cluster.files import whole
from trainers.evaluation.metrics import by_class

FILE = "predictions.parquet"
TEST = -1  # in place of a fold's number
_PROBABILITY = "probability of "


@dataclass(frozen=True)
class Predictions:
    """Predictions row by row: n rows, those of the folds first, then the test rows.

    Attributes:
        rows: (n,) positions in the table.
        folds: (n,) fold that each row was held out in; TEST for test rows.
        truth: (n,) class indices, or values for regression.
        values: (n,) P(class 1), (n, k) class probabilities, or (n,) predicted values.
        decided: (n,) class indices after the decision; for regression the predicted values.
        classes: Labels by class index, as text; empty for regression.
        groups: (n,) group codes where rows belong together, or None.
    """

    rows: np.ndarray
    folds: np.ndarray
    truth: np.ndarray
    values: np.ndarray
    decided: np.ndarray
    classes: tuple[str, ...] = ()
    groups: np.ndarray | None = None

    def save(self, folder: Path) -> Path:
        """Writes FILE into the folder: row, fold, truth, decided, then probabilities by label or the prediction."""
        frame = pd.DataFrame({"row": self.rows, "fold": self.folds})
        if self.classes:
            labels = np.array(self.classes, dtype=object)
            frame["truth"], frame["decided"] = labels[self.truth], labels[self.decided]
            for label, column in zip(self.classes, by_class(self.values).T, strict=True):
                frame[f"{_PROBABILITY}{label}"] = column
        else:
            frame["truth"], frame["decided"] = self.truth, self.decided
        if self.groups is not None:
            frame["group"] = self.groups
        path = folder / FILE
        with whole(path) as file:
            frame.to_parquet(file, index=False)
        return path

    def fold_of(self, number: int) -> "Predictions":
        """The rows of one fold, or with TEST the test rows."""
        return self._take(self.folds == number)

    @property
    def out_of_fold(self) -> "Predictions":
        """All rows but the test rows."""
        return self._take(self.folds != TEST)

    def _take(self, at: np.ndarray) -> "Predictions":
        groups = None if self.groups is None else self.groups[at]
        return Predictions(
            self.rows[at], self.folds[at], self.truth[at], self.values[at], self.decided[at], self.classes, groups
        )


def load(folder: Path) -> Predictions:
    """Reads what :meth:`Predictions.save` wrote.

    Raises:
        OSError: There is no such file.
    """
    frame = pd.read_parquet(folder / FILE)
    columns = [name for name in frame.columns if name.startswith(_PROBABILITY)]
    classes = tuple(name.removeprefix(_PROBABILITY) for name in columns)
    values = frame[columns].to_numpy() if columns else frame["decided"].to_numpy()
    return Predictions(
        rows=frame["row"].to_numpy(),
        folds=frame["fold"].to_numpy(),
        truth=_indices(frame["truth"], classes),
        values=values[:, 1] if len(classes) == 2 else values,
        decided=_indices(frame["decided"], classes),
        classes=classes,
        groups=frame["group"].to_numpy() if "group" in frame else None,
    )


def _indices(column: pd.Series, classes: Sequence[str]) -> np.ndarray:
    if not classes:
        return column.to_numpy()
    return column.map({label: i for i, label in enumerate(classes)}).to_numpy(dtype=np.int64)

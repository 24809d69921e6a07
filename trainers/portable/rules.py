"""Decision rules: what turns predictions into labels. The same value decides in a run and in the logged model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

# The values of the columns that make a segment; None where one is missing.
Segment = tuple[str, ...] | None


class Rule(ABC):
    """Turns predictions into decisions."""

    columns: tuple[str, ...] = ()
    """Columns whose values name a row's segment, as :func:`segments_of` reads them."""

    @abstractmethod
    def labels(self, predictions: np.ndarray, segments: Sequence[Segment] | None = None) -> np.ndarray:
        """Class indices (n,) of P(class 1) (n,), or of probabilities (n, k)."""

    def answers(
        self, classes: np.ndarray, predictions: np.ndarray, segments: Sequence[Segment] | None = None
    ) -> np.ndarray:
        """Labels (n,) in the words of the data."""
        answers: np.ndarray = classes[self.labels(predictions, segments)]
        return answers


@dataclass(frozen=True)
class Cut(Rule):
    """Class 1 where its probability reaches the threshold; segments may have their own.

    Attributes:
        threshold: Shared threshold: of rows in no listed segment, or without a value.
        columns: Columns that make a segment; none without segments.
        segments: The segments that have their own threshold.
        thresholds: Theirs, in the same order.
    """

    threshold: float
    columns: tuple[str, ...] = ()
    segments: tuple[tuple[str, ...], ...] = ()
    thresholds: tuple[float, ...] = ()

    def labels(self, predictions: np.ndarray, segments: Sequence[Segment] | None = None) -> np.ndarray:
        """Class indices (n,) of P(class 1) (n,)."""
        flagged: np.ndarray = predictions >= self._at(segments)
        return flagged.astype(int)

    def _at(self, segments: Sequence[Segment] | None) -> np.ndarray | float:
        if segments is None:
            return self.threshold
        own: dict[Segment, float] = dict(zip(self.segments, self.thresholds, strict=True))
        return np.array([own.get(segment, self.threshold) for segment in segments], dtype=float)


@dataclass(frozen=True)
class Band(Rule):
    """Class 1 from ``upper`` on, class 0 below ``lower``; what lies between goes to a person.

    Attributes:
        lower: Rows below it are left alone.
        upper: Rows from it on are flagged.
        threshold: What decides where nobody is asked.
        review: The answer for rows that a person is to decide.
    """

    lower: float
    upper: float
    threshold: float
    review: str = "review"

    def labels(self, predictions: np.ndarray, segments: Sequence[Segment] | None = None) -> np.ndarray:
        """Class indices (n,) of P(class 1) (n,), as if nobody were asked."""
        return np.asarray(predictions >= self.threshold).astype(int)

    def reviewed(self, predictions: np.ndarray) -> np.ndarray:
        """Which rows a person is to decide, (n,) of bool."""
        return np.asarray((predictions >= self.lower) & (predictions < self.upper))

    def answers(
        self, classes: np.ndarray, predictions: np.ndarray, segments: Sequence[Segment] | None = None
    ) -> np.ndarray:
        """Labels (n,) as text, and ``review`` for those between."""
        texts = np.array([str(label) for label in classes], dtype=object)
        answers: np.ndarray = texts[(predictions >= self.upper).astype(int)]
        answers[self.reviewed(predictions)] = self.review
        return answers


@dataclass(frozen=True)
class Weighing(Rule):
    """The class with the highest of k weighed sums of the k probabilities.

    A diagonal matrix weighs each class by itself; the negative of a cost matrix decides for the least expected cost (Elkan,
    "The Foundations of Cost-Sensitive Learning", 2001).

    Attributes:
        matrix: k rows by true class of k weights by decided class.
    """

    matrix: tuple[tuple[float, ...], ...]

    def labels(self, predictions: np.ndarray, segments: Sequence[Segment] | None = None) -> np.ndarray:
        """Class indices (n,) of probabilities (n, k)."""
        return np.asarray((predictions @ np.array(self.matrix)).argmax(axis=1))


def most_probable(k: int) -> Weighing:
    """The rule that weighs k classes alike."""
    return Weighing(tuple(tuple(float(i == j) for j in range(k)) for i in range(k)))


def segments_of(frame: pd.DataFrame, columns: Sequence[str]) -> list[Segment] | None:
    """Each row's segment: the values of the columns as text; None where one is missing or its column is not there.

    Whole numbers read the same whether a column holds them as integers, floats or text, since a missing value elsewhere in
    a column changes how pandas holds the others.

    Returns:
        n segments; None without columns.
    """
    if not columns:
        return None
    if not set(columns) <= set(frame.columns):
        return [None] * len(frame)
    texts = [_texts(frame[name]) for name in columns]
    return [None if None in row else tuple(map(str, row)) for row in zip(*texts, strict=True)]


def _texts(column: pd.Series) -> list[str | None]:
    codes, values = pd.factorize(column)
    texts = [str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values]
    return [None if code < 0 else texts[code] for code in codes]

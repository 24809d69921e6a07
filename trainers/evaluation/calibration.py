"""Whether a probability of 0.3 means three in ten."""

from enum import StrEnum

import numpy as np
from pydantic import BaseModel

from trainers.report.values import Reliability


class CalibrationMethod(StrEnum):
    """Ways to correct probabilities."""

    AUTO = "auto"
    NONE = "none"
    SIGMOID = "sigmoid"
    ISOTONIC = "isotonic"
    TEMPERATURE = "temperature"


class CalibrationSpec(BaseModel, frozen=True, extra="forbid"):
    """How probabilities are corrected; the field comments are in proto/trainwright/v1/spec.proto."""

    method: CalibrationMethod = CalibrationMethod.AUTO


def reliability(y: np.ndarray, probabilities: np.ndarray, bins: int = 10, seed: int = 0) -> Reliability:
    """Measures how far probabilities can be taken at their word.

    Brier score: Brier, 1950. Expected calibration error: Naeini, Cooper and Hauskrecht, 2015. What chance explains of it:
    consistency resampling (Bröcker and Smith, 2007), 95 % quantile.

    Args:
        y: (n,) class indices.
        probabilities: (n,) P(class 1), or (n, k); of k classes, that of the most probable one is measured against how often
            it is the true one. Of rows the model was not fitted on.
        bins: Bins with about equally many rows; tied probabilities share one.
        seed: Seed of the resampling.
    """
    if probabilities.ndim == 2:
        y, probabilities = y == probabilities.argmax(axis=1), probabilities.max(axis=1)
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, bins + 1)[1:-1], method="higher"))
    codes = np.searchsorted(edges, probabilities, side="right")
    rows = np.bincount(codes)
    used = rows > 0

    def shares(values: np.ndarray) -> np.ndarray:
        return np.bincount(codes, weights=values)[used] / rows[used]

    predicted, observed = shares(probabilities), shares(y)
    weights = rows[used] / len(y)
    rng = np.random.default_rng(seed)
    chance = [weights @ np.abs(shares(rng.random(len(y)) < probabilities) - predicted) for _ in range(200)]
    return Reliability(
        predicted=tuple(float(v) for v in predicted),
        observed=tuple(float(v) for v in observed),
        rows=tuple(int(v) for v in rows[used]),
        brier=float(np.mean((probabilities - y) ** 2)),
        expected_error=float(weights @ np.abs(observed - predicted)),
        by_chance=float(np.quantile(chance, 0.95)),
    )

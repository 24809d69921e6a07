"""Whether a probability of 0.3 means three in ten."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """Reliability of probabilities, lowest bin first.

    Attributes:
        predicted: Mean probability of each bin.
        observed: Share of positive rows of each bin.
        rows: Rows of each bin.
        brier: Brier score: mean squared error of the probabilities (Brier, 1950).
        expected_error: Expected calibration error: mean distance of predicted and observed, bins weighted by rows
            (Naeini, Cooper and Hauskrecht, 2015).
        by_chance: The expected calibration error that perfectly calibrated probabilities would exceed in one of twenty
            samples of this size (consistency resampling: Bröcker and Smith, 2007).
    """

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    rows: tuple[int, ...]
    brier: float
    expected_error: float
    by_chance: float


def calibration(y: np.ndarray, probabilities: np.ndarray, bins: int = 10, seed: int = 0) -> Calibration:
    """Measures how far probabilities can be taken at their word.

    Args:
        y: (n,) 0 or 1.
        probabilities: (n,) P(class 1) of rows the model was not fitted on.
        bins: Bins with about equally many rows; tied probabilities share one.
        seed: Seed of the resampling.
    """
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
    return Calibration(
        predicted=tuple(float(v) for v in predicted),
        observed=tuple(float(v) for v in observed),
        rows=tuple(int(v) for v in rows[used]),
        brier=float(np.mean((probabilities - y) ** 2)),
        expected_error=float(weights @ np.abs(observed - predicted)),
        by_chance=float(np.quantile(chance, 0.95)),
    )

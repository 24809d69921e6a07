"""Greedy weights over out-of-fold predictions: Caruana et al., "Ensemble selection from libraries of models", 2004."""

from collections.abc import Sequence

import numpy as np

from trainers.evaluation.metrics import Metric


def greedy_weights(y: np.ndarray, members: Sequence[np.ndarray], metric: Metric, steps: int = 20) -> np.ndarray:
    """Adds the member that helps most, with replacement, ``steps`` times; the counts are the weights.

    Args:
        y: n true values.
        members: Predictions of each member for the same n rows.
        metric: What is maximised.
        steps: Additions; the best prefix is kept.

    Returns:
        One weight a member, summing to 1.
    """
    counts = np.zeros(len(members))
    total = np.zeros_like(members[0], dtype=float)
    best_counts, best_score = counts, -np.inf
    for step in range(1, steps + 1):
        scores = [metric.score(y, (total + member) / step) for member in members]
        chosen = int(np.argmax(scores))
        counts = counts.copy()
        counts[chosen] += 1
        total = total + members[chosen]
        if scores[chosen] > best_score + 1e-12:
            best_counts, best_score = counts, scores[chosen]
    weights: np.ndarray = best_counts / best_counts.sum()
    return weights

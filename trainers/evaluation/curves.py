"""Names what a model's loss curves show, by rules with stated thresholds.

The curves are those of early stopping: the loss on the rows that are fitted and on rows that are not, after each boosting
round or epoch.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

TOO_HIGH = 1.1  # the training loss comes back to this many times its first value, once it has any
JUMP = 0.25  # a rise of the validation loss in one round, in shares of its whole fall, that is a jump ...
JUMPS = 0.1  # ... and the share of rounds with one that makes training unstable
STILL_FALLING = 0.1  # share of the whole fall that comes in the last fifth of the rounds, when more of them would help
LITTLE_LEARNED = (
    0.05  # fall of the training loss, in shares of its first value, below which hardly anything was learned
)
GAP = 1.5  # the validation loss is this many times the training loss at the round to keep ...
RISE = 0.05  # ... and rises afterwards by this share of its fall, while the training loss falls on
FEWEST = 3  # rounds that make a curve


class Shape(StrEnum):
    """What curves show; the first that holds is named."""

    LEARNING_RATE_TOO_HIGH = "learning_rate_too_high"
    UNSTABLE = "unstable"
    UNDERFITTING = "underfitting"
    LEARNING_RATE_TOO_LOW = "learning_rate_too_low"
    OVERFITTING = "overfitting"
    HEALTHY = "healthy"


REMEDIES: dict[Shape, tuple[str, str]] = {
    Shape.LEARNING_RATE_TOO_HIGH: (
        "Lower learning_rate, to a third or a tenth.",
        "For a network, lengthen warmup or lower clip_norm.",
    ),
    Shape.UNSTABLE: (
        "Raise batch_size (a network) or min_samples_leaf (trees), so that single rows count less.",
        "Lower learning_rate.",
    ),
    Shape.UNDERFITTING: (
        "Allow a larger model: more width or depth, more leaves.",
        "Weaken regularisation (dropout, weight_decay, l2), or bring columns that tell more about the outcome.",
    ),
    Shape.LEARNING_RATE_TOO_LOW: (
        "Raise learning_rate; learning_rate: range_test finds one for a network.",
        "Allow more epochs or rounds.",
    ),
    Shape.OVERFITTING: (
        "Strengthen regularisation (dropout, weight_decay, l2), or allow a smaller model.",
        "Bring more rows.",
    ),
    Shape.HEALTHY: ("Nothing needs to be done.", "For the last bit of score, search more configurations."),
}


def shape_of(train: Sequence[float], validation: Sequence[float]) -> Shape:
    """Names the curves of one fit.

    Args:
        train: Loss after each round on the rows that are fitted.
        validation: The same on the rows that early stopping watches.

    Returns:
        The first shape whose rule holds; healthy for curves too short to tell.
    """
    t, v = np.asarray(train, dtype=float), np.asarray(validation, dtype=float)
    if len(t) < FEWEST or len(v) < FEWEST:
        return Shape.HEALTHY
    kept = int(np.argmin(v))
    fall = float(v[0] - v[kept])
    if t[1:].max() > TOO_HIGH * t[0]:
        return Shape.LEARNING_RATE_TOO_HIGH
    if t[0] - t.min() < LITTLE_LEARNED * abs(t[0]):
        return Shape.UNDERFITTING
    if fall > 0 and (np.diff(v) > JUMP * fall).mean() >= JUMPS:
        return Shape.UNSTABLE
    fifth = max(2, len(v) // 5)
    if kept == len(v) - 1 and v[-fifth] - v[-1] > STILL_FALLING * fall:
        return Shape.LEARNING_RATE_TOO_LOW
    rises = v[-1] - v[kept] > RISE * fall and t[-1] < t[kept]
    return Shape.OVERFITTING if v[kept] > GAP * t[kept] and rises else Shape.HEALTHY


def most_common(shapes: Sequence[Shape]) -> Shape:
    """The shape of most folds; of several, the one that is named first."""
    return max(Shape, key=list(shapes).count)

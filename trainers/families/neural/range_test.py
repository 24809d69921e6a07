"""The learning-rate range test: Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trainers.families.neural.examples import Place

if TYPE_CHECKING:
    from trainers.families.neural.fit import Setup

# The value of learning_rate that asks for the test.
RANGE_TEST = "range_test"
LOWEST, HIGHEST, STEPS = 1e-5, 1.0, 100
SMOOTHING = 0.9  # weight of the past in the mean loss
TOO_MUCH = 4.0  # the test ends when the mean loss is this many times the smallest
SHARE = (
    0.1  # of the learning rate at the smallest loss is suggested: where it is smallest, training is about to diverge
)


def find_learning_rate(setup: Setup, place: Place) -> float:
    """Trains a copy with a learning rate that rises with every step, and suggests one well below where the loss turns.

    Args:
        setup: What training begins with.
        place: Where to test, one worker.

    Returns:
        A tenth of the learning rate at which the smoothed loss was smallest.
    """
    rates, losses = range_test(setup, place)
    return float(SHARE * rates[int(np.argmin(losses))])


def range_test(setup: Setup, place: Place) -> tuple[np.ndarray, np.ndarray]:
    """Learning rates, rising, and the smoothed loss after the step at each; short when the loss explodes."""
    constant = replace(setup.settings, schedule="constant", warmup=0.0, compile=False)
    training = replace(setup, settings=constant).training(place)
    rates = np.geomspace(LOWEST, HIGHEST, STEPS)
    losses: list[float] = []
    mean = 0.0
    for step, loss in enumerate(training.steps(rates), start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        losses.append(mean / (1 - SMOOTHING**step))
        if not math.isfinite(loss) or losses[-1] > TOO_MUCH * min(losses):
            break
    finite = [loss if math.isfinite(loss) else math.inf for loss in losses]
    return rates[: len(finite)], np.array(finite)

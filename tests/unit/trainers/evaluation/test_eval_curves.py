"""Each shape on a curve drawn for it, and just on the other side of its threshold."""

import numpy as np
import pytest

from trainers.evaluation.curves import REMEDIES, Shape, most_common, shape_of

ROUNDS = np.arange(40)
FALLING = 0.2 + 0.8 * np.exp(-ROUNDS / 6)
TURNING = 0.35 + 0.65 * np.exp(-ROUNDS / 6) + 0.004 * np.maximum(0, ROUNDS - 18)
SLOW = 1 - 0.4 * ROUNDS / 39
JUMPING = FALLING + 0.3 * (ROUNDS % 7 == 6)

CURVES = {
    Shape.HEALTHY: (FALLING, FALLING + 0.02),
    Shape.OVERFITTING: (FALLING - 0.15, TURNING),
    Shape.UNDERFITTING: (np.linspace(1, 0.97, 40), np.linspace(1, 0.98, 40)),
    Shape.LEARNING_RATE_TOO_HIGH: (np.where(ROUNDS == 3, 1.2, FALLING), FALLING),
    Shape.LEARNING_RATE_TOO_LOW: (SLOW, SLOW),
    Shape.UNSTABLE: (FALLING, JUMPING),
}


@pytest.mark.parametrize("shape", Shape)
def test_names_the_curve_drawn_for_it(shape):
    assert shape_of(*CURVES[shape]) is shape


def test_stopping_early_in_time_is_healthy():
    assert shape_of(FALLING + 0.1, TURNING) is Shape.HEALTHY


@pytest.mark.parametrize(("peak", "shape"), [(1.11, Shape.LEARNING_RATE_TOO_HIGH), (1.09, Shape.HEALTHY)])
def test_the_learning_rate_is_too_high_from_a_tenth_above_the_first_loss(peak, shape):
    assert shape_of(np.where(ROUNDS == 3, peak, FALLING), FALLING) is shape


@pytest.mark.parametrize(("last", "shape"), [(0.96, Shape.UNDERFITTING), (0.94, Shape.LEARNING_RATE_TOO_LOW)])
def test_less_than_a_twentieth_is_little_learned(last, shape):
    assert shape_of(np.linspace(1, last, 40), np.linspace(1, last, 40)) is shape


def test_two_rounds_tell_nothing():
    assert shape_of([1.0, 5.0], [1.0, 5.0]) is Shape.HEALTHY


def test_the_shape_of_most_folds_counts_and_each_has_two_remedies():
    assert most_common([Shape.HEALTHY, Shape.OVERFITTING, Shape.OVERFITTING]) is Shape.OVERFITTING
    assert most_common([Shape.HEALTHY, Shape.UNSTABLE]) is Shape.UNSTABLE
    assert all(len(set(REMEDIES[shape])) == 2 for shape in Shape)

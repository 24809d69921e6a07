import numpy as np
import pytest

from trainers.evaluation.learning import doublings


@pytest.mark.parametrize(("limit", "size", "power"), [(0.95, -2.0, 0.5), (-1.0, -8.0, 0.7)])
def test_a_power_law_is_continued_exactly(limit: float, size: float, power: float) -> None:
    rows = 100.0 * 2 ** np.arange(6)
    scores = limit + size * rows**-power
    perfect = 1.0 if limit > 0 else 0.0
    expected, low, high = doublings(scores[:5].tolist(), 0.0, perfect)
    assert expected == low == pytest.approx(scores[5] - scores[4])
    assert high == pytest.approx(scores[4] - scores[3])


def test_noise_promises_nothing() -> None:
    expected, low, high = doublings([0.80, 0.81, 0.803, 0.804], 0.01, 1.0)
    assert low == 0
    assert expected < 0.001
    assert high == pytest.approx(0.0206)


def test_a_curve_that_falls_has_nothing_to_expect() -> None:
    assert doublings([0.8, 0.85, 0.83], 0.001, 1.0) == (0.0, 0.0, 0.0)


def test_nothing_passes_the_best_possible_score() -> None:
    expected, _, high = doublings([0.5, 0.75, 0.99], 0.01, 1.0)
    assert expected == high == pytest.approx(0.01)

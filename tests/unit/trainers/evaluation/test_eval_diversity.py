"""How alike members of an ensemble miss."""

import numpy as np
import pytest

from trainers.evaluation.diversity import error_correlations, mean_correlation

RNG = np.random.default_rng(0)
Y = [RNG.integers(0, 2, 300) for _ in range(3)]


def test_members_that_miss_alike_correlate_and_others_do_not() -> None:
    first = [y + RNG.normal(size=300) for y in Y]
    members = [[p, p, y + RNG.normal(size=300)] for p, y in zip(first, Y, strict=True)]
    matrix = error_correlations(Y, members)
    assert matrix is not None
    np.testing.assert_allclose(np.diag(matrix), 1)
    assert matrix[0, 1] == pytest.approx(1)
    assert abs(matrix[0, 2]) < 0.1
    assert mean_correlation(Y, members) == pytest.approx((1 + 2 * matrix[0, 2]) / 3, abs=0.02)


def test_probabilities_of_several_classes_count_by_what_the_true_class_lacks() -> None:
    y = RNG.integers(0, 3, 300)
    right = np.where(RNG.random((300, 1)) < 0.5, np.eye(3)[y], np.eye(3)[(y + 1) % 3])
    other = right.copy()
    other[:, [0, 1]] = np.where((y == 2)[:, None], right[:, [1, 0]], right[:, [0, 1]])  # not of the true class
    matrix = error_correlations([y], [[right, other, 1 - right]])
    assert matrix is not None
    np.testing.assert_allclose(matrix, [[1, 1, -1], [1, 1, -1], [-1, -1, 1]])


def test_there_is_no_matrix_where_folds_have_different_members_but_a_mean() -> None:
    members = [[y + RNG.normal(size=300) for _ in range(k + 1)] for k, y in enumerate(Y)]
    assert error_correlations(Y, members) is None
    assert abs(mean_correlation(Y, members) or 1) < 0.2
    assert mean_correlation(Y[:1], members[:1]) is None

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
    sure = np.eye(2)[Y[0]]
    wrong = 1 - sure
    half = np.full((300, 2), 0.5)
    matrix = error_correlations(Y[:1], [[sure + 0.1 * half, sure, np.where(RNG.random((300, 1)) < 0.5, sure, wrong)]])
    assert matrix is not None
    np.testing.assert_allclose(matrix, np.eye(3), atol=1e-9)


def test_there_is_no_matrix_where_folds_have_different_members_but_a_mean() -> None:
    members = [[y + RNG.normal(size=300) for _ in range(k + 1)] for k, y in enumerate(Y)]
    assert error_correlations(Y, members) is None
    assert abs(mean_correlation(Y, members) or 1) < 0.2
    assert mean_correlation(Y[:1], members[:1]) is None

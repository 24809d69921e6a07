"""Corrects probabilities by what out-of-fold predictions show, where that helps.

Scikit-learn's calibrators on log-odds: sigmoid (Platt, "Probabilistic outputs for support vector machines", 1999), isotonic
(Zadrozny and Elkan, 2002) and temperature (Guo et al., "On calibration of modern neural networks", 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trainers.data.table import Task
from trainers.evaluation.calibration import CalibrationMethod
from trainers.evaluation.crossfit import CrossFit
from trainers.evaluation.metrics import metric, paired_difference
from trainers.portable.calibration import CorrectedClassifier, corrected, fit_calibrator


@dataclass(frozen=True)
class Calibrated:
    """The chosen model with its probabilities corrected, or as it was.

    Attributes:
        model: Predicts corrected probabilities.
        given: Out-of-fold predictions as they were, by fold.
        predictions: The same corrected without any part of the fold itself, for the folds ``taught``.
        taught: Folds that could be so corrected: all, but in time not the first where a correction was kept.
        scores: Out-of-fold predictions on which decisions of ``model`` are chosen, by fold. Where the order of rows is kept they
            are those of ``model``'s own calibrator: it cannot change what is flagged, whatever it learned from these rows.
            Otherwise they are ``predictions``.
        decisive: Folds on which decisions are chosen.
        method: What was tried; empty for nothing.
        kept: Whether it was kept.
        gain: Log loss saved a row, out of fold; None where nothing was tried.
        gain_se: Its standard error.
        reason: Why it was kept or not, in a sentence.
    """

    model: Any
    given: tuple[np.ndarray, ...]
    predictions: tuple[np.ndarray, ...]
    taught: tuple[int, ...]
    scores: tuple[np.ndarray, ...]
    decisive: tuple[int, ...]
    method: str = ""
    kept: bool = False
    gain: float | None = None
    gain_se: float | None = None
    reason: str = ""


def as_given(model: Any, predictions: Sequence[np.ndarray]) -> Calibrated:
    """A model and its out-of-fold predictions as they are."""
    before, everything = tuple(predictions), tuple(range(len(predictions)))
    return Calibrated(model, before, before, everything, before, everything)


def calibrate(
    model: Any,
    y_folds: Sequence[np.ndarray],
    predictions: Sequence[np.ndarray],
    folds: CrossFit,
    groups: Sequence[np.ndarray] | None,
    method: CalibrationMethod,
    k: int,
) -> Calibrated:
    """Corrects the probabilities of a fitted model if that lowers the log loss by more than its standard error.

    Judged by cross-fitting: each fold's predictions are corrected by what the other folds show, in time earlier ones alone.
    The calibrator that is kept learns from all folds.

    Args:
        model: Fitted on all development rows.
        y_folds: Class indices of each fold's validation rows.
        predictions: Out-of-fold P(class 1) (n,) or probabilities (n, k), fold by fold.
        folds: What the folds may teach each other.
        groups: Group codes by fold, where rows belong together.
        method: What is tried.
        k: Number of classes.
    """
    unchanged = as_given(model, predictions)
    if method is CalibrationMethod.NONE:
        return unchanged
    name = _tried(method, k)
    y, given = np.concatenate(y_folds), np.concatenate(predictions)
    teachers = [folds.teachers[fold] for fold in folds.taught]
    if not teachers or any(np.bincount(y[rows], minlength=k).min() < 2 for rows in teachers):
        reason = f"No {name} calibration was tried: some fold has fewer than two rows of a class to learn it from."
        return replace(unchanged, reason=reason)
    honest = [p.copy() for p in predictions]
    for fold, rows in zip(folds.taught, teachers, strict=True):
        honest[fold] = corrected(fit_calibrator(name, y[rows], given[rows], k), predictions[fold])
    at = folds.taught
    gain, error = paired_difference(
        metric("neg_log_loss", Task.BINARY if k == 2 else Task.MULTICLASS),
        [y_folds[fold] for fold in at],
        [honest[fold] for fold in at],
        [predictions[fold] for fold in at],
        None if groups is None else [groups[fold] for fold in at],
    )
    final = fit_calibrator(name, y, given, k)
    told = f"on folds that had no part in it the log loss is {abs(gain):.3g} {'lower' if gain > 0 else 'higher'} a row"
    if not _keeps_order(final, k):
        reason = (
            f"A {name} calibration was tried and not kept: it would turn the order of the rows around, as on noise."
        )
        return replace(unchanged, method=name, gain=gain, gain_se=error, reason=reason)
    if gain > error:
        reason = f"Probabilities are corrected by {name} calibration: {told}, with a standard error of {error:.2g}."
        ordered = k == 2 and name != CalibrationMethod.ISOTONIC
        return replace(
            unchanged,
            model=CorrectedClassifier(model, final),
            predictions=tuple(honest),
            taught=at,
            scores=tuple(corrected(final, p) for p in predictions) if ordered else tuple(honest),
            decisive=unchanged.decisive if ordered else at,
            method=name,
            kept=True,
            gain=gain,
            gain_se=error,
            reason=reason,
        )
    reason = f"A {name} calibration was tried and not kept: {told}, with a standard error of {error:.2g}."
    return replace(unchanged, method=name, gain=gain, gain_se=error, reason=reason)


def _tried(method: CalibrationMethod, k: int) -> str:
    if method is CalibrationMethod.AUTO:
        return (CalibrationMethod.SIGMOID if k == 2 else CalibrationMethod.TEMPERATURE).value
    return method.value


def _keeps_order(calibrator: Any, k: int) -> bool:
    """Whether a higher score still means a higher probability (two classes); on noise a slope may turn around."""
    if k > 2:
        return True
    low, high = corrected(calibrator, np.array([0.01, 0.99]))
    return bool(low < high)

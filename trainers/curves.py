"""Writes loss curves of iterative families where TensorBoard finds them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from tensorboardX import SummaryWriter

FLUSH_S = 1  # a curve is at most this far behind its fit


def write_curves(folder: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """Writes each curve as TensorBoard scalars, one value a boosting round or iteration.

    Args:
        folder: One fit's folder, by custom ``<log folder>/<job>/<family>/fold-<k>`` or ``.../refit``: TensorBoard draws the
            same curve of sibling folders into one picture.
        curves: Loss values by name, such as ``validation/log_loss``, first iteration first; nothing is written for none.
    """
    if not curves:
        return
    with SummaryWriter(str(folder)) as writer:
        for name, values in curves.items():
            for step, value in enumerate(values):
                writer.add_scalar(name, value, step)


class LiveCurves:
    """Curves of a fit that is under way, to be seen at once. Use as a context manager.

    Args:
        folder: As for :func:`write_curves`; None writes nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._writer = None if folder is None else SummaryWriter(str(folder), flush_secs=FLUSH_S)

    def write(self, epoch: int, scalars: Mapping[str, float], weights: Mapping[str, np.ndarray]) -> None:
        """Adds one epoch.

        Args:
            epoch: Its number, from 1; in the pictures the first is 0, as in those of the folds.
            scalars: Values by name.
            weights: Arrays by name, which become histograms.
        """
        if self._writer is None:
            return
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, epoch - 1)
        for name, values in weights.items():
            self._writer.add_histogram(f"weights/{name}", values, epoch - 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._writer is not None:
            self._writer.close()

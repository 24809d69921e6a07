"""Writes loss curves of iterative families where TensorBoard finds them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tensorboardX import SummaryWriter


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

"""What twice as many rows would bring, from what doublings brought so far."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, Field

Z = 1.96


class DiagnosisSpec(BaseModel, frozen=True, extra="forbid"):
    """What diagnosis may cost; field comments are in proto/trainwright/v1/spec.proto."""

    learning_points: int = Field(3, ge=0, le=6)
    seeds: int = Field(2, ge=0, le=20)
    shap_rows: int = Field(0, ge=0, le=1000)

    @property
    def fits_a_fold(self) -> int:
        """Refits of each fold, at most."""
        return self.learning_points + self.seeds


def doublings(means: Sequence[float], error: float, perfect: float) -> tuple[float, float, float]:
    """Extrapolates a learning curve by one doubling of the rows.

    Where a score nears its limit as a power of the rows, each doubling gains a constant share of the one before (Hestness et
    al., "Deep Learning Scaling is Predictable, Empirically", 2017; Viering and Loog, "The Shape of Learning Curves", 2022).
    The share is estimated over all doublings seen. The upper end lets the gains shrink no further.

    Args:
        means: Scores with each point on twice the rows of the one before; greater is better.
        error: Standard error of the last gain.
        perfect: The best possible score, which nothing passes.

    Returns:
        Expected gain of the next doubling, and the ends of what is plausible; all from 0 to what is left to gain.
    """
    gains = np.diff(means)
    last, before = float(gains[-1]), float(gains[:-1].sum())
    share = float(np.clip(gains[1:].sum() / before, 0, 1)) if before > 0 else 1.0
    room = max(0.0, perfect - means[-1])
    expected, low, high = (
        float(np.clip(gain, 0, room)) for gain in (share * last, share * (last - Z * error), last + Z * error)
    )
    return expected, low, high

"""Racing between folds: a configuration that is unlikely to win is not fitted on the remaining folds.

After each fold the trial is compared with the incumbent, the best completed trial known when it was proposed, on the
same validation rows. Fold means are too few for a test (five values), so the comparison is made at the level of rows:
the objective gives the paired difference in score and its standard error, and the trial stops when it is behind by
more than chance allows.

Racing goes back to Maron and Moore, "Hoeffding Races" (NIPS 1993); with a paired test over cross-validation blocks it
is the F-Race of Birattari et al. (GECCO 2002) and ``optuna.pruners.WilcoxonPruner``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tuning.objective import Objective

# Bound on the chance that a trial at least as good as its incumbent is stopped, over all looks at it.
ERROR = 0.05


@dataclass(frozen=True)
class Race:
    """The test that stops a trial.

    Attributes:
        folds: Number of folds; there are ``folds - 1`` looks, and the error is divided among them (Bonferroni).
        error: One-sided error over all looks.
    """

    folds: int
    error: float = ERROR

    @property
    def quantile(self) -> float:
        """Standard errors a trial must be behind to be stopped."""
        return NormalDist().inv_cdf(1 - self.error / max(1, self.folds - 1))

    def behind(self, difference: float, standard_error: float) -> bool:
        """Whether ``difference`` (ours minus theirs) is below zero by more than chance allows; not if undefined."""
        return bool(difference + self.quantile * standard_error < 0)

    def verdict(self, objective: Objective, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> str:
        """Why the trial stops after ``len(ours)`` folds, in a sentence; empty if it goes on."""
        if not ours or len(ours) >= self.folds:
            return ""
        difference, standard_error = objective.difference(ours, theirs[: len(ours)])
        if not self.behind(difference, standard_error):
            return ""
        return (
            f"Behind the best configuration by {-difference:.4g} (standard error {standard_error:.2g}) "
            f"after {len(ours)} of {self.folds} folds, so unlikely to win."
        )

"""Racing between folds: a configuration that is unlikely to win is not fitted on the remaining folds.

After each fold the trial is compared with the incumbent, the best completed trial known when it was proposed, on the
same validation rows. Fold means are too few for a test (five values), so the comparison is made at the level of rows:
the objective gives the paired difference in score and its standard error. The trial stops when, judged by what is known,
it would hardly have the better mean once both have all folds. That is the only thing that matters: a configuration that
would not be selected need not be fitted further, whatever its true value.

Racing goes back to Maron and Moore, "Hoeffding Races" (NIPS 1993); with a paired test over cross-validation blocks it
is the F-Race of Birattari et al. (GECCO 2002) and ``optuna.pruners.WilcoxonPruner``. Predicting the final comparison is
stochastic curtailment by predictive power (Spiegelhalter, Freedman and Blackburn, Controlled Clinical Trials 1986).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tuning.objective import Objective

# Bound on the chance that a trial which would have beaten its incumbent on all folds is stopped, over all looks at it.
ERROR = 0.1


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
        """Standard errors that count as more than chance at one look."""
        return NormalDist().inv_cdf(1 - self.error / max(1, self.folds - 1))

    def behind(self, difference: float, standard_error: float) -> bool:
        """Whether ``difference`` (ours minus theirs) is below zero by more than chance allows; not if undefined."""
        return bool(difference + self.quantile * standard_error < 0)

    def verdict(self, objective: Objective, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> str:
        """Why the trial stops after ``len(ours)`` folds, in a sentence; empty if it goes on."""
        done, left = len(ours), self.folds - len(ours)
        if not done or left <= 0:
            return ""
        difference, standard_error = objective.difference(ours, theirs[:done])
        # With a flat prior the difference over all folds is distributed around the one so far; its spread comes from
        # the folds that are left only.
        if not self.behind(difference, standard_error * math.sqrt(left / self.folds)):
            return ""
        return (
            f"Behind the best configuration by {-difference:.4g} (standard error {standard_error:.2g}) "
            f"after {done} of {self.folds} folds, so unlikely to win."
        )

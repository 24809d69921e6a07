"""Racing between folds: a configuration that is unlikely to win is not fitted on the remaining folds.

After each fold the trial is compared with the incumbent, the best completed trial known when it was proposed, on the
same validation rows. Fold means are too few for a test (five values), so the comparison is made at the level of rows:
the objective gives the paired difference in score and its standard error. The trial stops when, judged by what is known,
it would hardly have the better mean once both have all folds. That is the only thing that matters: a configuration that
would not be selected need not be fitted further, whatever its true value.

Rows tell how the fitted models would do on other rows, not what training on other rows would have made of them. Where
models are unstable, differences vary more from fold to fold than their rows explain. Standard errors are then multiplied
by the Birge ratio, the spread observed over the spread expected (Birge, Physical Review 1932; Higgins and Thompson's H,
Statistics in Medicine 2002), pooled over pairs of configurations that have all folds.

Racing goes back to Maron and Moore, "Hoeffding Races" (NIPS 1993); with a paired test over cross-validation blocks it
is the F-Race of Birattari et al. (GECCO 2002) and ``optuna.pruners.WilcoxonPruner``. Predicting the final comparison is
stochastic curtailment by predictive power (Spiegelhalter, Freedman and Blackburn, Controlled Clinical Trials 1986).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean

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
        inflation: Standard deviation of a fold's difference in score, in units of what its rows explain; at least 1.
    """

    folds: int
    error: float = ERROR
    inflation: float = 1.0

    @property
    def quantile(self) -> float:
        """Standard errors that count as more than chance at one look."""
        return NormalDist().inv_cdf(1 - self.error / max(1, self.folds - 1))

    def behind(self, difference: float, standard_error: float) -> bool:
        """Whether ``difference`` (ours minus theirs) is below zero by more than chance allows; not if undefined.

        Args:
            difference: In mean score.
            standard_error: Of the difference, over rows.
        """
        return bool(difference + self.quantile * self.inflation * standard_error < 0)

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
            f"Behind the best configuration by {-difference:.4g} (standard error {self.inflation * standard_error:.2g}) "
            f"after {done} of {self.folds} folds, so unlikely to win."
        )

    def learned(self, overdispersions: Sequence[float]) -> "Race":
        """The race with the inflation that the ``overdispersion`` of pairs tells."""
        return replace(self, inflation=math.sqrt(max(1.0, fmean(overdispersions))))


def overdispersion(ours: Sequence[float], theirs: Sequence[float], standard_error: float) -> float:
    """Variance of the difference in score from fold to fold, over the variance that rows explain; NaN without any.

    Args:
        ours: Scores by fold.
        theirs: Scores on the same folds.
        standard_error: Of the mean difference, over rows.
    """
    explained = len(ours) * standard_error**2
    return float(np.subtract(ours, theirs).var(ddof=1)) / explained if explained > 0 else math.nan

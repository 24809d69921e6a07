"""SHAP values of single predictions; needs the extra ``shap``."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainers.insight.outcome import Outcome, shown
from trainers.report.values import Attribution, Attributions, Reason

BACKGROUND = 20  # rows that lend the values of absent columns
PERMUTATIONS = 3  # orders of the columns, each gone through both ways


@dataclass(frozen=True)
class Attributed:
    """SHAP values.

    Attributes:
        outcome: What is predicted.
        rows: n rows x features.
        shares: (n, features) what each column adds to the prediction of each row.
        base: Mean prediction that shares are counted from.
    """

    outcome: str
    rows: pd.DataFrame
    shares: np.ndarray
    base: float

    def summary(self) -> Attributions:
        """Mean sizes by column, largest first."""
        sizes = pd.Series(np.abs(self.shares).mean(axis=0), index=self.rows.columns).sort_values(ascending=False)
        columns = tuple(Attribution(str(name), float(size)) for name, size in sizes.items())
        return Attributions(len(self.rows), self.outcome, self.base, columns)

    def reasons(self, most: int = 3) -> list[tuple[Reason, ...]]:
        """For each row the columns with the largest shares."""
        names = [str(name) for name in self.rows.columns]
        return [
            tuple(
                Reason(names[j], shown(self.rows.iloc[i, j]), float(self.shares[i, j]))
                for j in np.argsort(-np.abs(self.shares[i]), kind="stable")[:most]
            )
            for i in range(len(self.rows))
        ]


def attribute(outcome: Outcome, rows: pd.DataFrame, background: pd.DataFrame, seed: int) -> Attributed:
    """SHAP values over orders of the columns (Lundberg and Lee, "A Unified Approach to Interpreting Model Predictions", 2017).

    They are those of the table's own columns and of the prediction itself, whatever the family and however it prepares them.

    Args:
        outcome: What is predicted.
        rows: n rows x features, none that the model was fitted on.
        background: Rows that lend the values of absent columns.
        seed: Seed of the orders.
    """
    import shap  # an extra, and slow to import

    lenders = pd.concat([rows, background], ignore_index=True)
    cells = np.tile(np.arange(len(lenders))[:, None], (1, lenders.shape[1])).astype(float)

    def predicted(taken: np.ndarray) -> np.ndarray:
        """Predicts rows of which each cell is the number of the row that it takes its value from."""
        of_row = taken.astype(int)
        columns = {name: lenders[name].iloc[of_row[:, j]].reset_index(drop=True) for j, name in enumerate(lenders)}
        return outcome.of(pd.DataFrame(columns))

    masker = shap.maskers.Independent(cells[len(rows) :], max_samples=len(background))
    explainer = shap.explainers.Permutation(predicted, masker, seed=seed)
    evaluations = PERMUTATIONS * (2 * lenders.shape[1] + 1)
    found = explainer(cells[: len(rows)], max_evals=evaluations, silent=True)
    return Attributed(outcome.name, rows, np.asarray(found.values), float(np.mean(found.base_values)))

"""How predictions move with columns: alone, together, and in single rows. The rows are none that the model was fitted on."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from trainers.data.table import Column, ColumnRole
from trainers.insight.outcome import Outcome, shown, with_values
from trainers.report.values import DependencePoint, Interaction, PartialDependence, Reason

GRID = 15  # values of a column ...
ENDS = (0.05, 0.95)  # ... between these quantiles: beyond them rows are made up that hardly occur
SPREAD = (0.1, 0.9)  # of the rows' own curves
SILENT = 1e-9  # variance below which a joint effect is none


def partial_dependence(outcome: Outcome, rows: pd.DataFrame, column: Column) -> PartialDependence:
    """Mean prediction with one column set to each of its values (Friedman, "Greedy Function Approximation", 2001).

    The spread is that of the rows' own curves (Goldstein et al., "Peeking Inside the Black Box", 2015): where it is wide or
    moves unlike the mean, the mean hides that rows react differently.

    Args:
        outcome: What is predicted.
        rows: n rows x features.
        column: A feature column.
    """
    values, quantity = rows[column.name].dropna(), column.role is ColumnRole.NUMERIC
    if quantity and values.nunique() > GRID:
        grid = np.unique(np.quantile(values, np.linspace(*ENDS, GRID), method="nearest"))
    else:
        frequent = values.value_counts().index[:GRID]
        grid = np.array(sorted(frequent, key=lambda value: (str(type(value)), value)), dtype=object)
    at = pd.DataFrame({column.name: pd.Series(grid).astype(values.dtype)})
    curves = outcome.of(with_values(rows, at)).reshape(len(grid), len(rows))
    mean, (low, high) = curves.mean(axis=1), np.quantile(curves, SPREAD, axis=1)
    points = (
        DependencePoint(
            shown(value), float(value) if quantity else float(i), float(mean[i]), float(low[i]), float(high[i])
        )
        for i, value in enumerate(grid)
    )
    return PartialDependence(column.name, outcome.name, not quantity, tuple(points))


def interactions(outcome: Outcome, rows: pd.DataFrame, columns: Sequence[str]) -> tuple[Interaction, ...]:
    """How strongly pairs of columns interact: the H statistic of Friedman and Popescu ("Rule Ensembles", 2008), squared.

    Args:
        outcome: What is predicted.
        rows: n rows x features; n squared predictions are made for each column and each pair.
        columns: Columns of which every pair is looked at.

    Returns:
        Strongest first.
    """
    alone = {name: _centred(outcome, rows, [name]) for name in columns}
    found = []
    for first, second in combinations(columns, 2):
        together = _centred(outcome, rows, [first, second])
        variance = float(np.mean(together**2))
        beyond = float(np.mean((together - alone[first] - alone[second]) ** 2))
        found.append(Interaction(first, second, min(1.0, beyond / variance) if variance > SILENT else 0.0))
    return tuple(sorted(found, key=lambda each: -each.strength))


def reasons(
    outcome: Outcome, rows: pd.DataFrame, others: pd.DataFrame, columns: Sequence[str], most: int = 3
) -> list[tuple[Reason, ...]]:
    """For each row the columns whose values moved its prediction most, strongest first.

    The effect is the prediction less its mean with the column's values of other rows (prediction differences: Robnik-Sikonja
    and Kononenko, "Explaining Classifications for Individual Instances", 2008). Where several columns act together, each has
    the effect of taking it away alone.

    Args:
        outcome: What is predicted.
        rows: h rows x features.
        others: Rows that lend their values.
        columns: Columns that may be named.
        most: Reasons a row.
    """
    now = outcome.of(rows)
    effects = {name: now - _mean_without(outcome, rows, others[[name]]) for name in columns}
    return [tuple(_strongest(effects, rows, i, most)) for i in range(len(rows))]


def _strongest(effects: dict[str, np.ndarray], rows: pd.DataFrame, i: int, most: int) -> Iterator[Reason]:
    for name in sorted(effects, key=lambda name: -abs(effects[name][i]))[:most]:
        yield Reason(name, shown(rows[name].iloc[i]), float(effects[name][i]))


def _mean_without(outcome: Outcome, rows: pd.DataFrame, values: pd.DataFrame) -> np.ndarray:
    predictions = outcome.of(with_values(rows, values)).reshape(len(values), len(rows))
    means: np.ndarray = predictions.mean(axis=0)
    return means


def _centred(outcome: Outcome, rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Partial dependence at each row's own values, less its mean, (n,)."""
    predictions = outcome.of(with_values(rows, rows[names])).reshape(len(rows), len(rows))
    means: np.ndarray = predictions.mean(axis=1)
    centred: np.ndarray = means - means.mean()
    return centred

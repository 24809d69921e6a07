"""One number that a model says of a row, as explanations need it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trainers.data.table import Table, Task
from trainers.families.fitting import predict


@dataclass(frozen=True)
class Outcome:
    """What is explained.

    Attributes:
        name: In words, such as "probability of failure = 1".
        of: Says it of n rows x features, (n,).
    """

    name: str
    of: Callable[[pd.DataFrame], np.ndarray]


def outcome_of(model: Any, table: Table, sample: pd.DataFrame) -> Outcome:
    """The probability of the positive class, the value, or of three or more classes the one whose probability varies most.

    Args:
        model: Fitted pipeline.
        table: What it was fitted on.
        sample: Rows over which probabilities vary.
    """
    if table.task is Task.REGRESSION:
        return Outcome(table.target_name, lambda rows: predict(model, rows, table.task))
    if table.task is Task.BINARY:
        return Outcome(
            f"probability of {table.target_name} = {table.classes[1]}", lambda rows: predict(model, rows, table.task)
        )
    k = int(predict(model, sample, table.task).std(axis=0).argmax())
    return Outcome(
        f"probability of {table.target_name} = {table.classes[k]}", lambda rows: predict(model, rows, table.task)[:, k]
    )


def sample_of(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most so many of the rows, in their order."""
    if len(rows) <= most:
        return rows
    return rows.iloc[np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))]


def with_values(rows: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Every row with every set of values in the columns of ``values``: (rows x values) rows, those of one set together."""
    many = rows.iloc[np.tile(np.arange(len(rows)), len(values))].reset_index(drop=True)
    repeated = values.iloc[np.repeat(np.arange(len(values)), len(rows))].reset_index(drop=True)
    return many.assign(**{str(name): repeated[name] for name in values})[list(rows.columns)]


def shown(value: Any) -> str:
    """A value as the report shows it."""
    if value is None or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)

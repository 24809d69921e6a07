"""Which parts of the rows are looked at on their own: the values of named columns, and where a shallow tree finds errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.class_weight import compute_sample_weight

from trainers.data.table import Column, ColumnRole, Table
from trainers.evaluation.slices import strata_of

RANGES = 4  # of a quantity: quartiles
MOST_LEVELS = 12  # of a column: a number with more is cut into ranges, of a category the most frequent are taken
DEPTH = 2
MOST_FOUND = 3


class SlicesSpec(BaseModel, frozen=True, extra="forbid"):
    """Which parts of the rows are scored on their own; field comments are in proto/trainwright/v1/spec.proto."""

    on: tuple[str, ...] = ()
    min_rows: int = Field(30, ge=10)


@dataclass(frozen=True)
class Division:
    """One way of dividing the rows.

    Attributes:
        column: Column it is made by.
        codes: (n,) slice of every row of the table; -1 is none.
        labels: Name of each slice by code, such as "Type = L".
    """

    column: str
    codes: np.ndarray
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Some rows of the table.

    Attributes:
        name: In words, such as "Type = L".
        columns: Columns that it is made by.
        found: Whether it was found where errors are, not named in the spec.
        inside: (n,) whether each row of the table is in it.
    """

    name: str
    columns: tuple[str, ...]
    found: bool
    inside: np.ndarray


def divide(table: Table, column: str, development: np.ndarray) -> Division:
    """Divides the rows by a column: by its values, or a quantity by its quartiles on the development rows.

    Args:
        table: The table; the column may be one that is no feature.
        column: Name of the column.
        development: Positions of the development rows.
    """
    values = table.keys[column]
    quantity = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if quantity and values.nunique() > MOST_LEVELS:
        return _ranges(column, values.astype(float), development)
    frequent = values.iloc[development].value_counts().index[:MOST_LEVELS]
    codes = pd.Categorical(values, categories=list(frequent)).codes.astype(np.int64)
    return Division(column, codes, tuple(f"{column} = {value}" for value in frequent))


def parts_of(divisions: Sequence[Division]) -> tuple[Part, ...]:
    """Every slice of the divisions as a part of the rows."""
    return tuple(
        Part(label, (division.column,), False, division.codes == code)
        for division in divisions
        for code, label in enumerate(division.labels)
    )


def find_parts(table: Table, rows: np.ndarray, losses: np.ndarray, min_rows: int) -> tuple[Part, ...]:
    """Where the losses are high: leaves of a shallow regression tree over the features, worst first.

    A row's loss counts above the mean of its class (of its range of values, for a quantity), and classes count alike, so that
    the tree looks for rows harder than others of their class and not for where the rare class is. The idea of a tree over
    errors is that of Chung et al., "Slice Finder", 2019. What is found here looks bad on these very rows by construction:
    it must be judged on others.

    Args:
        table: The table.
        rows: n positions.
        losses: (n,) loss of each.
        min_rows: Fewest rows of a leaf.
    """
    strata = strata_of(table.target[rows])
    excess = losses - pd.Series(losses).groupby(strata).transform("mean").to_numpy()
    readable, places = _readable(table)
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=min_rows, random_state=0)
    tree.fit(readable.iloc[rows], excess, sample_weight=compute_sample_weight("balanced", strata))
    leaves, values = tree.apply(readable), tree.tree_.value[:, 0, 0]
    worst = sorted((leaf for leaf in np.unique(leaves) if values[leaf] > 0), key=lambda leaf: -values[leaf])
    paths = dict(_paths(tree))
    found = []
    for leaf in worst[:MOST_FOUND]:
        if np.mean(leaves[rows] == leaf) > 0.5:
            continue  # most of the rows are no part of them
        names, columns = _words(paths[leaf], places)
        if columns:
            found.append(Part(" and ".join(names), columns, True, leaves == leaf))
    return tuple(found)


def _ranges(column: str, values: pd.Series, development: np.ndarray) -> Division:
    ends = np.unique(np.nanquantile(values.iloc[development], np.linspace(0, 1, RANGES + 1)[1:-1]))
    codes = np.where(values.isna(), -1, np.searchsorted(ends, values, side="left"))
    cuts = [f"{end:g}" for end in ends]
    middle = [f"{column} above {low} up to {high}" for low, high in pairwise(cuts)]
    return Division(column, codes, (f"{column} up to {cuts[0]}", *middle, f"{column} above {cuts[-1]}"))


Place = tuple[Column, str | None]  # a column, and for one column a category that category


def _readable(table: Table) -> tuple[pd.DataFrame, list[Place]]:
    """Features that a split can be put in words by: numbers as they are, a column of 0 and 1 for each frequent category."""
    parts: dict[Place, pd.Series] = {}
    for column in table.columns:
        values = table.features[column.name]
        if column.role is ColumnRole.NUMERIC:
            parts[column, None] = values.astype(float)
        elif column.distinct <= MOST_LEVELS:
            parts |= {(column, str(each)): (values == each).astype(float) for each in values.dropna().unique()}
    return pd.DataFrame(dict(enumerate(parts.values()))), list(parts)


def _paths(tree: DecisionTreeRegressor) -> Iterator[tuple[int, list[tuple[int, float, bool]]]]:
    """Each leaf with the way to it: (feature, cut, whether above the cut)."""
    nodes = tree.tree_
    waiting: list[tuple[int, list[tuple[int, float, bool]]]] = [(0, [])]
    while waiting:
        node, way = waiting.pop()
        if nodes.children_left[node] < 0:
            yield node, way
            continue
        feature, cut = int(nodes.feature[node]), float(nodes.threshold[node])
        waiting.append((int(nodes.children_left[node]), [*way, (feature, cut, False)]))
        waiting.append((int(nodes.children_right[node]), [*way, (feature, cut, True)]))


def _words(way: list[tuple[int, float, bool]], places: list[Place]) -> tuple[list[str], tuple[str, ...]]:
    """The way to a leaf as conditions, one a place, and the columns in it."""
    told: dict[Place, str] = {}
    for feature in dict.fromkeys(feature for feature, _, _ in way):
        column, category = places[feature]
        above = [cut for each, cut, is_above in way if each == feature and is_above]
        below = [cut for each, cut, is_above in way if each == feature and not is_above]
        if category is not None:
            told[column, category] = f"{column.name} {'=' if above else 'other than'} {category}"
            continue
        ends = [*(f"above {max(above):.4g}" for _ in above[:1]), *(f"up to {min(below):.4g}" for _ in below[:1])]
        told[column, None] = f"{column.name} {' '.join(ends)}"
    return list(told.values()), tuple(dict.fromkeys(column.name for column, _ in told))

"""Reads the target: the kind of prediction, the classes, and the positive one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trainers.data.table import Task
from trainers.errors import SpecError, Violation

# A whole-number target with more distinct values than this is a quantity, not a class.
MAX_INFERRED_CLASSES = 20
MAX_CLASSES = 1000


@dataclass(frozen=True)
class Target:
    """The target as models take it.

    Attributes:
        values: n values: class index (int64) or float64.
        task: Kind of prediction.
        classes: Labels by class index, as Python values; empty for regression.
    """

    values: np.ndarray
    task: Task
    classes: tuple[Any, ...]


def read_target(column: pd.Series, task: Task | None, positive_class: str | None) -> Target:
    """Gives the target its meaning.

    Two distinct values make a binary target. More make a multiclass target if they are text or at most 20 whole
    numbers; otherwise the target is a quantity.

    Args:
        column: n values as read.
        task: The kind of prediction; None infers it.
        positive_class: Label of the positive class as text, "1" for 1, 1.0 and True alike; None takes the rarer one.

    Raises:
        SpecError: Values are missing, there is one class only, or the values do not fit the task; paths are
            ``data.target``, ``data.task`` and ``data.positive_class``.
    """
    name, missing = column.name, int(column.isna().sum())
    if missing:
        raise _refused(
            "target",
            f"{name!r} is missing in {missing} of {len(column)} rows; fill them in or leave the rows out",
        )
    if pd.api.types.is_datetime64_any_dtype(column):
        raise _refused("target", f"{name!r} holds dates; predict a number or a class instead")
    plain = column if pd.api.types.is_numeric_dtype(column) else column.astype(object)
    try:
        codes, labels = pd.factorize(plain)
    except TypeError:
        raise _refused("target", f"{name!r} holds nested values; predict a number or a class instead") from None
    if len(labels) == 1:
        raise _refused("target", f"{name!r} is {labels[0]} in all {len(column)} rows; two different values are needed")
    task = task or _infer(plain, labels)
    if task is Task.REGRESSION:
        return Target(_quantities(plain), task, ())
    _check_classes(str(name), task, len(labels), len(column))
    order = _order(labels, codes, task, positive_class)
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return Target(position[codes], task, tuple(_python(labels[i]) for i in order))


def names_label(text: str, label: Any) -> bool:
    """Whether a label is written as ``text``: "1" names 1, 1.0, True and the text itself."""
    if str(label) == text:
        return True
    if isinstance(label, bool | np.bool_):
        return text.lower() in (str(label).lower(), str(int(label)))
    try:
        return not isinstance(label, str) and float(text) == float(label)
    except (TypeError, ValueError):
        return False


def _infer(column: pd.Series, labels: Any) -> Task:
    if len(labels) == 2:
        return Task.BINARY
    if not pd.api.types.is_numeric_dtype(column):
        return Task.MULTICLASS
    numbers = np.asarray(labels, dtype=np.float64)
    whole = np.all(np.floor(numbers) == numbers)
    return Task.MULTICLASS if whole and len(labels) <= MAX_INFERRED_CLASSES else Task.REGRESSION


def _quantities(column: pd.Series) -> np.ndarray:
    try:
        values = pd.to_numeric(column).to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _refused(
            "task", f"is regression, but {column.name!r} is not all numbers ({error}); use binary or multiclass"
        ) from error
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise _refused("target", f"{column.name!r} is infinite in {infinite} rows; leave these rows out")
    return values


def _check_classes(name: str, task: Task, classes: int, rows: int) -> None:
    if task is Task.BINARY and classes != 2:
        raise _refused("task", f"is binary, but {name!r} has {classes} distinct values; use multiclass or regression")
    if task is Task.MULTICLASS and classes == 2:
        raise _refused("task", f"is multiclass, but {name!r} has two distinct values; use binary")
    if classes > min(MAX_CLASSES, rows / 2):
        raise _refused(
            "target",
            f"{name!r} has {classes} classes in {rows} rows, too many to learn; name another column, or set data.task"
            " to regression if it is a quantity",
        )


def _order(labels: Any, codes: np.ndarray, task: Task, positive_class: str | None) -> list[int]:
    """Positions of the labels in class order: sorted; for a binary target the positive one last."""
    order = sorted(range(len(labels)), key=lambda i: (isinstance(labels[i], str), labels[i]))
    if task is not Task.BINARY:
        if positive_class is not None:
            raise _refused("positive_class", f"is {positive_class!r}, but the target is {task}; leave it out")
        return order
    if positive_class is None:
        counts = np.bincount(codes)
        return sorted(order, key=lambda i: -counts[i])
    named = [names_label(positive_class, labels[i]) for i in order]
    if sum(named) != 1:
        known = " or ".join(repr(str(labels[i])) for i in order)
        raise _refused("positive_class", f"{positive_class!r} is not a value of the target; use {known}")
    return order if named[1] else order[::-1]


def _python(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _refused(field: str, message: str) -> SpecError:
    return SpecError([Violation(f"data.{field}", message)])

import pandas as pd
import pytest

from trainers.data.load import Task
from trainers.data.target import names_label, read_target
from trainers.errors import SpecError


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([True, False] * 10, Task.BINARY),
        ([1.5, 2.5] * 10, Task.BINARY),
        (["a", "b", "c"] * 10, Task.MULTICLASS),
        (list(range(20)) * 3, Task.MULTICLASS),
        (list(range(21)) * 3, Task.REGRESSION),
        ([0.0, 1.0, 2.0] * 10, Task.MULTICLASS),
        ([0.0, 1.0, 2.5] * 10, Task.REGRESSION),
    ],
)
def test_the_task_is_inferred_from_type_and_distinct_values(values: list[object], task: Task) -> None:
    assert read_target(pd.Series(values, name="y"), None, None).task is task


def test_the_rarer_class_is_positive_unless_one_is_named() -> None:
    column = pd.Series([1, 1, 1, 0], name="y")
    assert read_target(column, None, None).classes == (1, 0)
    named = read_target(column, None, "1")
    assert named.classes == (0, 1)
    assert named.values.tolist() == [1, 1, 1, 0]
    assert type(named.classes[0]) is int
    assert read_target(pd.Series([0, 0, 0, 1], name="y"), None, "0").classes == (1, 0)


def test_equally_many_rows_make_the_later_class_positive() -> None:
    assert read_target(pd.Series([1, 0, 1, 0], name="y"), None, None).classes == (0, 1)


def test_classes_are_sorted() -> None:
    target = read_target(pd.Series(["b", "c", "a"] * 3, name="y"), None, None)
    assert target.classes == ("a", "b", "c")
    assert target.values.tolist() == [1, 2, 0] * 3


@pytest.mark.parametrize(
    ("text", "label", "is_named"),
    [
        ("1", 1, True),
        ("1", 1.0, True),
        ("1.0", 1, True),
        ("1", True, True),
        ("true", True, True),
        ("0", True, False),
        ("yes", "yes", True),
        ("Yes", "yes", False),
        ("1", "1", True),
        ("1.0", "1", False),
        ("nan", 1.0, False),
    ],
)
def test_labels_are_named_as_people_write_them(text: str, label: object, is_named: bool) -> None:
    assert names_label(text, label) is is_named


@pytest.mark.parametrize(
    ("values", "task", "positive", "field", "says"),
    [
        ([1, None, 0, 1], None, None, "data.target", "missing in 1 of 4 rows"),
        ([1, 1, 1, 1], None, None, "data.target", "is 1 in all 4 rows"),
        ([0, 1, 0, 1], None, "2", "data.positive_class", "use '0' or '1'"),
        (["a", "b", "c"] * 4, None, "a", "data.positive_class", "multiclass"),
        (["a", "b", "c"] * 4, Task.BINARY, None, "data.task", "3 distinct values"),
        ([0, 1] * 4, Task.MULTICLASS, None, "data.task", "use binary"),
        (["a", "b", "c"] * 4, Task.REGRESSION, None, "data.task", "not all numbers"),
        ([f"id{i}" for i in range(40)], None, None, "data.target", "40 classes in 40 rows"),
        ([0.5, 1.5, float("inf")] * 9, None, None, "data.target", "infinite in 9 rows"),
        (pd.date_range("2024-01-01", periods=9), None, None, "data.target", "dates"),
    ],
)
def test_targets_that_cannot_be_learned(values: object, task: Task, positive: str, field: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_target(pd.Series(values, name="y"), task, positive)
    assert caught.value.violations[0].field == field
    assert says in caught.value.violations[0].message

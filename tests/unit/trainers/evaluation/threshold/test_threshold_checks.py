"""Specs of decisions that contradict themselves or the table are refused, with what to do."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.errors import SpecError
from trainers.evaluation.threshold.checks import check_decision
from trainers.evaluation.threshold.spec import ThresholdSpec

COST = {"expected_cost": {"false_negative": 20, "false_positive": 1}}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({**COST, "metric": "f1"}, "one objective, not expected_cost and metric"),
        ({"metric": "roc_auc"}, "'roc_auc' is not one of f1"),
        ({"capacity": 0.1, "lot_capacity": {"rows": 1, "of": 9}}, "not both"),
        ({"lot_capacity": {"rows": 10, "of": 9}}, "more than the 9 rows"),
        ({"abstain": {"review_cost": 1}}, "give expected_cost with it"),
        ({**COST, "abstain": {"review_cost": 1}, "capacity": 0.1}, "leave capacity out"),
        ({**COST, "abstain": {"review_cost": 1}, "segment_on": ["site"]}, "leave segment_on out"),
        ({**COST, "abstain": {}}, "either review_cost"),
        ({"cost_matrix": [{"truth": "a", "decided": "b", "cost": 2}], "min_recall": 0.5}, "leave min_recall out"),
        (
            {
                "expected_cost": {**COST["expected_cost"], "false_negative_column": "price"},
                "segment_on": ["site"],
                "min_recall": 0.5,
            },
            "leave out one of the three",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ThresholdSpec.model_validate(asked)


def table(task: Task) -> Table:
    keys = pd.DataFrame(
        {
            "a": [1.0, 2, 3, 4],
            "site": list("nnss"),
            "price": [5.0, 1, 0, 2],
            "words": list("wxyz"),
            "fine": [1, 2, 3, 4],
        }
    )
    classes = {Task.BINARY: ("ok", "bad"), Task.MULTICLASS: ("ok", "scratch", "crack"), Task.REGRESSION: ()}[task]
    column = Column("a", ColumnRole.NUMERIC, "float64", 0, 4)
    return Table("memory", keys[["a"]], np.array([0, 1, 0, 1]), task, classes, (column,), keys, "y", "0")


@pytest.mark.parametrize(
    ("task", "asked", "field", "told"),
    [
        (Task.REGRESSION, {"min_recall": 0.5}, "threshold", "binary"),
        (Task.MULTICLASS, {"min_recall": 0.5}, "threshold", "min_recall needs a binary target"),
        (Task.MULTICLASS, {"metric": "f1"}, "threshold.metric", "f1_macro"),
        (Task.BINARY, {"metric": "f1_macro"}, "threshold.metric", "does not fit a binary"),
        (
            Task.BINARY,
            {"cost_matrix": [{"truth": "ok", "decided": "bad", "cost": 2}]},
            "threshold.cost_matrix",
            "use expected_cost",
        ),
        (
            Task.MULTICLASS,
            {"cost_matrix": [{"truth": "ok", "decided": "bent", "cost": 2}]},
            "threshold.cost_matrix[0].decided",
            "'bent' is no class",
        ),
        (Task.BINARY, {"segment_on": ["sit"]}, "threshold.segment_on[0]", "did you mean 'site'"),
        (Task.BINARY, {**COST, "abstain": {"max_share": 0.1, "label": "bad"}}, "threshold.abstain.label", "a class"),
        *(
            (
                Task.BINARY,
                {"expected_cost": {**COST["expected_cost"], f"{side}_column": column}},
                f"threshold.expected_cost.{side}_column",
                told,
            )
            for side, column, told in (
                ("false_negative", "price", "1 rows do not, such as"),
                ("false_positive", "words", "4 rows do not, such as 'w'"),
                ("false_positive", "fin", "did you mean 'fine'"),
            )
        ),
    ],
)
def test_what_the_table_cannot_give_is_refused(task: Task, asked: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(SpecError, match=told) as caught:
        check_decision(ThresholdSpec.model_validate(asked), table(task))
    assert [violation.field for violation in caught.value.violations] == [field]


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        (Task.REGRESSION, {}),
        (Task.MULTICLASS, {"metric": "f1_macro"}),
        (Task.MULTICLASS, {"cost_matrix": [{"truth": "crack", "decided": "ok", "cost": 50}]}),
        (
            Task.BINARY,
            {"expected_cost": {**COST["expected_cost"], "false_negative_column": "fine"}, "segment_on": ["site"]},
        ),
    ],
)
def test_what_fits_passes(task: Task, asked: dict[str, Any]) -> None:
    check_decision(ThresholdSpec.model_validate(asked), table(task))

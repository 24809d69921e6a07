import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from trainers.report.values import Baseline, Report

EXAMPLE = (Path(__file__).parent / "binary.json").read_text()


def test_numbers_that_are_not_finite_stay_readable_json() -> None:
    report = replace(Report.from_json(EXAMPLE), baseline=Baseline("dummy", float("nan"), float("inf")))
    read = json.loads(report.to_json())["baseline"]
    assert (read["mean"], read["std"]) == ("NaN", "Infinity")
    assert Report.from_json(report.to_json()).baseline.std == float("inf")


def test_numpy_values_in_parameters_become_plain() -> None:
    report = Report.from_json(EXAMPLE)
    params = {"depth": np.int64(3), "rate": np.float32(0.5), "layers": (np.int64(1), 2), "none": None}
    report = replace(report, selected=replace(report.selected, params=params))
    assert json.loads(report.to_json())["selected"]["params"] == {
        "depth": 3,
        "rate": 0.5,
        "layers": [1, 2],
        "none": None,
    }


def test_absent_parts_are_left_out() -> None:
    report = replace(Report.from_json(EXAMPLE), threshold=None, tracking=None)
    assert {"threshold", "tracking"}.isdisjoint(json.loads(report.to_json()))


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        Report.from_json(EXAMPLE.replace('"decision"', '"surprise": 1, "decision"', 1))

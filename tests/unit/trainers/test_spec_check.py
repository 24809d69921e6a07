"""What needs more than one part of a spec."""

from typing import Any

import pytest
from pydantic import ValidationError

from trainers.data.table import Task
from trainers.ensembles.spec import EnsembleKind
from trainers.errors import Problems, SpecError, Violation
from trainers.spec import TrainingSpec, check


def spec(**parts: Any) -> TrainingSpec:
    return TrainingSpec.model_validate({"decision": "d", "data": {"uri": "x.csv", "target": "y"}, **parts})


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"data": {"uri": "x.csv", "target": "y", "exclude": ["y"]}}, "data.exclude"),
        ({"data": {"uri": "x.csv", "target": "y", "roles": {"y": "numeric"}}}, "data.roles[y]"),
        ({"split": {"group_on": ["a", "y"]}}, "split.group_on[1]"),
        ({"split": {"time_on": "y"}}, "split.time_on"),
        ({"slices": {"on": ["a", "y"]}}, "slices.on[1]"),
        ({"split": {"embargo": 3}}, "split.embargo"),
        ({"candidates": [{"family": "svm"}, {"family": "svm"}]}, "candidates[1].family"),
        ({"candidates": [{"family": "svm"}, {"family": "ridge"}], "search": {"max_trials": 1}}, "search.max_trials"),
        ({"ensembles": [{"kind": "bagging"}, {"kind": "bagging"}]}, "ensembles[1].kind"),
        ({"ensembles": [{"kind": "boosting"}], "resample": {"method": "over"}}, "ensembles[0].kind"),
        ({"ensembles": [{"kind": "stacking", "row_fraction": 0.5}]}, "ensembles[0].row_fraction"),
        ({"ensembles": [{"kind": "weighted", "family": "svm"}]}, "ensembles[0].family"),
        ({"ensembles": [{"kind": "snapshot", "members": 3}]}, "ensembles[0].members"),
        ({"ensembles": [{"kind": "bagging", "passthrough": False}]}, "ensembles[0].passthrough"),
        ({"ensembles": [{"kind": "bagging", "bootstrap": False}]}, "ensembles[0].bootstrap"),
        ({"ensembles": [{"kind": "weighted"}], "split": {"folds": 2}}, "split.folds"),
        ({"ensembles": [{"kind": "stacking", "layers": 2}], "split": {"folds": 3}}, "split.folds"),
        ({"candidates": [{"family": "svm"}], "ensembles": [{"kind": "bagging", "family": "x"}]}, "ensembles[0].family"),
        ({"threshold": {"segment_on": ["a", "y"]}}, "threshold.segment_on[1]"),
        (
            {"threshold": {"expected_cost": {"false_negative": 2, "false_positive": 1, "false_negative_column": "y"}}},
            "threshold.expected_cost.false_negative_column",
        ),
        (
            {
                "threshold": {
                    "expected_cost": {"false_negative": 2, "false_positive": 1, "false_positive_column": "a"},
                    "segment_on": ["a"],
                }
            },
            "threshold.expected_cost.false_positive_column",
        ),
        ({"compute": {"workers": 2}}, "compute.workers"),
        ({"compute": {"gpus_per_worker": 1}}, "compute.gpus_per_worker"),
        ({"compute": {"trial_gpus": 0.5}, "candidates": [{"family": "xgboost"}]}, "compute.trial_gpus"),
        ({"compute": {"trial_gpus": 1.5}, "candidates": [{"family": "neural"}]}, "compute.trial_gpus"),
        ({"compute": {"workers": 2, "min_workers": 3}, "candidates": [{"family": "neural"}]}, "compute.min_workers"),
        ({"compute": {"accelerator_type": "A100"}}, "compute.accelerator_type"),
    ],
)
def test_contradictions_name_their_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(SpecError) as error:
        check(spec(**parts))
    assert [v.field for v in error.value.violations] == [field]


def test_shap_values_need_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainers.spec.find_spec", lambda name: None)
    check(spec())
    with pytest.raises(SpecError) as error:
        check(spec(diagnosis={"shap_rows": 50}))
    assert error.value.violations[0].field == "diagnosis.shap_rows"
    assert "trainwright-server[shap]" in error.value.violations[0].message


def test_a_gaussian_process_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainers.spec.find_spec", lambda name: None)
    with pytest.raises(SpecError) as error:
        check(spec(search={"algorithm": "gaussian_process"}))
    assert [v.field for v in error.value.violations] == ["search.algorithm"]
    assert "trainwright-server[gaussian-process]" in error.value.violations[0].message


def test_a_plain_spec_contradicts_nothing() -> None:
    check(spec(ensembles=[{"kind": "bagging"}, {"kind": "stacking"}], split={"time_on": "t", "embargo": 3, "folds": 2}))
    check(spec(ensembles=[{"kind": "bagging", "bootstrap": False, "column_fraction": 0.5}, {"kind": "snapshot"}]))


@pytest.mark.parametrize(("task", "final"), [(Task.BINARY, "ridge"), (Task.REGRESSION, "logistic")])
def test_a_final_model_must_fit_the_target(task: Task, final: str) -> None:
    ensemble = spec(ensembles=[{"kind": "stacking", "final_model": final}]).ensembles[0]
    assert [violation.field for violation in ensemble.violations_for(task)] == ["final_model"]


def test_a_filled_ensemble_has_every_default_of_its_kind_and_is_still_right() -> None:
    kinds = spec(ensembles=[{"kind": kind} for kind in EnsembleKind])
    filled = [ensemble.filled(Task.BINARY) for ensemble in kinds.ensembles]
    assert (filled[0].members, filled[0].bootstrap, filled[2].final_model) == (8, True, "logistic")
    check(kinds.model_copy(update={"ensembles": tuple(filled)}))


def test_every_contradiction_is_told_at_once() -> None:
    with pytest.raises(SpecError) as error:
        check(spec(split={"embargo": 3}, compute={"workers": 2}))
    assert len(error.value.violations) == 2


@pytest.mark.parametrize(
    "parts",
    [
        {"candidates": [{"family": "svm", "space": {"C": {"uniform": [2, 1]}}}]},
        {"candidates": [{"family": "svm", "space": {"C": {"log_uniform": [0, 1]}}}]},
        {"candidates": [{"family": "svm", "space": {"C": {"choice": []}}}]},
        {"candidates": [{"family": "svm", "space": {"C": {"uniform": [1, 2], "integer": [1, 2]}}}]},
        {"candidates": [{"family": "svm", "space": {"C": {"uniform": [1, float("inf")]}}}]},
        {"threshold": {"expected_cost": {"false_negative": float("inf"), "false_positive": 1}}},
        {"search": {"time_budget_s": -1}},
        {"search": {"max_trials": 0}},
        {"threshold": {"lot_capacity": {"rows": 9, "of": 8}}},
        {"threshold": {"metric": "accuracies"}},
        {"serach": {}},
    ],
)
def test_values_out_of_bounds_are_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spec(**parts)


def test_problems_gather_until_they_stop() -> None:
    problems = Problems()
    for i in range(2):
        with problems.noting(f"candidates[{i}]"):
            raise SpecError([Violation(".family", "unknown")])
    with pytest.raises(SpecError) as error:
        problems.stop()
    assert [v.field for v in error.value.violations] == ["candidates[0].family", "candidates[1].family"]
    Problems().stop()

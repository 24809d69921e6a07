"""What a candidate may say, and what becomes of it."""

from dataclasses import replace

import pytest

from trainers.data.table import Task
from trainers.errors import SpecError
from trainers.families.registry import FAMILIES, CandidateSpec, UnknownFamilyError, baselines, families, get, resolve

BOOSTING = "hist_gradient_boosting"


def violations(candidate: dict, task: Task = Task.BINARY) -> dict[str, str]:
    with pytest.raises(SpecError) as error:
        resolve(CandidateSpec.model_validate(candidate), task)
    return {v.field: v.message for v in error.value.violations}


def test_every_family_is_registered_under_its_own_name():
    assert {name: family.name for name, family in FAMILIES.items()} == {name: name for name in FAMILIES}
    assert set(FAMILIES) == {
        *("dummy", "logistic_regression", "ridge", "elastic_net", "decision_tree", "random_forest", "extra_trees"),
        *(BOOSTING, "ada_boost", "xgboost", "lightgbm", "catboost", "svm", "neural"),
    }


def test_names_of_a_task_begin_with_the_simple_ones():
    assert families(Task.REGRESSION)[:2] == ("dummy", "ridge")
    assert "logistic_regression" not in families(Task.REGRESSION)
    assert "ridge" not in families(Task.MULTICLASS)


def test_baselines_are_one_trial_each():
    assert [(s.name, dict(s.space)) for s in baselines(Task.BINARY)] == [("dummy", {}), ("logistic_regression", {})]
    assert [s.name for s in baselines(Task.REGRESSION)] == ["dummy", "ridge"]


def test_default_space_when_nothing_is_said():
    study = resolve(CandidateSpec(family=BOOSTING), Task.BINARY)
    assert study.space == get(BOOSTING).space
    assert study.default["learning_rate"] == 0.1
    assert study.fixed == {}


def test_given_space_replaces_only_the_parameters_named():
    spec = {
        "family": BOOSTING,
        "space": {"learning_rate": {"log_uniform": [0.2, 0.3]}, "max_depth": {"integer": [2, 5]}},
    }
    study = resolve(CandidateSpec.model_validate(spec), Task.BINARY)
    assert study.space["learning_rate"].log_uniform.low == 0.2
    assert set(study.space) == {*get(BOOSTING).space, "max_depth"}
    assert study.default["learning_rate"] == 0.2, "the nearest to the family's 0.1 that the space holds"
    assert study.default["max_depth"] == 2


def test_fixed_parameters_leave_the_space():
    study = resolve(CandidateSpec(family=BOOSTING, params={"learning_rate": 1, "max_leaf_nodes": 15.0}), Task.BINARY)
    assert study.fixed == {"learning_rate": 1.0, "max_leaf_nodes": 15}
    assert type(study.fixed["learning_rate"]) is float
    assert type(study.fixed["max_leaf_nodes"]) is int, "protobuf sends whole numbers as 15.0"
    assert not {"learning_rate", "max_leaf_nodes"} & (set(study.space) | set(study.default))


def test_a_family_without_parameters_has_one_trial():
    study = resolve(CandidateSpec(family="dummy"), Task.BINARY)
    assert (study.space, study.default) == ({}, {})


def test_unknown_family_names_the_nearest_and_all():
    message = violations({"family": "xgbost"})[".family"]
    assert "'xgboost'" in message
    assert "hist_gradient_boosting" in message
    with pytest.raises(UnknownFamilyError, match="did you mean 'xgboost'"):
        get("xgbost")


def test_family_of_another_task_names_those_that_can():
    message = violations({"family": "ridge"})[".family"]
    assert "ridge cannot do binary" in message
    assert "logistic_regression" in message


def test_family_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(FAMILIES, "lightgbm", replace(get("lightgbm"), extra="no_such_module"))
    message = violations({"family": "lightgbm"})[".family"]
    assert "lightgbm needs no_such_module, which is not installed" in message
    assert "pip install" in message


def test_a_network_without_torch_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(FAMILIES, "neural", replace(get("neural"), module="no_such_module"))
    message = violations({"family": "neural"})[".family"]
    assert "neural needs no_such_module" in message
    assert "trainwright-server[neural]" in message


def test_unknown_parameter_names_the_nearest_and_all():
    found = violations({"family": BOOSTING, "params": {"learning_rat": 0.1}, "space": {"depth": {"integer": [1, 3]}}})
    assert "did you mean 'learning_rate'" in found[".params[learning_rat]"]
    assert "max_depth" in found[".space[depth]"]
    assert "it has none" in violations({"family": "dummy", "params": {"strategy": "prior"}})[".params[strategy]"]


@pytest.mark.parametrize(
    ("name", "space", "words"),
    [
        ("max_leaf_nodes", {"uniform": [7, 63]}, "use integer or log_integer"),
        ("max_leaf_nodes", {"log_uniform": [7, 63]}, "use integer or log_integer"),
        ("max_leaf_nodes", {"integer": [0, 63]}, "0 is not a whole number from 2 to 65536"),
        ("max_leaf_nodes", {"choice": [15, 31.5]}, "31.5 is not a whole number"),
        ("learning_rate", {"uniform": [-1, 0.5]}, "-1.0 is not a real number from 0.0001 to 1"),
        ("learning_rate", {"choice": ["fast"]}, "'fast' is not a real number"),
        ("learning_rate", {"choice": [True, 0.1]}, "True is not a real number"),
    ],
)
def test_space_that_does_not_fit_the_parameter(name, space, words):
    assert words in violations({"family": BOOSTING, "space": {name: space}})[f".space[{name}]"]


@pytest.mark.parametrize(
    ("family", "name", "value", "words"),
    [
        (BOOSTING, "max_iter", 10.5, "10.5 is not a whole number from 1 to 100000"),
        (BOOSTING, "learning_rate", -0.1, "-0.1 is not a real number from 0.0001 to 1"),
        (BOOSTING, "max_depth", "deep", "'deep' is not a whole number from 1 to 1000 or None"),
        (BOOSTING, "l2_regularization", float("nan"), "nan is not a real number"),
        ("random_forest", "max_features", "cube", "'cube' is not a real number from 0.01 to 1 or 'sqrt', 'log2', None"),
        ("extra_trees", "bootstrap", 1, "1 is not False, True"),
        ("svm", "kernel", "round", "'round' is not 'rbf', 'linear', 'poly', 'sigmoid'"),
    ],
)
def test_fixed_value_that_does_not_fit_the_parameter(family, name, value, words):
    assert words in violations({"family": family, "params": {name: value}})[f".params[{name}]"]


def test_words_and_none_may_be_fixed_or_searched():
    spec = {
        "family": "random_forest",
        "params": {"max_depth": None},
        "space": {"max_features": {"choice": ["sqrt", 0.5]}},
    }
    study = resolve(CandidateSpec.model_validate(spec), Task.BINARY)
    assert study.fixed == {"max_depth": None}
    assert study.default["max_features"] == 0.5


def test_a_parameter_both_searched_and_fixed():
    spec = {"family": BOOSTING, "params": {"max_depth": 3}, "space": {"max_depth": {"integer": [2, 5]}}}
    assert "not both" in violations(spec)[".space[max_depth]"]


def test_all_violations_come_at_once():
    spec = {"family": BOOSTING, "params": {"max_depth": -3, "x": 1}, "space": {"max_iter": {"uniform": [2, 5]}}}
    assert set(violations(spec)) == {".params[max_depth]", ".params[x]", ".space[max_iter]"}


def test_a_condition_on_another_parameter_travels_into_the_study():
    space = {"kernel": {"choice": ["rbf", "linear"]}, "gamma": {"log_uniform": [0.01, 1], "when": {"kernel": ["rbf"]}}}
    study = resolve(CandidateSpec.model_validate({"family": "svm", "space": space}), Task.BINARY)
    assert study.space["gamma"].active({"kernel": "rbf"})
    assert not study.space["gamma"].active({"kernel": "linear"})


@pytest.mark.parametrize(
    ("when", "params", "path", "words"),
    [
        ({"kernal": ["rbf"]}, {}, ".space[gamma].when[kernal]", "did you mean 'kernel'"),
        ({"kernel": ["rbf"]}, {}, ".space[gamma].when[kernel]", "neither searched nor in params"),
        ({"kernel": ["rbf"]}, {"kernel": "poly"}, ".space[gamma].when[kernel]", "never has 'rbf'"),
        ({"C": [0.5, 5000]}, {}, ".space[gamma].when[C]", "never has 5000"),
        ({"gamma": [0.1]}, {}, ".space[gamma].when", "in a circle: gamma needs gamma"),
    ],
)
def test_a_condition_that_can_never_hold(when, params, path, words):
    space = {"gamma": {"log_uniform": [0.01, 1], "when": when}}
    found = violations({"family": "svm", "space": space, "params": params})
    assert list(found) == [path]
    assert words in found[path]

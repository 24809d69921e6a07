import math
from typing import Any

import pytest

from service.api import requests
from service.api.bridge import read, spec_message, spec_values
from trainers.errors import SpecError
from trainers.evaluation.threshold import ThresholdSpec
from trainers.spec import TrainingSpec
from trainwright.messages import from_dict
from trainwright.v1 import training_service_pb2 as pb

SPEC: dict[str, Any] = {
    "decision": "Stop bad parts",
    "data": {"uri": "parts.csv", "target": "bad", "exclude": ["id"], "roles": {"line": "categorical"}},
    "split": {"folds": 3, "time_on": "made", "embargo": 2.5},
    "candidates": [
        {"family": "ridge"},
        {
            "family": "random_forest",
            "space": {
                "max_features": {"uniform": [0, 1]},
                "min_samples_leaf": {"log_integer": [1, 32]},
                "criterion": {"choice": ["gini", 3, 0.5, True, None]},
            },
            "params": {"max_depth": None, "n_estimators": 20},
        },
    ],
    "search": {"algorithm": "grid", "racing": False, "time_budget_s": 60},
    "ensembles": [{"kind": "stacking"}],
    "threshold": {"expected_cost": {"false_negative": 20, "false_positive": 1}},
    "resample": {"method": "smote"},
}


def space(parameter: str, **kinds: Any) -> dict[str, Any]:
    return {"candidates": [{"family": "ridge", "space": {parameter: kinds}}]}


def create(**changes: Any) -> pb.CreateTrainingJobRequest:
    return from_dict(pb.CreateTrainingJobRequest, {"spec": SPEC, **changes})


def refusal(request: pb.CreateTrainingJobRequest) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        read(requests.CreateTrainingJob, request)
    return {violation.field: violation.message for violation in caught.value.violations}


def test_a_message_becomes_the_same_spec_as_its_yaml() -> None:
    assert read(requests.CreateTrainingJob, create()).spec == TrainingSpec.model_validate(SPEC)


def test_a_spec_survives_storing_and_sending() -> None:
    spec = TrainingSpec.model_validate(SPEC)
    assert TrainingSpec.model_validate(spec_values(spec)) == spec
    again = read(requests.CreateTrainingJob, pb.CreateTrainingJobRequest(spec=spec_message(spec)))
    assert again.spec == spec


def test_a_default_threshold_asks_for_nothing_when_stored() -> None:
    spec = TrainingSpec.model_validate({k: v for k, v in SPEC.items() if k != "threshold"})
    assert TrainingSpec.model_validate(spec_values(spec)).threshold == ThresholdSpec()


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (space("alpha", log_uniform=[2, 1]), "candidates[0].space[alpha].log_uniform", "low 2.0 must be below high 1.0"),
        (space("alpha", log_uniform=[0, 1]), "candidates[0].space[alpha]", "low 0.0 must be above 0"),
        (space("alpha"), "candidates[0].space[alpha]", "exactly one of"),
        (space("a.b]", choice=[]), "candidates[0].space[a.b]].choice.values", "at least 1 item"),
        ({"search": {"time_budget_s": -3}}, "search.time_budget_s", "must be greater than 0, but is -3.0"),
        ({"search": {"algorithm": 0, "max_trials": 0}}, "search.max_trials", "but is 0"),
        ({"split": {"test_fraction": 0.9}}, "split.test_fraction", "less than or equal to 0.5, but is 0.9"),
        ({"threshold": {"metric": "auc"}}, "threshold", "metric 'auc' is not one of f1"),
        ({"ensembles": [{}]}, "ensembles[0].kind", "is required"),
        ({"decision": ""}, "decision", "is required"),
        ({"data": {"uri": "x"}}, "data.target", "is required"),
    ],
)  # fmt: skip
def test_violations_name_the_field_the_value_and_what_is_right(change: dict[str, Any], field: str, words: str) -> None:
    found = refusal(create(spec=SPEC | change))
    assert list(found) == [field]
    assert words in found[field]


def test_everything_wrong_is_told_at_once() -> None:
    found = refusal(
        create(
            spec=SPEC | {"decision": ""}, request_id="r" * 129, queue_timeout=-1, labels={"k" * 64: "v", "k": "v" * 256}
        )
    )
    assert set(found) == {"decision", "request_id", "queue_timeout", f"labels[{'k' * 64}]", "labels[k]"}


def test_labels_are_at_most_32() -> None:
    labels = {str(i): "" for i in range(32)}
    read(requests.CreateTrainingJob, create(labels=labels))
    assert list(refusal(create(labels=labels | {"one": "more"}))) == ["labels"]


def test_numbers_that_json_cannot_say_are_refused() -> None:
    request = create()
    request.spec.candidates[1].params["max_depth"].number_value = math.nan
    assert "that JSON cannot say" in next(iter(refusal(request).values()))


@pytest.mark.parametrize(
    "name",
    ["", "x", "trainingJobs/", "trainingJobs/a/b", "trainingJobs/../x", "datasets/x", "trainingJobs/" + "a" * 65],
)
def test_malformed_job_names_are_refused(name: str) -> None:
    with pytest.raises(SpecError, match="name: "):
        read(requests.GetTrainingJob, pb.GetTrainingJobRequest(name=name))


def test_masks_name_fields_that_exist() -> None:
    request = from_dict(pb.GetTrainingJobRequest, {"name": "trainingJobs/x", "read_mask": {"paths": ["state", "stat"]}})
    with pytest.raises(SpecError, match="read_mask: stat is no field"):
        read(requests.GetTrainingJob, request)


@pytest.mark.parametrize("size", [-1, 1001])
def test_page_sizes_have_a_range(size: int) -> None:
    with pytest.raises(SpecError, match=f"page_size: .*but is {size}"):
        read(requests.ListTrainingJobs, pb.ListTrainingJobsRequest(page_size=size))


def test_an_unset_page_size_is_the_default() -> None:
    assert read(requests.ListTrainingJobs, pb.ListTrainingJobsRequest()).page_size == 50

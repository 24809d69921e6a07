from pathlib import Path

import pytest

from trainwright import calls, channel
from trainwright.errors import InvalidSpec
from trainwright.messages import to_dict
from trainwright.v1 import dataset_service_pb2, training_service_pb2

SPEC = {"decision": "d", "data": {"uri": "a.csv", "target": "y"}}
EXAMPLE = Path(__file__).parents[3] / "examples" / "ai4i.yaml"


def test_create_carries_everything():
    call = calls.create(SPEC, request_id="r", labels={"a": "b"}, queue_timeout=1.5, run_deadline=60)
    assert to_dict(call.request) == {
        "spec": SPEC,
        "request_id": "r",
        "labels": {"a": "b"},
        "queue_timeout": 1.5,
        "run_deadline": 60.0,
    }


def test_mutations_are_safe_to_repeat():
    made = [calls.create(SPEC), calls.cancel("a", ""), calls.rerun("a", None), calls.delete("a", False)]
    ids = [call.request.request_id for call in [*made, calls.create(SPEC)]]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_only_what_is_safe_to_repeat_is_retried():
    retried, single = channel.SERVICE_CONFIG["methodConfig"]
    assert "retryPolicy" in retried
    assert "retryPolicy" not in single
    once = {(name["service"], name["method"]) for name in single["name"]}
    for file in (training_service_pb2, dataset_service_pb2):
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                reads = method.name.startswith(("Get", "List", "Compare"))
                safe = reads or "request_id" in method.input_type.fields_by_name
                assert safe != ((service.full_name, method.name) in once), method.full_name


def test_the_example_is_read_and_comes_back():
    spec = calls.read_spec(EXAMPLE)
    request = calls.create(spec).request
    assert spec["search"]["algorithm"] == to_dict(request.spec)["search"]["algorithm"] == "bayesian"
    assert calls.create(to_dict(request.spec), request_id="r").request.spec == request.spec


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("decision: [", "is not YAML"),
        ("- a\n- b\n", "must be a mapping"),
        ("", "must be a mapping"),
        ("decision: 3\n", "decision: must be text"),
        ("data: a.csv\n", "data: must be a mapping"),
        ("serch: {}\n", "serch: is not a field"),
        ("search: {max_trials: many}\n", "search.max_trials: must be a whole number"),
    ],
)
def test_a_spec_that_cannot_be_read_is_refused_before_any_call(tmp_path, text, problem):
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    with pytest.raises(InvalidSpec, match=problem):
        calls.read_spec(path)


def test_a_missing_file_is_told():
    with pytest.raises(InvalidSpec, match=r"nowhere\.yaml cannot be read: No such file"):
        calls.read_spec("nowhere.yaml")


def test_data_takes_the_place_of_the_uri():
    assert calls.with_uri(SPEC, "s3://b/t")["data"] == {"uri": "s3://b/t", "target": "y"}
    assert calls.with_uri({"decision": "d"}, "x")["data"] == {"uri": "x"}
    assert SPEC["data"]["uri"] == "a.csv"


def test_names_are_made_of_ids_once():
    assert calls.job_name("a") == calls.job_name(calls.job_name("a")) == "trainingJobs/a"
    assert calls.dataset_name("a") == calls.dataset_name("datasets/a") == "datasets/a"

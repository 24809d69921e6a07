"""The proto and the specs say the same, field for field; so do the requests, the plan, and the stubs checked in."""

import filecmp
import subprocess
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import BaseModel

from service.api import requests
from service.jobs.states import State
from trainers.plan import Plan
from trainers.spec import TrainingSpec
from trainwright.messages import enum_name
from trainwright.v1 import admin_service_pb2 as admin_pb
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import spec_pb2
from trainwright.v1 import training_service_pb2 as pb

ROOT = Path(__file__).parents[2]
SCALARS = {
    FieldDescriptor.CPPTYPE_STRING: (str, bytes),
    FieldDescriptor.CPPTYPE_BOOL: (bool,),
    FieldDescriptor.CPPTYPE_INT32: (int,),
    FieldDescriptor.CPPTYPE_INT64: (int,),
    FieldDescriptor.CPPTYPE_DOUBLE: (float,),
}
REQUESTS = sorted(requests.Request.__subclasses__(), key=lambda model: model.__name__)


def pairs(message: Descriptor, model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldDescriptor, Any]]:
    """Every field of a message, over all levels, with the model's field of the same name."""
    assert set(message.fields_by_name) == set(model.model_fields), path or message.name
    for field in message.fields:
        info = model.model_fields[field.name]
        yield f"{path}{field.name}", field, info
        kind = plain_type(info.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from pairs(value_field(field).message_type, kind, f"{path}{field.name}.")


def value_field(field: FieldDescriptor) -> FieldDescriptor:
    is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
    return field.message_type.fields_by_name["value"] if is_map else field


def plain_type(annotation: Any) -> Any:
    """The type inside Annotated, Optional, tuple[..., ...] and Mapping."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return plain_type(inner[0])
    if origin in (UnionType, typing.Union):
        inside = [each for each in inner if each is not NoneType]
        return plain_type(inside[0]) if len(inside) == 1 else annotation
    if origin is tuple:
        return plain_type(inner[0])
    if origin is Mapping:
        return plain_type(inner[1])
    return annotation


SPEC_FIELDS = list(pairs(spec_pb2.TrainingSpec.DESCRIPTOR, TrainingSpec))


def test_every_level_of_the_spec_is_compared() -> None:
    paths = {path for path, _, _ in SPEC_FIELDS}
    assert {"decision", "candidates.space.log_uniform.low", "threshold.expected_cost.false_negative"} <= paths
    assert len(SPEC_FIELDS) > 60


@pytest.mark.parametrize(("path", "field", "info"), SPEC_FIELDS, ids=[path for path, _, _ in SPEC_FIELDS])
def test_spec_field_is_the_same_in_proto_and_model(path: str, field: FieldDescriptor, info: Any) -> None:
    same_kind(field, info.annotation)
    scalar = field.message_type is None and field.enum_type is None and not field.is_repeated
    if scalar:
        assert info.is_required() == (not field.has_presence), "required fields have no presence; all others have"


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_request_fields_are_the_same_in_proto_and_model(model: type[BaseModel]) -> None:
    name = f"{model.__name__}Request"
    message = next(getattr(each, name) for each in (pb, datasets_pb, admin_pb) if hasattr(each, name))
    for _, field, info in pairs(message.DESCRIPTOR, model):
        same_kind(field, info.annotation)


def same_kind(field: FieldDescriptor, annotation: Any) -> None:
    """Enums have the same short names; scalars the same Python type; messages and free values need no more."""
    field, kind = value_field(field), plain_type(annotation)
    if field.enum_type is not None:
        short = [enum_name(field.enum_type, value.number) for value in field.enum_type.values if value.number]
        assert issubclass(kind, StrEnum)
        assert short == [each.value for each in kind]
    elif field.message_type is None:
        assert kind in SCALARS[field.cpp_type]


def test_every_call_has_a_checked_request() -> None:
    methods = [*pb.DESCRIPTOR.services_by_name["TrainingService"].methods]
    methods += datasets_pb.DESCRIPTOR.services_by_name["DatasetService"].methods
    methods += admin_pb.DESCRIPTOR.services_by_name["AdminService"].methods
    assert {method.name for method in methods} == {model.__name__ for model in REQUESTS}


def test_plan_has_the_fields_of_the_proto_and_the_resolved_spec() -> None:
    assert {field.name for field in fields(Plan)} == {*pb.Plan.DESCRIPTOR.fields_by_name, "spec"}


def test_states_are_those_of_the_proto() -> None:
    values = pb.JobState.DESCRIPTOR.values
    assert [enum_name(pb.JobState.DESCRIPTOR, value.number) for value in values if value.number] == list(State)


def test_generating_the_stubs_again_changes_nothing(tmp_path: Path) -> None:
    subprocess.run([ROOT / "proto/generate.sh", tmp_path], check=True, capture_output=True, timeout=240)
    made = tmp_path / "trainwright/v1"
    names = sorted(path.name for path in made.iterdir())
    assert len(names) == 15
    same, different, missing = filecmp.cmpfiles(made, ROOT / "clients/python/src/trainwright/v1", names, shallow=False)
    assert (different, missing) == ([], [])
    assert sorted(same) == names

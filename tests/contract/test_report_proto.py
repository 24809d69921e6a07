"""The report's values are the TrainingReport message, field for field."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from trainers.report.values import Report
from trainwright.v1 import report_pb2

KINDS = {
    str: FieldDescriptor.CPPTYPE_STRING,
    int: FieldDescriptor.CPPTYPE_INT64,
    float: FieldDescriptor.CPPTYPE_DOUBLE,
    bool: FieldDescriptor.CPPTYPE_BOOL,
}


def test_every_field_matches() -> None:
    compare(Report, report_pb2.TrainingReport.DESCRIPTOR, "report")


def test_a_full_report_parses_as_the_message_with_every_field_set() -> None:
    report = filled(Report)
    message = json_format.Parse(report.to_json(), report_pb2.TrainingReport())
    assert list(unset(message)) == []
    assert message.selected.params["whole"] == 3


def test_reading_gives_the_same_report() -> None:
    report = filled(Report)
    assert Report.from_json(report.to_json()) == report


def compare(kind: type, descriptor: Descriptor, path: str) -> None:
    """Compares a dataclass with a message type, and what is inside."""
    hints = get_type_hints(kind)
    assert {f.name for f in dataclasses.fields(kind)} == set(descriptor.fields_by_name), path
    for name, field in descriptor.fields_by_name.items():
        compare_field(hints[name], field, f"{path}.{name}")


def compare_field(hint: Any, field: FieldDescriptor, path: str) -> None:
    hint = required(hint)
    if get_origin(hint) is Mapping:
        value = get_args(hint)[1]
        if value is Any:
            assert field.message_type.full_name == "google.protobuf.Struct", path
            return
        assert field.message_type.GetOptions().map_entry, path
        field = field.message_type.fields_by_name["value"]
        hint = value
    elif get_origin(hint) is tuple:
        assert field.is_repeated, path
        hint = get_args(hint)[0]
    else:
        assert not field.is_repeated, path
    if dataclasses.is_dataclass(hint):
        compare(hint, field.message_type, path)
    else:
        base = next(known for known in (str, bool, int, float) if issubclass(hint, known))
        assert field.cpp_type == KINDS[base], path


def required(hint: Any) -> Any:
    """X for ``X | None``."""
    if isinstance(hint, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def filled(kind: Any) -> Any:
    """A value of a type with something in every field, optional ones too."""
    kind = required(kind)
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: filled(hints[f.name]) for f in dataclasses.fields(kind)})
    if get_origin(kind) is tuple:
        return (filled(get_args(kind)[0]),)
    if get_origin(kind) is Mapping:
        inner = get_args(kind)[1]
        return {"whole": 3, "none": None, "list": ["a"]} if inner is Any else {"key": filled(inner)}
    if hasattr(kind, "__members__"):
        return next(iter(kind))
    return {str: "text", int: 7, float: 0.5, bool: True}[kind]


def unset(message: Message, path: str = "report") -> Any:
    """Paths of fields that have no value, in a message and all messages in it."""
    present = {field.name: value for field, value in message.ListFields()}
    for name, field in message.DESCRIPTOR.fields_by_name.items():
        if name not in present:
            yield f"{path}.{name}"
        elif field.message_type is not None and not field.message_type.full_name.startswith("google."):
            value = present[name]
            if field.message_type.GetOptions().map_entry:
                inner = [v for v in value.values() if isinstance(v, Message)]
            else:
                inner = list(value) if field.is_repeated else [value]
            for item in inner:
                yield from unset(item, f"{path}.{name}")

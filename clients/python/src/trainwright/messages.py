"""Turns plain Python values into the API's messages and back, following the message descriptors.

Plain values are what people write in YAML: enums by their short lower-case name (``bayesian``), durations in seconds, search
spaces as ``[low, high]``, timestamps as ``datetime``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from numbers import Real
from typing import Any, TypeVar

from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from trainwright.v1 import spec_pb2

M = TypeVar("M", bound=Message)

_WHOLE = {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
_REAL = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}


class FieldError(ValueError):
    """A plain value does not fit the message.

    Attributes:
        field: Path of the value, such as ``search.max_trials``; empty for the whole.
        problem: What was wrong and what would be right.
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}" if field else problem)


def from_dict(message_type: type[M], values: Mapping[str, Any], path: str = "") -> M:
    """Builds a message from plain values.

    Args:
        message_type: Generated class of the message.
        values: Field values by proto field name. None means unset.
        path: Prefix of field paths in errors.

    Raises:
        FieldError: A field is unknown or its value does not fit.
    """
    message = message_type()
    _fill(message, values, path)
    return message


def to_dict(message: Message) -> dict[str, Any]:
    """Returns the set fields of a message as plain values, by proto field name; unset fields are left out."""
    return {field.name: _plain_field(field, value) for field, value in message.ListFields()}


def enum_name(enum: EnumDescriptor, number: int) -> str:
    """Short lower-case name of an enum value: SEARCH_ALGORITHM_RANDOM is ``random``."""
    value = enum.values_by_number.get(number)
    return value.name.removeprefix(_enum_prefix(enum)).lower() if value else str(number)


def _enum_prefix(enum: EnumDescriptor) -> str:
    return enum.values_by_number[0].name.removesuffix("UNSPECIFIED")


def _fill(message: Message, values: Mapping[str, Any], path: str) -> None:
    if not isinstance(values, Mapping):
        raise FieldError(path, f"must be a mapping of fields, not {_kind(values)}")
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in values.items():
        where = f"{path}.{name}" if path else str(name)
        if name not in fields:
            raise FieldError(where, f"is not a field; the fields here are {', '.join(fields)}")
        if value is not None:
            _set(message, fields[name], value, where)


def _set(message: Message, field: Any, value: Any, path: str) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(message, field, value, path)
    elif field.is_repeated:
        if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
            raise FieldError(path, f"must be a list, not {_kind(value)}")
        target = getattr(message, field.name)
        for i, item in enumerate(value):
            if field.message_type is not None:
                _fill_message(target.add(), item, f"{path}[{i}]")
            else:
                target.append(_scalar(field, item, f"{path}[{i}]"))
    elif field.message_type is not None:
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill_message(inner, value, path)
    else:
        setattr(message, field.name, _scalar(field, value, path))


def _set_map(message: Message, field: Any, value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise FieldError(path, f"must be a mapping, not {_kind(value)}")
    entry = field.message_type.fields_by_name["value"]
    target = getattr(message, field.name)
    for key, item in value.items():
        where = f"{path}[{key}]"
        if entry.message_type is not None:
            _fill_message(target[str(key)], item, where)
        else:
            target[str(key)] = _scalar(entry, item, where)


def _fill_message(message: Message, value: Any, path: str) -> None:
    if isinstance(value, Message):
        message.CopyFrom(value)
    elif isinstance(message, timestamp_pb2.Timestamp | duration_pb2.Duration):
        _fill_time(message, value, path)
    elif isinstance(message, struct_pb2.Value | struct_pb2.Struct | struct_pb2.ListValue):
        try:
            json_format.ParseDict(value, message)
        except json_format.ParseError as error:
            raise FieldError(path, f"is not a JSON value: {error}") from None
    elif isinstance(message, spec_pb2.Range | spec_pb2.IntegerRange) and isinstance(value, list | tuple):
        if len(value) != 2:
            raise FieldError(path, f"must be [low, high], not {len(value)} values")
        _fill(message, {"low": value[0], "high": value[1]}, path)
    elif isinstance(message, spec_pb2.Choices) and isinstance(value, list | tuple):
        _fill(message, {"values": value}, path)
    else:
        _fill(message, value, path)


def _fill_time(message: timestamp_pb2.Timestamp | duration_pb2.Duration, value: Any, path: str) -> None:
    try:
        if isinstance(message, duration_pb2.Duration):
            message.FromTimedelta(value if isinstance(value, timedelta) else timedelta(seconds=float(value)))
        elif isinstance(value, datetime):
            message.FromDatetime(value)
        else:
            message.FromJsonString(value)
    except (TypeError, ValueError, OverflowError):
        right = "a number of seconds" if isinstance(message, duration_pb2.Duration) else "an RFC 3339 time"
        raise FieldError(path, f"must be {right}, not {value!r}") from None


def _scalar(field: FieldDescriptor, value: Any, path: str) -> Any:
    kind = field.cpp_type
    if field.enum_type is not None:
        return _enum_number(field.enum_type, value, path)
    if kind == FieldDescriptor.CPPTYPE_STRING and not isinstance(value, str):
        raise FieldError(path, f"must be text, not {_kind(value)}; put {value!r} in quotes")
    if kind == FieldDescriptor.CPPTYPE_BOOL and not isinstance(value, bool):
        raise FieldError(path, f"must be true or false, not {value!r}")
    if kind in _WHOLE:
        return _whole_number(value, 31 if kind == FieldDescriptor.CPPTYPE_INT32 else 63, path)
    return _real_number(value, path) if kind in _REAL else value


def _whole_number(value: Any, bits: int, path: str) -> int:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or value != value or not -(2**bits) <= value < 2**bits or value != int(value):
        raise FieldError(path, f"must be a whole number in range, not {value!r}")
    return int(value)


def _real_number(value: Any, path: str) -> float:
    if isinstance(value, bool | str):
        raise FieldError(path, f"must be a number, not {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise FieldError(path, f"must be a number, not {value!r}") from None


def _enum_number(enum: EnumDescriptor, value: Any, path: str) -> int:
    prefix = _enum_prefix(enum)
    if isinstance(value, int) and not isinstance(value, bool) and value in enum.values_by_number:
        return value
    for name in (str(value), prefix + str(value).upper()):
        if name in enum.values_by_name:
            return int(enum.values_by_name[name].number)
    known = [v.name.removeprefix(prefix).lower() for v in enum.values if v.number]
    raise FieldError(path, f"{value!r} is not one of {', '.join(known)}")


def _plain_field(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name["value"]
        return {key: _plain(entry, value[key]) for key in sorted(value)}  # maps travel in no order
    if field.is_repeated:
        return [_plain(field, item) for item in value]
    return _plain(field, value)


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return enum_name(field.enum_type, value)
    if isinstance(value, timestamp_pb2.Timestamp):
        return value.ToDatetime(tzinfo=UTC)
    if isinstance(value, duration_pb2.Duration):
        return value.ToTimedelta().total_seconds()
    if isinstance(value, struct_pb2.Value | struct_pb2.Struct | struct_pb2.ListValue):
        return _whole(json_format.MessageToDict(value))
    if isinstance(value, spec_pb2.Range | spec_pb2.IntegerRange):
        return [value.low, value.high]  # a bound of 0 is a bound
    if isinstance(value, spec_pb2.Choices):
        return [_whole(json_format.MessageToDict(item)) for item in value.values]
    if isinstance(value, Message):
        return to_dict(value)
    return value


def _whole(value: Any) -> Any:
    """Gives whole numbers back as int: protobuf's Value has only doubles."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return names.get(type(value), type(value).__name__)

"""Messages to the values below, and back. Generic: fields go by name, so a new field needs no line here."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from trainers.errors import SpecError, Violation
from trainers.plan import Plan
from trainers.redaction import redacted
from trainers.spec import TrainingSpec
from trainwright.messages import from_dict, to_dict
from trainwright.v1 import spec_pb2
from trainwright.v1 import training_service_pb2 as pb

MAX_SPEC_BYTES = 256 << 10  # thousands of named columns; specs stay in memory and in the database, by the thousand
R = TypeVar("R", bound=BaseModel)


def read(model: type[R], message: Message) -> R:
    """Checks a message against the model of the same fields.

    Raises:
        SpecError: With every violation; paths are those of the message, below ``spec`` those of the spec.
    """
    try:
        plain = to_dict(message)
    except (json_format.Error, ValueError, OverflowError) as error:
        raise SpecError([Violation("", f"holds a number or time that JSON cannot say ({error})")]) from None
    return _checked(model, plain, message.DESCRIPTOR)


def check_size(spec: spec_pb2.TrainingSpec) -> None:
    """Passes a spec that is no larger than one may be; asked before it is read.

    Raises:
        SpecError: It is larger.
    """
    if spec.ByteSize() > MAX_SPEC_BYTES:
        raise SpecError([Violation("spec", f"has {spec.ByteSize():,} bytes, and may have {MAX_SPEC_BYTES:,}")])


def _checked(model: type[R], values: Mapping[str, Any], descriptor: Any) -> R:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SpecError(violations(error, descriptor)) from None


def violations(error: ValidationError, descriptor: Any) -> list[Violation]:
    """Pydantic's errors as field violations, one a field; the descriptor is that of the message that was read."""
    found: dict[str, list[str]] = {}
    for each in error.errors(include_url=False):
        found.setdefault(_path(each["loc"], descriptor), []).append(_words(each))
    return [Violation(path, " or ".join(dict.fromkeys(texts))) for path, texts in found.items()]


def spec_values(spec: TrainingSpec) -> dict[str, Any]:
    """The spec as plain JSON values, to be stored; what is unset is left out."""
    return spec.model_dump(mode="json", exclude_none=True)


def stored_spec(values: Mapping[str, Any]) -> TrainingSpec:
    """The spec of a stored job.

    Raises:
        SpecError: It was stored by an earlier version and is no longer a spec.
    """
    return _checked(TrainingSpec, values, spec_pb2.TrainingSpec.DESCRIPTOR)


def spec_message(spec: TrainingSpec) -> spec_pb2.TrainingSpec:
    """The spec as a message."""
    return from_dict(spec_pb2.TrainingSpec, spec_values(spec))


@lru_cache(maxsize=256)  # as many as the planner keeps
def plan_message(plan: Plan) -> pb.Plan:
    """The plan as a message."""
    return from_dict(pb.Plan, to_jsonable_python(plan, exclude={"spec"}))


def _path(location: Sequence[str | int], descriptor: Any) -> str:
    """``candidates[0].space[learning_rate].log_uniform`` for pydantic's location of the same."""
    path, inside, at_key = "", descriptor, False
    for part in location:
        if isinstance(part, int) or at_key:
            path, at_key = f"{path}[{part}]", False
            continue
        field = inside.fields_by_name.get(part) if inside else None
        if field is None:  # a branch of a union, or the mark of a key: nothing a caller wrote
            break
        path = f"{path}.{part}" if path else part
        inside = field.message_type
        if inside is not None and inside.GetOptions().map_entry:
            inside, at_key = inside.fields_by_name["value"].message_type, True
    return path.removeprefix("spec.")


def _words(error: Any) -> str:
    if error["type"] == "missing":
        return "is required"
    given = error["input"]
    if error["type"] == "value_error":
        text = str(error["ctx"]["error"])
    else:
        text = "must " + error["msg"].split(" should ", 1)[-1].replace(" after validation", "")
    if isinstance(given, str | int | float) and repr(given) not in text:
        text += f", but is {redacted(repr(given))[:80]}"
    return text

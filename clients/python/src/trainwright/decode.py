"""Reads the service's answers into the values of this package."""

from typing import Any, Final, Protocol, TypeVar

import grpc
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2
from google.protobuf.message import Message
from google.rpc import status_pb2

from trainwright import values as v
from trainwright.errors import violations
from trainwright.messages import to_dict
from trainwright.v1 import dataset_service_pb2, training_service_pb2

T = TypeVar("T")

_CODES: Final = {code.value[0]: code.name.lower() for code in grpc.StatusCode}
_LEAVES: Final = (
    timestamp_pb2.Timestamp,
    duration_pb2.Duration,
    struct_pb2.Struct,
    struct_pb2.Value,
    struct_pb2.ListValue,
    status_pb2.Status,
)


class _Failable(Protocol):
    @property
    def error(self) -> status_pb2.Status: ...
    def HasField(self, field_name: Any) -> bool: ...  # noqa: N802 (protobuf's name)


def job(message: training_service_pb2.TrainingJob) -> v.JobInfo:
    """Reads a job."""
    plain = to_dict(message)
    kind = plain.pop("error_kind", "")
    return v.JobInfo(
        **plain
        | {
            "state": v.JobState(plain["state"]),
            "progress": value(v.Progress, message.progress),
            "error": _error(message, kind),
            "history": tuple(_phase_record(record) for record in message.history),
            "attempts": tuple(_attempt(each) for each in message.attempts),
            "report": whole(message.report) if message.HasField("report") else None,
        }
    )


def event(message: training_service_pb2.JobEvent) -> v.JobEvent:
    """Reads an event."""
    kind = message.WhichOneof("payload")
    if kind == "state":
        plain = to_dict(message.state)
        before = plain.get("from")
        error = _error(message.state, plain.get("error_kind", ""))
        what: Any = v.StateChange(v.JobState(before) if before else None, v.JobState(plain["to"]), error)
    else:
        classes = {"phase": v.PhaseChange, "trial": v.Trial, "progress": v.Progress, "finding": v.Finding}
        what = value(classes[str(kind)], getattr(message, str(kind)))
    return v.JobEvent(message.sequence, to_dict(message).get("time"), message.attempt, what)


def plan(message: training_service_pb2.CreateTrainingJobResponse) -> v.Plan:
    """Reads the answer to a validate_only request."""
    hours = {name: getattr(message.plan, name) for name in ("cpu_hours", "gpu_hours")}
    return v.Plan(
        spec=to_dict(message.job.spec),
        task=message.plan.task,
        fits=message.plan.fits,
        data=whole(message.plan.data),
        split=whole(message.plan.split),
        findings=tuple(value(v.Finding, each) for each in message.plan.findings),
        **{name: (interval.low, interval.high) for name, interval in hours.items()},
    )


def trial(message: training_service_pb2.Trial) -> v.Trial:
    """Reads a trial."""
    return value(v.Trial, message)


def log_line(message: training_service_pb2.ReadLogsResponse) -> v.LogLine:
    """Reads a log line."""
    return value(v.LogLine, message.line)


def dataset(message: dataset_service_pb2.Dataset) -> v.Dataset:
    """Reads a dataset."""
    return v.Dataset(**to_dict(message) | {"columns": tuple(value(v.Column, each) for each in message.columns)})


def whole(message: Message) -> dict[str, Any]:
    """Returns a message as plain values, with the default of every field that was left out.

    Fields that tell unset from default (optional, oneof and message fields) stay out when unset.
    """
    plain = to_dict(message)
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.name not in plain:
            if not field.has_presence:
                is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
                plain[field.name] = {} if is_map else [] if field.is_repeated else value
        elif isinstance(value, Message) and not isinstance(value, _LEAVES):
            plain[field.name] = whole(value)
        elif isinstance(plain[field.name], list):
            plain[field.name] = [whole(each) if isinstance(each, Message) else each for each in value]
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            plain[field.name] = {k: whole(each) if isinstance(each, Message) else each for k, each in value.items()}
    return plain


def value(cls: type[T], message: Message) -> T:
    """Builds a value whose fields have the message's names; fields left out take the value's defaults."""
    return cls(**{name: tuple(each) if isinstance(each, list) else each for name, each in to_dict(message).items()})


def _phase_record(message: training_service_pb2.PhaseRecord) -> v.PhaseRecord:
    plain = to_dict(message)
    return v.PhaseRecord(**plain | {"state": v.JobState(plain["state"])})


def _attempt(message: training_service_pb2.Attempt) -> v.Attempt:
    plain = to_dict(message)
    kind = plain.pop("error_kind", "")
    return v.Attempt(**plain | {"error": _error(message, kind)})


def _error(message: _Failable, kind: str) -> v.JobError | None:
    if not message.HasField("error"):
        return None
    status = message.error
    return v.JobError(_CODES.get(status.code, str(status.code)), status.message, kind, violations(status.details))

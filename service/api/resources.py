"""Records of the store as messages. Fields go by name; only those asked for are built."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc.status_pb2 import Status

from service.api.errors import bad_request
from service.api.requests import DATASETS, Mask
from service.jobs.backlog import Standing
from service.jobs.records import JOBS, Attempt, Dataset, EventRecord, JobError, JobRecord, LogRecord
from service.jobs.states import State
from trainers.errors import Violation
from trainwright.messages import from_dict
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.report_pb2 import TrainingReport
from trainwright.v1.spec_pb2 import TrainingSpec

ALL = frozenset(pb.TrainingJob.DESCRIPTOR.fields_by_name)
OWN_PROCESS = "1 x {the run's own process}"
_USUAL = 16_384  # characters; longer specs are rare, and a thousand of them kept would be hundreds of megabytes


def _read_spec(text: str) -> TrainingSpec:
    return from_dict(TrainingSpec, json.loads(text))


# A job's spec never changes, and its many fields take longer than all the others.
_kept_spec = lru_cache(maxsize=1000)(_read_spec)


def _spec(text: str) -> TrainingSpec:
    return _kept_spec(text) if len(text) <= _USUAL else _read_spec(text)


# Fields of TrainingJob that are not the record's field of the same name.
_MADE: Mapping[str, Callable[[JobRecord], Any]] = {
    "name": lambda record: JOBS + record.id,
    "spec": lambda record: _spec(json.dumps(record.spec)),
    "error": lambda record: _status(record.error),
    "error_kind": lambda record: record.error and record.error.kind,
    "history": lambda record: [vars(each) for each in record.history],
    "attempts": lambda record: [_attempt(each) for each in record.attempts],
    "rerun_of": lambda record: JOBS + record.rerun_of if record.rerun_of else None,
    "report": lambda record: report_message(record.report) if record.report else None,
    "queue_timeout": lambda record: record.queue_timeout_s,
    "run_deadline": lambda record: record.run_deadline_s,
    "output_uri": lambda record: record.output,
    "progress": lambda record: _progress(record),
}
_OF_THE_QUEUE = frozenset(Standing.__dataclass_fields__)


def asked_fields(mask: Mask, default: frozenset[str] = ALL) -> frozenset[str]:
    """The fields of TrainingJob that a read mask needs."""
    named = frozenset(path.split(".")[0] for path in mask.paths)
    return ALL if "*" in named else named or default


def job_message(record: JobRecord, fields: frozenset[str], standing: Callable[[JobRecord], Standing]) -> pb.TrainingJob:
    """A job with the fields asked for; its standing in the queue is read only for them."""
    stands = vars(standing(record)) if fields & _OF_THE_QUEUE else {}
    plain = {name: _MADE[name](record) if name in _MADE else getattr(record, name) for name in fields - _OF_THE_QUEUE}
    return from_dict(pb.TrainingJob, plain | {name: value for name, value in stands.items() if name in fields})


def masked(job: pb.TrainingJob, mask: Mask) -> pb.TrainingJob:
    """The part of a job that a read mask names, where it names parts of fields."""
    if not any("." in path for path in mask.paths) or "*" in mask.paths:
        return job
    part = pb.TrainingJob()
    FieldMask(paths=mask.paths).MergeMessage(job, part)
    return part


def event_message(record: EventRecord) -> pb.JobEvent:
    """A numbered event."""
    event = dict(record.event)
    if error := event.get("state", {}).get("error"):
        event["state"] = {**event["state"], "error": status_message(**error)}
    return from_dict(pb.JobEvent, {**event, **_without(vars(record), "event")})


def log_message(record: LogRecord) -> pb.LogLine:
    """A log line."""
    return from_dict(pb.LogLine, vars(record))


def report_message(report: Mapping[str, Any]) -> TrainingReport:
    """The content of report.json."""
    return json_format.ParseDict(dict(report), TrainingReport(), ignore_unknown_fields=True)


def dataset_message(dataset: Dataset) -> datasets_pb.Dataset:
    """An uploaded table."""
    return from_dict(
        datasets_pb.Dataset,
        {"name": DATASETS + dataset.digest, **_without(asdict(dataset), "digest", "tenant")},
    )


def _progress(record: JobRecord) -> Mapping[str, Any]:
    """What the run last told; a job that waits before its run has told anything waits for the run's own process."""
    waits = record.state is State.WAITING_FOR_RESOURCES and not record.progress.get("pending_resources")
    return {**record.progress, "pending_resources": [OWN_PROCESS]} if waits else record.progress


def _attempt(attempt: Attempt) -> dict[str, Any]:
    error = {"error": _status(attempt.error), "error_kind": attempt.error and attempt.error.kind}
    return _without(vars(attempt), "pulled") | error


def _status(error: JobError | None) -> Status | None:
    return status_message(error.code, error.message, map(asdict, error.violations)) if error else None


def status_message(code: int, message: str, violations: Iterable[Mapping[str, str]] = ()) -> Status:
    """An error of a job, with the field violations of a spec that could not be trained."""
    made = Status(code=code, message=message)
    if found := [Violation(**each) for each in violations]:
        made.details.add().Pack(bad_request(found))
    return made


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}

"""Every call of the API as a value: which method, which request, and how its answer is read.

The synchronous and the asyncio client differ only in how they carry a call out.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from trainwright import decode
from trainwright import values as v
from trainwright.errors import InvalidSpec, MissingPackage, Violation
from trainwright.messages import FieldError, from_dict
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import spec_pb2
from trainwright.v1 import training_service_pb2 as training_pb
from trainwright.v1.admin_service_pb2_grpc import AdminServiceStub
from trainwright.v1.dataset_service_pb2_grpc import DatasetServiceStub
from trainwright.v1.training_service_pb2_grpc import TrainingServiceStub

M = TypeVar("M", bound=Message)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Spec = Mapping[str, Any] | str | PathLike[str]


@dataclass(frozen=True)
class Call(Generic[T_co]):
    """One call.

    Attributes:
        stub: Generated stub class of the service.
        method: Name of the method.
        request: The request; an iterator of requests where the method takes a stream.
        decode: Reads the answer, or each answer of a stream.
        bounded: Whether the client's timeout holds; an upload takes as long as its bytes need.
    """

    stub: type[TrainingServiceStub] | type[DatasetServiceStub] | type[AdminServiceStub]
    method: str
    request: Message | Iterator[Message]
    decode: Callable[[Any], T_co]
    bounded: bool = True


@dataclass(frozen=True)
class Page(Generic[T_co]):
    """One page of a list; ``next_token`` is empty on the last."""

    items: tuple[T_co, ...]
    next_token: str


def read_spec(spec: Spec) -> dict[str, Any]:
    """Returns a spec as plain values, after a look at the form of every field.

    Args:
        spec: The values themselves, or the path of a YAML file that holds them.

    Raises:
        InvalidSpec: The file is missing or is not YAML, or a field is unknown or of the wrong kind.
        MissingPackage: PyYAML is not installed.
    """
    values = dict(spec) if isinstance(spec, Mapping) else _read_yaml(spec)
    _spec(values)
    return values


def _read_yaml(path: str | PathLike[str]) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise MissingPackage("A spec in YAML needs PyYAML. Run: pip install 'trainwright[yaml]'.") from None
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSpec(f"The spec {path} cannot be read: {error.strerror or error}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidSpec(f"The spec {path} is not YAML: {error}.") from None
    if not isinstance(values, dict):
        raise InvalidSpec(f"The spec {path} must be a mapping with decision, data and more.")
    return values


def with_uri(spec: Mapping[str, Any], uri: str) -> dict[str, Any]:
    """Returns the spec with its ``data.uri`` replaced."""
    return {**spec, "data": {**(spec.get("data") or {}), "uri": uri}}


def create(
    spec: Mapping[str, Any],
    *,
    request_id: str | None = None,
    labels: Mapping[str, str] | None = None,
    queue_timeout: float | None = None,
    run_deadline: float | None = None,
    priority: int = 0,
) -> Call[v.JobInfo]:
    """Creates a job."""
    request = _request(
        training_pb.CreateTrainingJobRequest,
        request_id=request_id or new_request_id(),
        labels=labels,
        queue_timeout=queue_timeout,
        run_deadline=run_deadline,
        priority=priority,
    )
    request.spec.CopyFrom(_spec(spec))
    return Call(TrainingServiceStub, "CreateTrainingJob", request, lambda answer: decode.job(answer.job))


def plan(spec: Mapping[str, Any]) -> Call[v.Plan]:
    """Validates a spec and works out what it would do."""
    request = training_pb.CreateTrainingJobRequest(spec=_spec(spec), validate_only=True)
    return Call(TrainingServiceStub, "CreateTrainingJob", request, decode.plan)


def get(name: str) -> Call[v.JobInfo]:
    """Reads a job with its report."""
    request = training_pb.GetTrainingJobRequest(name=name)
    return Call(TrainingServiceStub, "GetTrainingJob", request, lambda answer: decode.job(answer.job))


def list_jobs(filter: str, order_by: str, page_token: str) -> Call[Page[v.JobInfo]]:
    """Reads a page of jobs."""
    request = training_pb.ListTrainingJobsRequest(filter=filter, order_by=order_by, page_token=page_token)
    return Call(TrainingServiceStub, "ListTrainingJobs", request, lambda answer: _page(answer, answer.jobs, decode.job))


def cancel(name: str, reason: str) -> Call[v.JobInfo]:
    """Stops a job."""
    request = training_pb.CancelTrainingJobRequest(name=name, reason=reason, request_id=new_request_id())
    return Call(TrainingServiceStub, "CancelTrainingJob", request, lambda answer: decode.job(answer.job))


def rerun(name: str, request_id: str | None) -> Call[tuple[str, tuple[str, ...]]]:
    """Starts a job anew; the answer is the new job's name and what differs from the earlier job's record."""
    request = training_pb.RerunTrainingJobRequest(name=name, request_id=request_id or new_request_id())
    return Call(
        TrainingServiceStub, "RerunTrainingJob", request, lambda answer: (answer.job.name, tuple(answer.differences))
    )


def adopt(folder: str, request_id: str | None, labels: Mapping[str, str] | None) -> Call[v.JobInfo]:
    """Takes up a run that was made without the service."""
    request = _request(
        training_pb.AdoptTrainingJobRequest, folder=folder, request_id=request_id or new_request_id(), labels=labels
    )
    return Call(TrainingServiceStub, "AdoptTrainingJob", request, lambda answer: decode.job(answer.job))


def compare(names: Sequence[str]) -> Call[tuple[Mapping[str, Any], ...]]:
    """Compares jobs with the first of them."""
    request = training_pb.CompareTrainingJobsRequest(names=names)
    return Call(
        TrainingServiceStub,
        "CompareTrainingJobs",
        request,
        lambda answer: tuple(decode.whole(each) for each in answer.comparisons),
    )


def delete(name: str, allow_missing: bool) -> Call[None]:
    """Deletes a job."""
    request = training_pb.DeleteTrainingJobRequest(name=name, allow_missing=allow_missing, request_id=new_request_id())
    return Call(TrainingServiceStub, "DeleteTrainingJob", request, lambda answer: None)


def list_trials(name: str, page_token: str) -> Call[Page[v.Trial]]:
    """Reads a page of a job's trials."""
    request = training_pb.ListTrialsRequest(parent=name, page_token=page_token)
    return Call(TrainingServiceStub, "ListTrials", request, lambda answer: _page(answer, answer.trials, decode.trial))


def watch(name: str, after: int) -> Call[v.JobInfo | v.JobEvent]:
    """Streams a snapshot, then events."""
    request = training_pb.WatchTrainingJobRequest(name=name, after_sequence=after)
    return Call(
        TrainingServiceStub,
        "WatchTrainingJob",
        request,
        lambda answer: decode.job(answer.snapshot) if answer.HasField("snapshot") else decode.event(answer.event),
    )


def logs(
    name: str,
    *,
    follow: bool,
    level: str | None,
    contains: str,
    attempt: int,
    since: datetime | None,
    until: datetime | None,
    after: int = 0,
) -> Call[v.LogLine]:
    """Streams log lines."""
    request = _request(
        training_pb.ReadLogsRequest,
        name=name,
        follow=follow,
        min_level=level,
        contains=contains,
        attempt=attempt,
        start_time=since,
        end_time=until,
        after_number=after,
    )
    return Call(TrainingServiceStub, "ReadLogs", request, decode.log_line)


def upload(parts: Iterator[datasets_pb.UploadDatasetRequest]) -> Call[v.Dataset]:
    """Uploads a table."""
    return Call(
        DatasetServiceStub, "UploadDataset", parts, lambda answer: decode.dataset(answer.dataset), bounded=False
    )


def get_dataset(name: str) -> Call[v.Dataset]:
    """Reads a dataset with its columns."""
    request = datasets_pb.GetDatasetRequest(name=name)
    return Call(DatasetServiceStub, "GetDataset", request, lambda answer: decode.dataset(answer.dataset))


def list_datasets(page_token: str) -> Call[Page[v.Dataset]]:
    """Reads a page of datasets."""
    request = datasets_pb.ListDatasetsRequest(page_token=page_token)
    return Call(
        DatasetServiceStub, "ListDatasets", request, lambda answer: _page(answer, answer.datasets, decode.dataset)
    )


def delete_dataset(name: str, allow_missing: bool) -> Call[None]:
    """Deletes a dataset."""
    request = datasets_pb.DeleteDatasetRequest(name=name, allow_missing=allow_missing)
    return Call(DatasetServiceStub, "DeleteDataset", request, lambda answer: None)


def job_name(id: str) -> str:
    """Resource name of a job, from its id or its name."""
    return id if id.startswith("trainingJobs/") else f"trainingJobs/{id}"


def dataset_name(id: str) -> str:
    """Resource name of a dataset, from its digest or its name."""
    return id if id.startswith("datasets/") else f"datasets/{id}"


def new_request_id() -> str:
    """An id that makes a call safe to repeat."""
    return str(uuid.uuid4())


def _spec(spec: Mapping[str, Any]) -> spec_pb2.TrainingSpec:
    return _message(spec_pb2.TrainingSpec, spec)


def _request(message_type: type[M], **fields: Any) -> M:
    return _message(message_type, fields)


def _message(message_type: type[M], fields: Mapping[str, Any]) -> M:
    try:
        return from_dict(message_type, fields)
    except FieldError as error:
        raise InvalidSpec("The request is not valid.", [Violation(error.field, error.problem)]) from None


def _page(answer: Any, items: Any, read: Callable[[Any], T]) -> Page[T]:
    return Page(tuple(read(item) for item in items), answer.next_page_token)

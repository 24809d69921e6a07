"""What each call may ask: the request messages as checked, frozen values. A contract test holds the fields equal."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from google.protobuf.field_mask_pb2 import FieldMask
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from service.jobs.records import JOBS
from trainers.spec import TrainingSpec
from trainwright.v1.training_service_pb2 import TrainingJob

DATASETS = "datasets/"
MAX_PAGE = 1000
MAX_COMPARED = 20
LOWEST_PRIORITY, HIGHEST_PRIORITY = -100, 100
_JOB: Any = TrainingJob.DESCRIPTOR


def _id_after(prefix: str, pattern: str, example: str) -> Callable[[str], str]:
    """Checks a resource name and keeps its id."""

    def check(name: str) -> str:
        if not re.fullmatch(re.escape(prefix) + pattern, name):
            raise ValueError(f"must look like {prefix}{example}")
        return name.removeprefix(prefix)

    return check


def _job_fields(mask: "Mask") -> "Mask":
    for path in mask.paths:
        if path != "*" and not FieldMask(paths=[path]).IsValidForDescriptor(_JOB):
            raise ValueError(f"{path} is no field of TrainingJob; there are {', '.join(_JOB.fields_by_name)}")
    return mask


class Mask(BaseModel, frozen=True):
    """Which fields to return."""

    paths: tuple[str, ...] = ()


class LogLevel(StrEnum):
    """Levels of log lines, lowest first."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


JobId = Annotated[str, AfterValidator(_id_after(JOBS, r"[A-Za-z0-9_-]{1,64}", "ID"))]
Digest = Annotated[str, AfterValidator(_id_after(DATASETS, r"[0-9a-f]{64}", "SHA256-IN-LOWER-CASE-HEXADECIMAL"))]
JobMask = Annotated[Mask, AfterValidator(_job_fields)]
RequestId = Annotated[str, Field(max_length=128)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE)]
LabelKey = Annotated[str, Field(min_length=1, max_length=63)]
LabelValue = Annotated[str, Field(max_length=255)]
Labels = Annotated[Mapping[LabelKey, LabelValue], Field(max_length=32)]
Seconds = Annotated[float, Field(gt=0)]


class Request(BaseModel, frozen=True, extra="forbid"):
    """Base of all requests."""


class CreateTrainingJob(Request):
    """A new job, or the plan of one."""

    spec: TrainingSpec
    request_id: RequestId = ""
    validate_only: bool = False
    labels: Labels = {}
    queue_timeout: Seconds | None = None
    run_deadline: Seconds | None = None
    priority: Annotated[int, Field(ge=LOWEST_PRIORITY, le=HIGHEST_PRIORITY)] = 0


class GetTrainingJob(Request):
    """One job."""

    name: JobId
    read_mask: JobMask = Mask()


class ListTrainingJobs(Request):
    """A page of jobs."""

    page_size: PageSize = 50
    page_token: str = ""
    filter: str = ""
    order_by: str = "create_time desc"
    read_mask: JobMask = Mask()


class CancelTrainingJob(Request):
    """The job to stop."""

    name: JobId
    request_id: RequestId = ""
    reason: Annotated[str, Field(max_length=1000)] = ""


class RerunTrainingJob(Request):
    """The job to do again."""

    name: JobId
    request_id: RequestId = ""


class AdoptTrainingJob(Request):
    """The run to take up."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]
    request_id: RequestId = ""
    labels: Labels = {}


class CompareTrainingJobs(Request):
    """A reference and the jobs to compare with it."""

    names: Annotated[tuple[JobId, ...], Field(min_length=2, max_length=MAX_COMPARED)]


class DeleteTrainingJob(Request):
    """The job to delete."""

    name: JobId
    request_id: RequestId = ""
    allow_missing: bool = False


class WatchTrainingJob(Request):
    """The job to follow."""

    name: JobId
    after_sequence: Annotated[int, Field(ge=0)] = 0


class ReadLogs(Request):
    """Which log lines."""

    name: JobId
    follow: bool = False
    min_level: LogLevel = LogLevel.DEBUG
    contains: str = ""
    attempt: Annotated[int, Field(ge=0)] = 0
    start_time: AwareDatetime | None = None
    end_time: AwareDatetime | None = None
    after_number: Annotated[int, Field(ge=0)] = 0


class ListTrials(Request):
    """A page of trials."""

    parent: JobId
    page_size: PageSize = 100
    page_token: str = ""


class GetDataset(Request):
    """One dataset."""

    name: Digest


class ListDatasets(Request):
    """A page of datasets."""

    page_size: PageSize = 50
    page_token: str = ""


class DeleteDataset(Request):
    """The dataset to delete."""

    name: Digest
    allow_missing: bool = False


class UploadMetadata(BaseModel, frozen=True, extra="forbid"):
    """What is about to be uploaded."""

    display_name: Annotated[str, Field(max_length=255)] = ""
    size_bytes: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class UploadDataset(Request):
    """One part of an upload."""

    metadata: UploadMetadata | None = None
    chunk: bytes | None = None


class GetQueue(Request):
    """The queue."""


class ListTenants(Request):
    """All tenants."""


class DrainReplica(Request):
    """The replica to drain."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    undo: bool = False


class Diagnose(Request):
    """How the service is."""

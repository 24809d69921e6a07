# ruff: noqa: N802 (methods are named as in the contract)
"""A service in memory, on a real port, that does just what a test tells it to."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from trainwright.messages import from_dict
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import training_service_pb2 as training_pb
from trainwright.v1.dataset_service_pb2_grpc import DatasetServiceServicer, add_DatasetServiceServicer_to_server
from trainwright.v1.training_service_pb2_grpc import TrainingServiceServicer, add_TrainingServiceServicer_to_server

PAGE = 2
SUCCESS: list[dict[str, Any]] = [
    {"state": {"from": "queued", "to": "running"}},
    {"phase": {"phase": "search"}},
    {"trial": {"number": 0, "family": "xgboost", "state": "completed", "mean": 0.8, "fold_scores": [0.7, 0.9]}},
    {"progress": {"fraction": 0.5, "remaining": 3, "fits_done": 5, "fits_total": 10}},
    {"state": {"from": "running", "to": "succeeded"}},
]
REPORT: dict[str, Any] = {
    "decision": "stop machines in time",
    "selected": {"family": "xgboost", "params": {"max_depth": 4}, "reason": "best score"},
    "cross_validation": {"metric": "average_precision", "mean": 0.8, "std": 0.1, "folds": [0.7, 0.9]},
    "tracking": {"uri": "sqlite:///mlflow.db", "model_uri": "models:/m-1"},
}


class MemoryService(TrainingServiceServicer, DatasetServiceServicer):
    """Keeps jobs and datasets in dicts. A new job has ``script`` for events and is at their end already.

    Attributes:
        script: Events of the jobs made from now on, as plain values.
        lose_after: Sequences after which a watch loses its connection, once each.
        watched: after_sequence of each watch.
        metadata: Of the latest call of GetTrainingJob.
        deadline: Seconds the latest call of GetTrainingJob or UploadDataset was allowed.
        unavailable: How many calls of GetTrainingJob are refused before one is answered.
    """

    def __init__(self) -> None:
        self.script = SUCCESS
        self.lose_after: list[int] = []
        self.watched: list[int] = []
        self.metadata: dict[str, str | bytes] = {}
        self.deadline = 0.0
        self.unavailable = 0
        self.jobs: dict[str, training_pb.TrainingJob] = {}
        self.events: dict[str, list[training_pb.JobEvent]] = {}
        self.by_request: dict[str, str] = {}
        self.datasets: dict[str, datasets_pb.Dataset] = {}
        self.content: dict[str, bytes] = {}

    def CreateTrainingJob(self, request, context):
        if request.spec.data.target == "no such column":
            _refuse(context, "data.target", "there is no column 'no such column'; the columns are a, b")
        if request.validate_only:
            plan = {"fits": 12, "task": "binary", "cpu_hours": {"low": 0.1, "high": 0.2}}
            return from_dict(
                training_pb.CreateTrainingJobResponse, {"job": {"spec": request.spec, "state": "queued"}, "plan": plan}
            )
        name = self.by_request.get(request.request_id)
        if name is None:
            name = self._add(request.spec, request.labels)
            self.by_request[request.request_id] = name
        return training_pb.CreateTrainingJobResponse(job=self.jobs[name])

    def GetTrainingJob(self, request, context):
        self.metadata, self.deadline = dict(context.invocation_metadata()), context.time_remaining()
        if self.unavailable:
            self.unavailable -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
        return training_pb.GetTrainingJobResponse(job=self._job(request.name, context))

    def ListTrainingJobs(self, request, context):
        jobs, token = _page(list(self.jobs.values())[::-1], request.page_token)
        return training_pb.ListTrainingJobsResponse(jobs=jobs, next_page_token=token)

    def CancelTrainingJob(self, request, context):
        job = self._job(request.name, context)
        job.state = training_pb.JOB_STATE_CANCELLED
        job.error.message = request.reason
        return training_pb.CancelTrainingJobResponse(job=job)

    def RerunTrainingJob(self, request, context):
        earlier = self._job(request.name, context)
        job = self.jobs[self._add(earlier.spec, earlier.labels)]
        return training_pb.RerunTrainingJobResponse(job=job, differences=["numpy is newer"])

    def CompareTrainingJobs(self, request, context):
        reference, *others = [self._job(name, context).name for name in request.names]
        changes = [{"path": "search.max_trials", "was": "4", "now": "9"}]
        test = [{"metric": "recall", "was": 0.5, "now": 0.75}]
        told = {"verdict": "better", "changes": changes, "test": test, "summary": ["It helped."]}
        found = [{"reference": reference, "job": other, **told} for other in others]
        return from_dict(training_pb.CompareTrainingJobsResponse, {"comparisons": found})

    def DeleteTrainingJob(self, request, context):
        self._job(request.name, context)
        del self.jobs[request.name]
        return training_pb.DeleteTrainingJobResponse()

    def WatchTrainingJob(self, request, context):
        job = self._job(request.name, context)
        self.watched.append(request.after_sequence)
        yield training_pb.WatchTrainingJobResponse(snapshot=job)
        for event in self.events[request.name]:
            if event.sequence > request.after_sequence:
                yield training_pb.WatchTrainingJobResponse(event=event)
            if event.sequence in self.lose_after:
                self.lose_after.remove(event.sequence)
                context.abort(grpc.StatusCode.UNAVAILABLE, "connection lost")
        while not self.events[request.name] and context.is_active():  # a job that never ends
            context.abort(grpc.StatusCode.UNAVAILABLE, "nothing yet")

    def ReadLogs(self, request, context):
        self._job(request.name, context)
        for number, (text, level) in ((4, ("loading", "info")), (7, ("slow disk", "warning"))):
            wanted = from_dict(training_pb.LogLine, {"level": level}).level >= request.min_level
            if wanted and number > request.after_number:
                line = {"text": text, "level": level, "logger": "trainers.run", "time": "2026-01-02T03:04:05Z"}
                yield from_dict(training_pb.ReadLogsResponse, {"line": {**line, "number": number}})
                if number in self.lose_after:
                    self.lose_after.remove(number)
                    context.abort(grpc.StatusCode.UNAVAILABLE, "connection lost")

    def ListTrials(self, request, context):
        trials = [event.trial for event in self.events[request.parent] if event.HasField("trial")] * 3
        page, token = _page(trials, request.page_token)
        return training_pb.ListTrialsResponse(trials=page, next_page_token=token)

    def UploadDataset(self, request_iterator, context):
        self.deadline = context.time_remaining()
        metadata = next(request_iterator).metadata
        content = b"".join(part.chunk for part in request_iterator)
        assert hashlib.sha256(content).hexdigest() == metadata.sha256
        assert len(content) == metadata.size_bytes
        name = f"datasets/{metadata.sha256}"
        self.content[name] = content
        self.datasets[name] = datasets_pb.Dataset(
            name=name, display_name=metadata.display_name, size_bytes=len(content)
        )
        return datasets_pb.UploadDatasetResponse(dataset=self.datasets[name])

    def GetDataset(self, request, context):
        return datasets_pb.GetDatasetResponse(dataset=self._dataset(request.name, context))

    def ListDatasets(self, request, context):
        return datasets_pb.ListDatasetsResponse(datasets=self.datasets.values())

    def DeleteDataset(self, request, context):
        del self.datasets[self._dataset(request.name, context).name]
        return datasets_pb.DeleteDatasetResponse()

    def _add(self, spec, labels) -> str:
        name = f"trainingJobs/job-{len(self.jobs) + 1}"
        events = [
            from_dict(training_pb.JobEvent, {"sequence": i, "attempt": 1, **event})
            for i, event in enumerate(self.script, 1)
        ]
        last = events[-1].state if events else training_pb.StateChange(to=training_pb.JOB_STATE_RUNNING)
        job = training_pb.TrainingJob(name=name, spec=spec, labels=labels, state=last.to, last_sequence=len(events))
        job.output_uri = f"/state/jobs/{name.rpartition('/')[2]}"
        if last.to == training_pb.JOB_STATE_SUCCEEDED:
            job.report.CopyFrom(from_dict(type(job.report), REPORT))
        elif last.HasField("error"):
            job.error.CopyFrom(last.error)
            job.error_kind = last.error_kind
        self.jobs[name], self.events[name] = job, events
        return name

    def _job(self, name, context):
        return self.jobs.get(name) or context.abort(grpc.StatusCode.NOT_FOUND, f"There is no job {name}.")

    def _dataset(self, name, context):
        return self.datasets.get(name) or context.abort(grpc.StatusCode.NOT_FOUND, f"There is no dataset {name}.")


def _page(items, token):
    start = int(token or 0)
    end = start + PAGE
    return items[start:end], str(end) if end < len(items) else ""


def _refuse(context, field, description):
    detail = any_pb2.Any()
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
    detail.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    status = status_pb2.Status(code=3, message="The spec cannot be trained as written.", details=[detail])
    context.abort_with_status(rpc_status.to_status(status))


@pytest.fixture
def service() -> MemoryService:
    return MemoryService()


@pytest.fixture
def target(service: MemoryService) -> Iterator[str]:
    with ThreadPoolExecutor(8) as threads:
        server = grpc.server(threads)
        add_TrainingServiceServicer_to_server(service, server)
        add_DatasetServiceServicer_to_server(service, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()

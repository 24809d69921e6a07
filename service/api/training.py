"""TrainingService: about five lines a call."""
# ruff: noqa: N802 (the names of calls are the contract's)

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace

import grpc.aio
from google.protobuf.message import Message

from service import tracing
from service.adopting import Adopter
from service.api import requests
from service.api.bridge import check_size, plan_message, read, spec_message, spec_values, stored_spec
from service.api.comparing import compared
from service.api.reruns import differences
from service.api.resources import ALL, asked_fields, job_message, masked
from service.api.streams import Streams
from service.doors.callers import current
from service.jobs.batching import Batched
from service.jobs.errors import JobNotFound
from service.jobs.manager import Manager
from service.jobs.records import JobQuery, JobRecord, NewJob
from service.jobs.statements import HEAVY
from service.jobs.store import Store
from service.planning import Planner
from trainwright.messages import from_dict
from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.training_service_pb2_grpc import TrainingServiceServicer

Context = grpc.aio.ServicerContext


class TrainingServicer(TrainingServiceServicer):
    """Answers from the store; what changes a job goes through the manager."""

    def __init__(self, manager: Manager, store: Store, planner: Planner, streams: Streams, adopter: Adopter) -> None:
        self._manager, self._store, self._planner, self._streams = manager, store, planner, streams
        self._reads = Batched(self._read)
        self._adopter = adopter

    async def CreateTrainingJob(
        self, request: pb.CreateTrainingJobRequest, context: Context
    ) -> pb.CreateTrainingJobResponse:
        """Validates completely, then stores the job or, with validate_only, answers with the plan alone."""
        check_size(request.spec)
        asked, tenant = read(requests.CreateTrainingJob, request), current.get().tenant
        new = NewJob(
            spec={},
            request_id=asked.request_id,
            request_digest=_digest(request, "request_id", "validate_only"),
            labels=asked.labels,
            queue_timeout_s=asked.queue_timeout,
            run_deadline_s=asked.run_deadline,
            tenant=tenant,
            trace=tracing.here(),
            priority=asked.priority,
        )
        earlier = await asyncio.to_thread(self._store.answered, new) if new.request_id else None
        if earlier and not asked.validate_only:  # whatever has become of the table since
            return pb.CreateTrainingJobResponse(job=await asyncio.to_thread(self._message, earlier))
        if not asked.validate_only:
            await self._manager.check_room(tenant)  # before the table is read
        plan = await self._planner.plan(asked.spec, tenant)
        if asked.validate_only:
            would_be = pb.TrainingJob(spec=spec_message(plan.spec), labels=asked.labels)
            return pb.CreateTrainingJobResponse(job=would_be, plan=plan_message(plan))
        job = await self._manager.submit(replace(new, spec=spec_values(plan.spec)))
        return pb.CreateTrainingJobResponse(job=await asyncio.to_thread(self._message, job), plan=plan_message(plan))

    async def GetTrainingJob(self, request: pb.GetTrainingJobRequest, context: Context) -> pb.GetTrainingJobResponse:
        """Returns one job, or the fields of it that are asked for."""
        asked = read(requests.GetTrainingJob, request)
        job = await self._reads((asked.name, asked_fields(asked.read_mask, ALL)))
        return pb.GetTrainingJobResponse(job=masked(job, asked.read_mask))

    async def ListTrainingJobs(
        self, request: pb.ListTrainingJobsRequest, context: Context
    ) -> pb.ListTrainingJobsResponse:
        """Returns a page of jobs, light unless more is asked for."""
        asked = read(requests.ListTrainingJobs, request)
        fields = asked_fields(asked.read_mask, ALL - HEAVY)
        tenant = current.get().tenant
        query = JobQuery(asked.filter, asked.order_by, asked.page_size, asked.page_token, fields & HEAVY, tenant)
        found, token = await asyncio.to_thread(self._store.list_jobs, query)
        jobs = await asyncio.to_thread(lambda: [self._message(job, fields) for job in found])
        return pb.ListTrainingJobsResponse(jobs=[masked(job, asked.read_mask) for job in jobs], next_page_token=token)

    async def CancelTrainingJob(
        self, request: pb.CancelTrainingJobRequest, context: Context
    ) -> pb.CancelTrainingJobResponse:
        """Stops a job; one that has ended stays as it is, so the call may be repeated."""
        asked = read(requests.CancelTrainingJob, request)
        job = await self._manager.cancel(current.get().tenant, asked.name, asked.reason, asked.request_id)
        return pb.CancelTrainingJobResponse(job=await asyncio.to_thread(self._message, job))

    async def RerunTrainingJob(
        self, request: pb.RerunTrainingJobRequest, context: Context
    ) -> pb.RerunTrainingJobResponse:
        """Starts a new job from an earlier one's spec, and says what is no longer as recorded."""
        asked = read(requests.RerunTrainingJob, request)
        earlier = await asyncio.to_thread(self._store.get, asked.name)
        plan = await self._planner.plan(stored_spec(earlier.spec), earlier.tenant)
        job = await self._manager.rerun(asked.name, asked.request_id)
        return pb.RerunTrainingJobResponse(
            job=await asyncio.to_thread(self._message, job), differences=differences(earlier.report, plan)
        )

    async def AdoptTrainingJob(
        self, request: pb.AdoptTrainingJobRequest, context: Context
    ) -> pb.AdoptTrainingJobResponse:
        """Takes up a run that was made without the service."""
        asked = read(requests.AdoptTrainingJob, request)
        new = NewJob(
            spec={},
            request_id=asked.request_id,
            request_digest=_digest(request, "request_id"),
            labels=asked.labels,
            tenant=current.get().tenant,
        )
        job = await asyncio.to_thread(self._adopter.adopt, asked.folder, new)
        return pb.AdoptTrainingJobResponse(job=await asyncio.to_thread(self._message, job))

    async def CompareTrainingJobs(
        self, request: pb.CompareTrainingJobsRequest, context: Context
    ) -> pb.CompareTrainingJobsResponse:
        """Says what changed from the first job to each of the others, and whether it helped."""
        asked = read(requests.CompareTrainingJobs, request)
        records = await asyncio.to_thread(lambda: [self._store.get(name, frozenset()) for name in asked.names])
        return pb.CompareTrainingJobsResponse(comparisons=await asyncio.to_thread(compared, records))

    async def DeleteTrainingJob(
        self, request: pb.DeleteTrainingJobRequest, context: Context
    ) -> pb.DeleteTrainingJobResponse:
        """Deletes a job that has ended, with its files."""
        asked = read(requests.DeleteTrainingJob, request)
        with suppress(*([JobNotFound] if asked.allow_missing else [])):
            await self._manager.delete(current.get().tenant, asked.name, asked.request_id)
        return pb.DeleteTrainingJobResponse()

    def WatchTrainingJob(
        self, request: pb.WatchTrainingJobRequest, context: Context
    ) -> AsyncIterator[pb.WatchTrainingJobResponse]:
        """Sends a snapshot, then events, until the job has ended."""
        return self._streams.watch(read(requests.WatchTrainingJob, request))

    def ReadLogs(self, request: pb.ReadLogsRequest, context: Context) -> AsyncIterator[pb.ReadLogsResponse]:
        """Sends log lines, oldest first."""
        return self._streams.logs(read(requests.ReadLogs, request))

    async def ListTrials(self, request: pb.ListTrialsRequest, context: Context) -> pb.ListTrialsResponse:
        """Returns a page of a job's trials."""
        asked = read(requests.ListTrials, request)
        await asyncio.to_thread(self._store.get, asked.parent, frozenset())
        found, token = await asyncio.to_thread(self._store.trials, asked.parent, asked.page_size, asked.page_token)
        return from_dict(pb.ListTrialsResponse, {"trials": found, "next_page_token": token})

    def _read(self, asked: Sequence[tuple[str, frozenset[str]]]) -> Sequence[pb.TrainingJob | Exception]:
        found = self._store.get_all([name for name, _ in asked], frozenset().union(*(f for _, f in asked)) & HEAVY)
        return [self._message(found[name], fields) if name in found else JobNotFound(name) for name, fields in asked]

    def _message(self, job: JobRecord, fields: frozenset[str] = ALL) -> pb.TrainingJob:
        return job_message(job, fields, self._store.backlog.standing)


def _digest(request: Message, *how: str) -> str:
    """Tells bodies apart: what is asked for, not how the asking is done, which the named fields tell."""
    body = type(request)()
    body.CopyFrom(request)
    for field in how:
        body.ClearField(field)
    return hashlib.sha256(body.SerializeToString(deterministic=True)).hexdigest()

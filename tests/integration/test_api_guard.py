"""What a caller sees of a fault, on a real port: an id to look for in the log, and nothing else."""
# ruff: noqa: N802

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.rpc.error_details_pb2 import RequestInfo
from grpc_status import rpc_status
from opentelemetry.trace import NoOpTracer

from service.api.interceptors import Guard
from service.doors.audit import Audit
from service.doors.door import Door
from service.doors.limits import Limits
from service.jobs.errors import JobNotFound
from service.metrics import Metrics
from trainwright.v1 import training_service_pb2 as pb
from trainwright.v1.training_service_pb2_grpc import (
    TrainingServiceServicer,
    TrainingServiceStub,
    add_TrainingServiceServicer_to_server,
)


class Faulty(TrainingServiceServicer):
    ended = asyncio.Event()

    async def GetTrainingJob(self, request, context):
        if request.name:
            raise JobNotFound(request.name)
        raise RuntimeError("password in a connection string")

    async def WatchTrainingJob(self, request, context):
        yield pb.WatchTrainingJobResponse(snapshot=pb.TrainingJob(name="a"))
        raise RuntimeError("password in a connection string")

    async def ReadLogs(self, request, context):
        try:
            for _ in range(1000):
                yield pb.ReadLogsResponse(line=pb.LogLine(text="x" * 100_000))
        finally:
            self.ended.set()

    async def ListTrainingJobs(self, request, context):
        return pb.ListTrainingJobsResponse(next_page_token="fine")


@pytest.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[TrainingServiceStub]:
    audit, door = Audit(tmp_path), Door(None, None, Limits(10_000, 10_000), lambda job: None)
    server = grpc.aio.server(interceptors=[Guard(door, audit, Metrics(dict), NoOpTracer(), slowest_s=0.5)])
    add_TrainingServiceServicer_to_server(Faulty(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield TrainingServiceStub(channel)
    await server.stop(None)


async def test_a_fault_is_logged_with_its_cause_and_told_without(faulty, caplog) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await faulty.GetTrainingJob(pb.GetTrainingJobRequest())
    error = caught.value
    assert error.code() is grpc.StatusCode.INTERNAL
    call_id = dict(error.trailing_metadata())["x-request-id"]
    assert call_id in error.details()
    assert "password" not in str(error)
    (record,) = [record for record in caplog.records if record.exc_info]
    assert call_id in record.getMessage()
    assert "password" in str(record.exc_info[1])


async def test_a_fault_in_a_stream_comes_after_what_was_sent(faulty) -> None:
    stream = faulty.WatchTrainingJob(pb.WatchTrainingJobRequest())
    assert (await stream.read()).snapshot.name == "a"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "password" not in str(caught.value)


async def test_the_callers_id_of_a_call_is_kept(faulty, caplog) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await faulty.GetTrainingJob(pb.GetTrainingJobRequest(name="x"), metadata=(("x-request-id", "mine"),))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert dict(caught.value.trailing_metadata())["x-request-id"] == "mine"
    info = RequestInfo()
    assert [each for each in rpc_status.from_call(caught.value).details if each.Unpack(info)]
    assert info.request_id == "mine"
    assert any(
        text.startswith("GetTrainingJob NOT_FOUND in ") and text.endswith("call mine") for text in caplog.messages
    )


async def test_a_call_that_succeeds_has_an_id_too(faulty) -> None:
    call = faulty.ListTrainingJobs(pb.ListTrainingJobsRequest())
    assert (await call).next_page_token == "fine"
    assert dict(await call.trailing_metadata())["x-request-id"]


async def test_a_reader_that_does_not_read_is_dropped_and_holds_no_other_up(faulty) -> None:
    stream = faulty.ReadLogs(pb.ReadLogsRequest())
    assert (await faulty.ListTrainingJobs(pb.ListTrainingJobsRequest())).next_page_token == "fine"
    await asyncio.wait_for(Faulty.ended.wait(), 20)
    with pytest.raises(grpc.aio.AioRpcError, match=r"nothing was read for 0\.5 s") as caught:
        assert [line async for line in stream] == []
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE, "so that a watch goes on by itself"

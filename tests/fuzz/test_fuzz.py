"""Many hostile requests on every call of a real service. `make fuzz` sends more of them; SEED=n repeats a run."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import grpc.aio
import psutil
import pytest

from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.fuzz.hostile import Attack, Hostile, methods
from tests.serving import SMALL_SPEC, Service, start_service, stop_service
from trainwright.messages import from_dict
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import training_service_pb2 as pb

REQUESTS = int(os.environ.get("FUZZ", "4000"))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
AT_ONCE = 24
LONGEST_S = 60
NEVER = {
    "INTERNAL",
    "UNKNOWN",
    "UNIMPLEMENTED",
    "RESOURCE_EXHAUSTED",
    "DATA_LOSS",
    "UNAVAILABLE",
}  # nothing asked for is too much
STOPS_WORK = {"DrainReplica"}  # does what it says: nothing could be tried after it
OWN = "Internal error from Core"  # said by the client's grpc.aio itself, when a stream ends while it still sends
# What caches may still take after a quarter of the run; a leak of a kilobyte a request would be 75 of 100,000 requests.
GROWTH_MB = 60
TRACES = ("Traceback", 'File "', "site-packages", "sqlalchemy", "object at 0x")


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Service]:
    folder = tmp_path / "work"
    folder.mkdir()
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    write_jobs(Store(f"sqlite:///{folder}/state/trainwright.db"), 900)  # to read, rerun and delete
    limits = {"calls_per_second_of_address": 10**6, "calls_per_second_of_tenant": 10**6}
    started = start_service(folder, ray_cpus=2, warm_workers=0, max_running_jobs=1, **limits)
    yield started
    started.channel.close()
    if started.process.poll() is None:
        stop_service(started)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_request_breaks_the_service(target: Service) -> None:
    print(f"{REQUESTS} requests, SEED={SEED}")
    finish(target, target.create().job.name)
    names = [job.name for job in target.training.ListTrainingJobs(pb.ListTrainingJobsRequest(page_size=1000)).jobs]
    hostile = Hostile(SEED, {"CreateTrainingJob": valid_job, "UploadDataset": valid_upload}, names)
    warm = REQUESTS // 4
    asyncio.run(assail(target.target, hostile, warm))
    before = memory_mb(target)
    told = asyncio.run(assail(target.target, hostile, REQUESTS - warm))
    after = memory_mb(target)
    print(f"memory {before:.0f} MB, then {after:.0f} MB; answers {dict(told)}")
    assert after - before < GROWTH_MB
    assert told[grpc.StatusCode.OK], "nothing was ever accepted: the attacks stop at the first check"
    assert target.process.poll() is None
    end_what_was_started(target)
    finish(target, target.create(request_id="after").job.name)


def write_jobs(store: Store, count: int) -> None:
    made = store.create_all([(NewJob({"data": {"uri": "gone.csv"}}), "/nowhere") for _ in range(count)])
    for job, _ in made:
        store.move(job.id, State.QUEUED, State.CANCELLED)
    store.close()


def valid_job() -> pb.CreateTrainingJobRequest:
    return from_dict(pb.CreateTrainingJobRequest, {"spec": SMALL_SPEC, "validate_only": True, "labels": {"a": "b"}})


def valid_upload() -> datasets_pb.UploadDatasetRequest:
    return from_dict(datasets_pb.UploadDatasetRequest, {"metadata": {"size_bytes": 100, "sha256": "0" * 64}})


def finish(service: Service, name: str) -> None:
    list(service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name), timeout=240))
    found = service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).job
    assert found.state == pb.JOB_STATE_SUCCEEDED, found.error


def end_what_was_started(service: Service) -> None:
    """Some spoiled requests are still right: their jobs run."""
    listed = pb.ListTrainingJobsRequest(page_size=1000)
    for state in ("QUEUED", "WAITING_FOR_RESOURCES", "RUNNING", "CANCELLING"):
        listed.filter = f"state = {state}"
        for job in service.training.ListTrainingJobs(listed).jobs:
            service.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=job.name))
            list(service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job.name), timeout=120))


def memory_mb(service: Service) -> float:
    return psutil.Process(service.process.pid).memory_info().rss / 1e6


async def assail(target: str, hostile: Hostile, count: int) -> Counter[grpc.StatusCode]:
    """Sends attacks, many at once, on all calls in turn; returns the answers by status."""
    calls = [method for method in methods() if method.name not in STOPS_WORK]
    attacks = iter([*range(count)])
    told: Counter[grpc.StatusCode] = Counter()
    async with grpc.aio.insecure_channel(target) as channel:

        async def some() -> None:
            for number in attacks:
                attack = hostile.attack(calls[number % len(calls)])
                told[await answer(channel, attack)] += 1

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return told


async def answer(channel: grpc.aio.Channel, attack: Attack) -> grpc.StatusCode:
    """The status of an attack; fails when it tells what it must not."""
    call = start(channel, attack)
    try:
        if attack.leaves_at_once:
            call.cancel()
        if attack.method.server_streaming:
            for _ in range(attack.takes):
                if await call.read() is grpc.aio.EOF:
                    break
            else:
                call.cancel()
        else:
            await call
    except grpc.aio.AioRpcError as error:
        shown = (
            f"{attack.method.full_name} of {[wire[:300] for wire in attack.wires]}: {error.code()} {error.details()}"
        )
        said = f"{error.details()}{error.trailing_metadata()}"
        if error.details() == OWN:
            return grpc.StatusCode.CANCELLED
        if error.code().name in NEVER or any(trace in said for trace in TRACES):
            pytest.fail(shown)
        return error.code()
    except asyncio.CancelledError:
        return grpc.StatusCode.CANCELLED
    return await call.code()


def start(channel: grpc.aio.Channel, attack: Attack) -> grpc.aio.Call:
    kind = (
        "stream" if attack.method.client_streaming else "unary",
        "stream" if attack.method.server_streaming else "unary",
    )
    path = f"/{attack.method.containing_service.full_name}/{attack.method.name}"
    call = getattr(channel, "_".join(kind))(path)
    timeout = 2 if attack.method.server_streaming else LONGEST_S  # a stream that follows a job may wait for news
    return call(sent(attack) if attack.method.client_streaming else attack.wires[0], timeout=timeout)


async def sent(attack: Attack) -> AsyncIterator[bytes]:
    for wire in attack.wires:
        yield wire

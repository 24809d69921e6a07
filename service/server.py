"""Wires the service together: settings in, a running server out. ``trainwright-server`` is ``main``."""

import asyncio
import fcntl
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from cluster.session import connect
from cluster.warm import WarmPool
from service.api.datasets import DatasetServicer
from service.api.errors import ANSWERS
from service.api.interceptors import Guard
from service.api.streams import Streams
from service.api.training import TrainingServicer
from service.datasets import Datasets
from service.doors.audit import Audit
from service.doors.door import Door
from service.doors.limits import Limits
from service.doors.oidc import Provider, Tokens
from service.doors.ownership import Ownership
from service.doors.tls import server_credentials
from service.doors.tokens import TokenFile
from service.jobs.manager import Manager
from service.jobs.store import Store
from service.launch import launcher
from service.metrics import Metrics
from service.planning import Planner
from service.settings import Settings
from trainers.errors import NoModelError, SpecError
from trainwright.v1.dataset_service_pb2_grpc import add_DatasetServiceServicer_to_server
from trainwright.v1.training_service_pb2_grpc import add_TrainingServiceServicer_to_server

MENDED_BY_CALLER: tuple[type[Exception], ...] = (SpecError, NoModelError)
WARM_EVERY_S = 5.0  # longer than a process takes to start, so that none is asked for twice
SERVICES = ("trainwright.v1.TrainingService", "trainwright.v1.DatasetService")


def make_server(
    settings: Settings, training: TrainingServicer, datasets: DatasetServicer, guard: Guard
) -> grpc.aio.Server:
    """Makes a server with both services and reflection; it listens nowhere yet."""
    options = [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.so_reuseport", 0),  # a port in use is an error, not a second listener
        ("grpc.max_concurrent_streams", 1000),  # of one connection
        ("grpc.http2.min_ping_interval_without_data_ms", 60_000),  # clients that ping more often are cut off
        ("grpc.keepalive_time_ms", 120_000),  # a client that is gone without a word is noticed
        ("grpc.keepalive_timeout_ms", 20_000),
    ]
    server = grpc.aio.server(interceptors=[guard], options=options)
    add_TrainingServiceServicer_to_server(training, server)  # type: ignore[no-untyped-call]
    add_DatasetServiceServicer_to_server(datasets, server)  # type: ignore[no-untyped-call]
    reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    return server


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[int]:
    """Serves for as long as the context lasts; yields the port.

    Open jobs are taken up before the first call is accepted. At the end calls in progress get the grace period, jobs go on
    on the cluster, and a local Ray ends when no job needs it.

    Raises:
        OSError: The state folder or the port is in use.
        ConnectionError: Ray cannot be reached or started.
    """
    with (
        _hold(settings.state),
        closing(Store(settings.database_url)) as store,
        closing(Audit(settings.state)) as audit,
    ):
        datasets = Datasets(settings.datasets, store, settings.max_upload_bytes)
        codes = {error: int(ANSWERS[error].code.value[0]) for error in MENDED_BY_CALLER}
        metrics, launch = Metrics(store.jobs_by_state), launcher(settings, datasets)
        manager = Manager(store, launch, settings.jobs, settings.max_running_jobs, codes, metrics.job)
        owners, stopping = Ownership(datasets, store), asyncio.Event()
        planner = Planner(datasets.locate, owners.check, settings.roots, settings.jobs)
        training = TrainingServicer(manager, store, planner, Streams(manager, store, stopping))
        guard = Guard(_door(settings, store), audit, metrics, settings.slowest_reader_s)
        server = make_server(settings, training, DatasetServicer(datasets), guard)
        port = _bind(server, settings)
        ray = await asyncio.to_thread(
            connect, settings.ray_address, settings.state, settings.ray_cpus, preload="trainers.preload"
        )
        try:
            await manager.start()
            gc.freeze()  # what is loaded stays; else each full collection walks it, and calls wait for a tenth of a second
            async with _warm(settings.warm_workers), _healthy(server):
                with _scraped(metrics, settings):
                    yield port
        finally:
            stopping.set()
            await server.stop(settings.grace_s)
            await manager.stop()
            await asyncio.to_thread(ray.close if store.open_jobs() else ray.stop)


@asynccontextmanager
async def _healthy(server: grpc.aio.Server) -> AsyncIterator[None]:
    """Starts the server and says it is serving, until the context ends."""
    servicer = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    for name in SERVICES:
        await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    await server.start()
    try:
        yield
    finally:
        await servicer.enter_graceful_shutdown()


@contextmanager
def _scraped(metrics: Metrics, settings: Settings) -> Iterator[None]:
    """Serves the metrics, where a port is set, until the context ends."""
    if settings.metrics_port is None:
        yield
        return
    stop = metrics.serve(settings.metrics_host, settings.metrics_port)
    try:
        yield
    finally:
        stop()


@asynccontextmanager
async def _warm(spare: int) -> AsyncIterator[None]:
    """Keeps worker processes ready until the context ends."""

    async def keep() -> None:
        pool = WarmPool(spare)
        while True:
            await asyncio.to_thread(pool.fill)
            await asyncio.sleep(WARM_EVERY_S)

    keeping = asyncio.create_task(keep()) if spare else None
    try:
        yield
    finally:
        if keeping:
            keeping.cancel()


@contextmanager
def _hold(state: Path) -> Iterator[None]:
    """Keeps a second service off the state folder: job state has one writer."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another service uses {state}; stop it, or give this one another state folder") from None
        yield


def _door(settings: Settings, store: Store) -> Door:
    provider = None
    if settings.oidc_issuer:
        claims = settings.oidc_tenant_claim, settings.oidc_role_claim
        provider = Tokens(Provider(settings.oidc_issuer, settings.oidc_audience, *claims))
    limits = Limits(settings.calls_per_second_of_address, settings.calls_per_second_of_tenant)
    return Door(TokenFile(settings.callers) if settings.callers else None, provider, limits, store.tenant_of)


def _bind(server: grpc.aio.Server, settings: Settings) -> int:
    address = f"{settings.host}:{settings.port}"
    try:
        if settings.tls_cert and settings.tls_key:
            tls = server_credentials(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
            return server.add_secure_port(address, tls)
        return server.add_insecure_port(address)
    except RuntimeError:
        raise OSError(
            f"{settings.host}:{settings.port} is in use or cannot be listened on; stop what uses it, or set another port"
        ) from None


async def _until_stopped(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; says where on standard output and in ``server.json``."""
    ready, stop = settings.state / "server.json", asyncio.Event()
    async with serve(settings) as port:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        ready.write_text(json.dumps({"host": settings.host, "port": port, "pid": os.getpid()}))
        print(f"trainwright-server is ready at {settings.host}:{port}, state in {settings.state}", flush=True)
        await stop.wait()
        ready.unlink(missing_ok=True)


def main() -> None:
    """Runs the service; the exit status is 2 for wrong settings, 1 when it cannot start, 0 after a stop on request."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = CliApp.run(Settings)
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}".lstrip(": ") for each in error.errors())
        sys.exit(_failed(2, "; ".join(wrong)))
    except (SettingsError, ValueError) as error:
        sys.exit(_failed(2, error))
    try:
        asyncio.run(_until_stopped(settings))
    except (OSError, ValueError) as error:  # ConnectionError, of Ray, is one; ValueError, of the file of callers
        sys.exit(_failed(1, error))


def _failed(status: int, why: object) -> int:
    print(f"trainwright-server: {why}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()

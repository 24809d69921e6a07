"""Wires the service together: settings in, a running server out. ``trainwright-server`` is ``main``."""

import asyncio
import fcntl
import gc
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import grpc.aio
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection
from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from cluster.files import whole
from cluster.lifeline import Lifeline
from cluster.session import connect
from service import logs, tracing
from service.adopting import Adopter
from service.api.admin import AdminServicer
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
from service.health.doctor import Doctor
from service.health.probes import probes
from service.health.vitals import vitals
from service.jobs.dispatcher import Seat, replica_id
from service.jobs.manager import Manager
from service.jobs.quotas import Quotas
from service.jobs.records import JobRecord
from service.jobs.states import State
from service.jobs.store import Store
from service.launch import launcher
from service.metrics import Metrics
from service.planning import Planner
from service.settings import Settings
from service.sharing import sharing
from service.upkeep import duties, upkeep
from trainers.errors import NoModelError, SpecError
from trainwright.v1.admin_service_pb2_grpc import add_AdminServiceServicer_to_server
from trainwright.v1.dataset_service_pb2_grpc import add_DatasetServiceServicer_to_server
from trainwright.v1.training_service_pb2_grpc import add_TrainingServiceServicer_to_server

MENDED_BY_CALLER: tuple[type[Exception], ...] = (SpecError, NoModelError)
HEED_EVERY_S = 2.0
# A queued job holds nothing, and one that is being cancelled is to lose what it holds.
NEEDS_RAY = (State.WAITING_FOR_RESOURCES, State.RUNNING)
SERVICES = ("trainwright.v1.TrainingService", "trainwright.v1.DatasetService", "trainwright.v1.AdminService")


def make_server(
    settings: Settings, training: TrainingServicer, datasets: DatasetServicer, admin: AdminServicer, guard: Guard
) -> grpc.aio.Server:
    """Makes a server with all services and reflection; it listens nowhere yet."""
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
    add_AdminServiceServicer_to_server(admin, server)  # type: ignore[no-untyped-call]
    reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    return server


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[int]:
    """Serves for as long as the context lasts; yields the port.

    Open jobs are taken up before the first call is accepted. At the end the jobs are handed to other replicas at once, calls
    in progress get the grace period, jobs go on on the cluster, and a local Ray ends when no job needs it.

    Raises:
        OSError: The state folder or the port is in use, or other replicas share another folder.
        ConnectionError: Ray cannot be reached or started.
    """
    with (
        _hold(settings.state),
        closing(Store(settings.database_url)) as store,
        sharing(settings.shared, replica_id(settings.state), store),
        closing(Audit(settings.state)) as audit,
        tracing.exporting() as tracer,
        closing(tracing.JobTraces(tracer, store.events)) as traces,
    ):
        quotas = Quotas(settings.quotas)
        datasets = Datasets(settings.datasets, store, settings.max_upload_bytes, quotas)
        codes = {error: int(ANSWERS[error].code.value[0]) for error in MENDED_BY_CALLER}
        metrics, launch = Metrics(store.jobs_by_state), launcher(settings, datasets)
        seat = Seat(replica_id(settings.state), socket.gethostname(), settings.lease_s)
        at_once, forget = settings.max_running_jobs, partial(_forget, settings)
        manager = Manager(
            store,
            launch,
            settings.jobs,
            at_once,
            codes,
            _each(metrics.job, traces.ended),
            seat,
            quotas,
            settings.max_queued_jobs,
            forget,
        )
        owners, stopping = Ownership(datasets, store), asyncio.Event()
        planner = Planner(datasets.locate, owners.check, settings.roots, settings.jobs)
        streams, adopter = Streams(manager, store, stopping), Adopter(store, settings)
        training = TrainingServicer(manager, store, planner, streams, adopter)
        admin = AdminServicer(store, quotas, Doctor(settings, store))
        guard = Guard(_door(settings, store), audit, metrics, tracer, settings.slowest_reader_s)
        server = make_server(settings, training, DatasetServicer(datasets), admin, guard)
        port = _bind(server, settings)
        joined = partial(connect, settings.ray_address, settings.state, settings.ray_cpus, preload="trainers.preload")
        ray = await asyncio.to_thread(Lifeline, joined)
        try:
            await manager.start()
            gc.freeze()  # what is loaded stays; else each full collection walks it, and calls wait for a tenth of a second
            probing = vitals(server, SERVICES, probes(settings, store), metrics.dependency, settings.probe_every_s)
            async with upkeep(*duties(settings, store, manager, datasets, ray)), probing:
                await server.start()
                with _scraped(metrics, settings):
                    yield port
        finally:
            stopping.set()
            await manager.hand_over()
            await server.stop(settings.grace_s)
            await manager.stop()
            await asyncio.to_thread(ray.close if any(job.state in NEEDS_RAY for job in store.open_jobs()) else ray.stop)


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


@contextmanager
def _hold(state: Path) -> Iterator[None]:
    """Keeps a second service off the state folder: a replica is one process."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another service uses {state}; stop it, or give this one another state folder") from None
        yield


def _forget(settings: Settings, job: str) -> None:
    shutil.rmtree(settings.tensorboard / job, ignore_errors=True)


def _each(*listeners: Callable[[JobRecord], None]) -> Callable[[JobRecord], None]:
    def tell(job: JobRecord) -> None:
        for listener in listeners:
            listener(job)

    return tell


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
        _heed_signals(stop)
        with whole(ready) as file:
            file.write_text(json.dumps({"host": settings.host, "port": port, "pid": os.getpid()}))
        print(f"trainwright-server is ready at {settings.host}:{port}, state in {settings.state}", flush=True)
        while not stop.is_set():
            _heed_signals(stop)
            with suppress(TimeoutError):
                async with asyncio.timeout(HEED_EVERY_S):
                    await stop.wait()
        ready.unlink(missing_ok=True)


def _heed_signals(stop: asyncio.Event) -> None:
    """Has SIGTERM and SIGINT ask for a stop. Ray's client takes them for itself whenever it connects."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)


def main() -> None:
    """Runs the service; the exit status is 2 for wrong settings, 1 when it cannot start, 0 after a stop on request."""
    try:
        settings = CliApp.run(Settings)
        logs.configure(settings.log_format)
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

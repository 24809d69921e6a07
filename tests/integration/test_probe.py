"""The probe of a pod, against a real server with TLS."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from service.probe import serves

STATES = health_pb2.HealthCheckResponse


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path, health.HealthServicer]]:
    authority, known = trustme.CA(), health.HealthServicer()
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    own = authority.issue_cert("trainwright")
    server = grpc.server(ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(known, server)
    chain = b"".join(blob.bytes() for blob in own.cert_chain_pems)
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(own.private_key_pem.bytes(), chain)]))
    server.start()
    yield f"127.0.0.1:{port}", tmp_path / "ca.crt", known
    server.stop(None).wait()


def test_tells_whether_the_service_takes_calls(served):
    target, ca, known = served
    known.set("", STATES.SERVING)
    assert serves(target, ca, "trainwright")
    assert not serves(target, ca, "another-name")
    assert not serves(target, None, "trainwright")
    known.set("", STATES.NOT_SERVING)  # as the service says when it is told to stop
    assert not serves(target, ca, "trainwright")

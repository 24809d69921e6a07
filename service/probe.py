"""Asks the service of this pod whether it takes calls: ``python -m service.probe``, for probes that cannot speak TLS.

Kubernetes asks ``grpc.health.v1`` by itself where there is no TLS. The certificate is made out for the service's name, not for
the address that a probe uses, so that name is given.
"""

import argparse
import os
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ANSWER_S = 4.0


def serves(target: str, ca: Path | None, name: str) -> bool:
    """Whether the service answers, and takes calls.

    Args:
        target: host:port.
        ca: Certificates to trust, PEM; None for a connection in the clear.
        name: Whom its certificate is made out for.
    """
    if ca is None:
        channel = grpc.insecure_channel(target)
    else:
        credentials = grpc.ssl_channel_credentials(ca.read_bytes())
        channel = grpc.secure_channel(target, credentials, options=[("grpc.ssl_target_name_override", name)])
    with channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=ANSWER_S)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main() -> None:
    """Exits with 0 if the service takes calls, else with 1."""
    parser = argparse.ArgumentParser(prog="python -m service.probe", description=main.__doc__)
    parser.add_argument("--target", default=f"127.0.0.1:{os.environ.get('TRAINWRIGHT_PORT', '50151')}")
    parser.add_argument("--ca", type=Path, help="certificates to trust; without them the connection is in the clear")
    parser.add_argument("--name", default="trainwright", help="whom the certificate is made out for")
    given = parser.parse_args()
    raise SystemExit(0 if serves(given.target, given.ca, given.name) else 1)


if __name__ == "__main__":
    main()

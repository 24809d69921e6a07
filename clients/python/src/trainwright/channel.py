"""How to reach the service: address, credentials, deadlines and retries."""

import json
import socket
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final

import grpc

DEFAULT_TARGET: Final = "127.0.0.1:50151"
DEFAULT_TIMEOUT: Final = 60.0
READY_PAUSE: Final = 0.2  # seconds between two tries while the service starts

_TRAINING: Final = "trainwright.v1.TrainingService"
_DATASETS: Final = "trainwright.v1.DatasetService"
_ADMIN: Final = "trainwright.v1.AdminService"
# Every mutation carries a request_id and so may be repeated, except DeleteDataset; a watch resumes by itself. Deadlines
# go with each call: those of a service config end up to a second early (grpc/grpc#40633) and do not reach the service.
# Calls go to all replicas in turn, and a repeated one to the next.
SERVICE_CONFIG: Final = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": _TRAINING}, {"service": _DATASETS}, {"service": _ADMIN}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        },
        {
            "name": [
                {"service": _DATASETS, "method": "DeleteDataset"},
                {"service": _DATASETS, "method": "UploadDataset"},
                {"service": _TRAINING, "method": "WatchTrainingJob"},
                {"service": _TRAINING, "method": "ReadLogs"},
            ]
        },
    ],
}


@dataclass(frozen=True)
class TLS:
    """Files, in PEM, for a connection over TLS.

    Attributes:
        ca: Certificates to trust; None for those gRPC brings.
        certificate: The client's own certificate chain, where the service asks for one.
        key: Private key of that certificate.
    """

    ca: str | PathLike[str] | None = None
    certificate: str | PathLike[str] | None = None
    key: str | PathLike[str] | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Reads the files.

        Raises:
            OSError: A file cannot be read.
        """
        files = (self.ca, self.key, self.certificate)
        ca, key, certificate = (Path(each).read_bytes() if each else None for each in files)
        return grpc.ssl_channel_credentials(ca, key, certificate)


@dataclass(frozen=True)
class Endpoint:
    """Where the service is and how to speak to it.

    Attributes:
        target: gRPC target, such as ``host:port``. Of a service with several replicas a name that stands for all of them, or
            their addresses, ``host1:port,host2:port``; over TLS the first host is the name that certificates must have.
        credentials: Channel credentials made by the caller; they take the place of ``tls``.
        tls: TLS files; None for a connection in the clear.
        token: Bearer token sent with each call, over TLS or to this machine only.
        timeout: Seconds allowed for each call that is not a stream, retries included.
    """

    target: str = DEFAULT_TARGET
    credentials: grpc.ChannelCredentials | None = None
    tls: TLS | None = None
    token: str | None = None
    timeout: float = DEFAULT_TIMEOUT

    def channel(self) -> grpc.Channel:
        """Opens a channel; it connects with the first call."""
        credentials = self._credentials()
        if credentials is None:
            return grpc.insecure_channel(self._target(), options=self._options())
        return grpc.secure_channel(self._target(), credentials, options=self._options())

    def aio_channel(self) -> grpc.aio.Channel:
        """Opens a channel of grpc.aio; it connects with the first call."""
        credentials = self._credentials()
        if credentials is None:
            return grpc.aio.insecure_channel(self._target(), options=self._options())
        return grpc.aio.secure_channel(self._target(), credentials, options=self._options())

    def _credentials(self) -> grpc.ChannelCredentials | None:
        channel = self.credentials or (self.tls.credentials() if self.tls else None)
        if self.token is None:
            return channel
        # In the clear a token may go no further than this machine: local credentials refuse any other connection.
        channel = channel or grpc.local_channel_credentials(grpc.LocalConnectionType.LOCAL_TCP)
        return grpc.composite_channel_credentials(channel, grpc.access_token_call_credentials(self.token))

    def _target(self) -> str:
        """What gRPC is told: it takes several addresses as numbers only. Names that cannot be resolved now are left out."""
        if "," not in self.target:
            return self.target
        found = (_addresses(each.strip()) for each in self.target.split(","))
        numbers = [address for addresses in found for address in addresses]
        return f"ipv4:{','.join(numbers)}" if numbers else self.target.partition(",")[0]

    def _options(self) -> list[tuple[str, Any]]:
        several = "," in self.target
        return [
            *([("grpc.default_authority", self.target.partition(":")[0].strip())] if several else []),
            ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
            ("grpc.max_receive_message_length", 64 << 20),  # a report with its curves
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            # A dead peer is noticed on a silent watch; servers by default allow one ping in five minutes.
            ("grpc.keepalive_time_ms", 310_000),
            ("grpc.keepalive_timeout_ms", 20_000),
        ]


def _addresses(name: str) -> list[str]:
    host, _, port = name.rpartition(":")
    try:
        return [f"{address}:{port}" for address in socket.gethostbyname_ex(host)[2]]
    except OSError:
        return []

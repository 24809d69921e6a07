"""Looks at the way to a service, and has the service look at what it leans on: ``trainwright admin doctor``."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from trainwright.admin import Check, Diagnosis, Verdict
from trainwright.channel import TLS
from trainwright.client import TrainingClient
from trainwright.errors import PermissionDenied, ServiceError, Unauthenticated

RENEW_BEFORE: Final = timedelta(days=30)
CLOCKS_S: Final = 2.0
CONNECT_S: Final = 5.0


def examine(client: TrainingClient, target: str, tls: TLS | None) -> Sequence[Check]:
    """Makes all checks, those of the service's own side as far as it answers.

    Args:
        client: Of the service.
        target: host:port of it.
        tls: How the client connects; None: in the clear.
    """
    checks = [*certificate(target, tls)] if tls else []
    before = time.time()
    try:
        found = client.admin.diagnose()
    except Unauthenticated as error:
        return [*checks, Check("token", Verdict.WRONG, error.message, "ask the operator for a new token")]
    except PermissionDenied as error:
        return [*checks, Check("token", Verdict.WRONG, error.message, "use a token of an admin to see the rest")]
    except ServiceError as error:
        mend = f"see whether trainwright-server runs at {target}, and whether it asks for TLS"
        return [*checks, Check("server", Verdict.WRONG, error.message, mend)]
    return [*checks, Check("server", Verdict.OK, f"{target} answers an admin"), clock(found, before), *found.checks]


def certificate(target: str, tls: TLS) -> Iterator[Check]:
    """Whether the service's certificate is trusted here, and until when it holds."""
    host, _, port = target.rpartition(":")
    context = ssl.create_default_context(cafile=tls.ca)
    context.set_alpn_protocols(["h2"])
    try:
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key)
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S) as connection,
            context.wrap_socket(connection, server_hostname=host.strip("[]")) as secured,
        ):
            end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(secured.getpeercert()["notAfter"])), UTC)  # type: ignore[index]
    except ssl.SSLError as error:
        mend = "give the certificates that signed it (--ca), or renew it"
        yield Check("TLS", Verdict.WRONG, f"{target}: {error.reason or error}: {error}", mend)
    except (OSError, ValueError) as error:
        yield Check("TLS", Verdict.WRONG, f"{target}: {error}", "see whether trainwright-server runs there")
    else:
        soon = end - datetime.now(UTC) < RENEW_BEFORE
        verdict, mend = (Verdict.WARNING, "have the operator renew it") if soon else (Verdict.OK, "")
        yield Check("TLS", verdict, f"{target} is trusted; its certificate holds until {end:%Y-%m-%d %H:%M} UTC", mend)


def clock(found: Diagnosis, before: float) -> Check:
    """Whether the service's clock is this machine's, as far as the time of the call lets tell."""
    told = found.time.timestamp() if found.time else before
    off = max(0.0, before - told, told - time.time())
    if off > CLOCKS_S:
        return Check("clock", Verdict.WARNING, f"the service's clock is at least {off:.0f} s off", "set both by NTP")
    return Check("clock", Verdict.OK, "the service's clock is this machine's")

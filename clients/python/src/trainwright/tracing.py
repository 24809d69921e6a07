"""Sends the caller's trace along, where OpenTelemetry is installed: a span for each call, and W3C trace context with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import grpc

try:
    from opentelemetry import propagate, trace

    _INSTALLED = True
except ImportError:
    _INSTALLED = False

Metadata = tuple[tuple[str, str], ...]
_SCOPE: Final = "trainwright"


@contextmanager
def calling(method: str) -> Iterator[Metadata]:
    """A span for as long as a call lasts; yields the metadata that name it to the service."""
    if not _INSTALLED:
        yield ()
        return
    about = {"rpc.system.name": "grpc", "rpc.method": method}
    with trace.get_tracer(_SCOPE).start_as_current_span(
        method, kind=trace.SpanKind.CLIENT, attributes=about, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield context()
        except grpc.RpcError as error:
            code = getattr(error, "code", lambda: grpc.StatusCode.UNKNOWN)()
            span.set_attribute("rpc.response.status_code", code.name)
            span.set_status(trace.StatusCode.ERROR)
            raise


def context() -> Metadata:
    """Metadata that name the present span to the service; none without one."""
    if not _INSTALLED:
        return ()
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return tuple((key.lower(), value) for key, value in carrier.items())

"""Says by grpc.health.v1 whether the service is ready, and which of its dependencies answer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from service.health.probes import Probe

NEEDED = frozenset({"database", "ray"})  # without one of these no job can be accepted, or run
PATIENCE_S = 5.0  # a probe that takes longer has not been answered

log = logging.getLogger(__name__)
_STATUS = {
    True: health_pb2.HealthCheckResponse.SERVING,
    False: health_pb2.HealthCheckResponse.NOT_SERVING,
}


@asynccontextmanager
async def vitals(
    server: grpc.aio.Server,
    services: Sequence[str],
    probes: Mapping[str, Probe],
    told: Callable[[str, bool], None],
    every_s: float,
) -> AsyncIterator[None]:
    """Adds the health service and keeps it true until the context ends; then nothing is serving.

    The services, and the empty name, serve while everything that is needed answers; a dependency has its own name.

    Args:
        server: Not started yet.
        services: Their full names.
        probes: By name of the dependency.
        told: Called after each probe with the name and whether it was answered.
        every_s: Seconds between two probes of one dependency.
    """
    servicer = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    up = dict.fromkeys(probes, True)

    async def tell(name: str, answers: bool) -> None:
        told(name, answers)
        up[name] = answers
        await servicer.set(name, _STATUS[answers])
        ready = all(up[each] for each in NEEDED & up.keys())
        for service in ("", *services):
            await servicer.set(service, _STATUS[ready])

    for name in probes:
        await tell(name, True)
    watching = [asyncio.create_task(_watch(name, probe, tell, every_s)) for name, probe in probes.items()]
    try:
        yield
    finally:
        for each in watching:
            each.cancel()
        await servicer.enter_graceful_shutdown()


async def _watch(name: str, probe: Probe, tell: Callable[[str, bool], Awaitable[None]], every_s: float) -> None:
    """Probes again and again; a probe that hangs counts as unanswered, and is not started a second time."""
    fault = ""
    while True:
        probing = asyncio.ensure_future(asyncio.to_thread(probe))
        done, _ = await asyncio.wait({probing}, timeout=PATIENCE_S)
        if not done:
            await tell(name, False)
        before, fault = fault, await _fault(probing)
        if fault and not before:
            log.warning("%s is away: %s", name, fault)
        elif before and not fault:
            log.info("%s is back", name)
        await tell(name, not fault)
        await asyncio.sleep(every_s)


async def _fault(probing: asyncio.Future[None]) -> str:
    try:
        await probing
    except Exception as error:  # whatever a dependency's library raises, it is away
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""

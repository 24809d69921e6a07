"""What happens around every call: the door, an id, a log line, and errors turned into statuses."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from service.api import errors
from service.doors import audit
from service.doors.callers import current
from service.doors.door import Door, Knock
from service.doors.rules import RULES
from service.metrics import Metrics
from trainers.errors import SpecError, Violation

log = logging.getLogger(__name__)

Parse = Callable[[bytes], Any]

SERVICES = "/trainwright."
CALL_ID = "x-request-id"
TURNED_AWAY = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED"})
SLOWEST_READER_S = 30.0


class Guard(grpc.aio.ServerInterceptor):
    """Wraps the calls of our own services; health and reflection answer for themselves.

    Args:
        door: Lets calls in.
        audit_log: Where changes and refusals are written.
        metrics: Where calls are counted.
        slowest_s: Longest that a stream waits for its reader to take a message; then that message is its last.
    """

    def __init__(
        self, door: Door, audit_log: audit.Audit, metrics: Metrics, slowest_s: float = SLOWEST_READER_S
    ) -> None:
        self._door, self._audit, self._metrics, self._slowest_s = door, audit_log, metrics, slowest_s

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wraps the method that will answer the call."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(SERVICES):
            return handler
        kind = f"{'stream' if handler.request_streaming else 'unary'}_{'stream' if handler.response_streaming else 'unary'}"
        wrap = self._many if handler.response_streaming else self._one
        parse = _parser(handler.request_deserializer)  # inside the guard: bytes that are no message are a wrong request
        guarded = wrap(getattr(handler, kind), handler_call_details, parse)
        return handler._replace(request_deserializer=None, **{kind: guarded})

    def _one(
        self, answer: Callable[..., Awaitable[Any]], call: grpc.HandlerCallDetails, parse: Parse
    ) -> Callable[..., Awaitable[Any]]:
        async def guarded(sent: Any, context: grpc.aio.ServicerContext) -> Any:
            async with self._guard(call, sent, context, parse) as request:
                return await answer(request, context)

        return guarded

    def _many(
        self, answer: Callable[..., AsyncGenerator[Any, None]], call: grpc.HandlerCallDetails, parse: Parse
    ) -> Callable[..., Awaitable[None]]:
        async def guarded(sent: Any, context: grpc.aio.ServicerContext) -> None:
            async with (
                self._guard(call, sent, context, parse) as request,
                aclosing(answer(request, context)) as answers,
            ):
                async for each in answers:
                    writing = asyncio.ensure_future(context.write(each))
                    writing.add_done_callback(_retrieved)  # of a caller who has gone; nobody waits for it then
                    read, _ = await asyncio.wait({writing}, timeout=self._slowest_s)
                    if not read:
                        await answers.aclose()  # nothing is held for a slow reader but the message it has not read
                        await (
                            writing
                        )  # before it is read no status can reach the reader; a dead one ends with keepalive
                        raise errors.SlowReader(self._slowest_s)
                    await writing

        return guarded

    @asynccontextmanager
    async def _guard(
        self, call: grpc.HandlerCallDetails, sent: Any, context: grpc.aio.ServicerContext, parse: Parse
    ) -> AsyncIterator[Any]:
        began, method = time.monotonic(), call.method.rsplit("/", 1)[-1]
        metadata = {key: value for key, value in call.invocation_metadata or () if isinstance(value, str)}
        given = metadata.get(CALL_ID, "")
        call_id = given if 0 < len(given) <= 64 and given.isprintable() else uuid.uuid4().hex
        outcome, who = "gone", None  # outcome stays, when the caller leaves before the end
        call_metadata = ((CALL_ID, call_id),)
        context.set_trailing_metadata(call_metadata)
        message = None
        try:
            message = parse(sent) if isinstance(sent, bytes) else None
            who = await self._door.enter(Knock(method, metadata, context.peer(), _certificate(context), message))
            current.set(who)
            yield message if isinstance(sent, bytes) else (parse(each) async for each in sent)
            outcome = "OK"
        except Exception as error:
            status = rpc_status.to_status(errors.status(error, call_id))
            outcome = status.code.name
            if outcome == "INTERNAL":
                log.exception("%s failed, call %s", method, call_id)
            await context.abort(status.code, status.details, (*status.trailing_metadata, *call_metadata))
        finally:
            took = time.monotonic() - began
            self._metrics.call(method, outcome, took)
            log.info("%s %s in %.0f ms, call %s", method, outcome, took * 1000, call_id)
            if RULES[method].changes or outcome in TURNED_AWAY:
                known = {"caller": who.name, "tenant": who.tenant, "role": who.role.value} if who else {}
                subject = str(getattr(message, "name", "") or getattr(message, "request_id", ""))
                self._audit.write(audit.Entry(method, outcome, call_id, context.peer(), **known, subject=subject))


def _retrieved(done: asyncio.Future[Any]) -> None:
    """Keeps the failure of a task that nobody waits for any more out of the log."""
    if not done.cancelled():
        done.exception()


def _parser(deserialize: Parse) -> Parse:
    """Reads a message, and refuses what is none."""

    def parse(wire: bytes) -> Any:
        try:
            return deserialize(wire)
        except DecodeError as error:
            raise SpecError([Violation("", f"the bytes sent are not a message of this call ({error})")]) from None

    return parse


def _certificate(context: grpc.aio.ServicerContext) -> str:
    """Common name of the client certificate; empty without one."""
    names = [*context.auth_context().get("x509_common_name", ())]
    return names[0].decode(errors="replace") if names else ""

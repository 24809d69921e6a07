"""What happens around every call: the door, an id, a log line, and errors turned into statuses."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from grpc_status import rpc_status
from opentelemetry import trace

from service import logs, tracing
from service.api import errors
from service.doors import audit
from service.doors.callers import Caller, current
from service.doors.door import Door, Knock, jobs_named
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
        tracer: Makes a span of each call.
        slowest_s: Longest that a stream waits for its reader to take a message; then that message is its last.
    """

    def __init__(
        self,
        door: Door,
        audit_log: audit.Audit,
        metrics: Metrics,
        tracer: trace.Tracer,
        slowest_s: float = SLOWEST_READER_S,
    ) -> None:
        self._door, self._audit, self._metrics, self._tracer = door, audit_log, metrics, tracer
        self._slowest_s = slowest_s
        self._turnstile = asyncio.Lock()

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
                    async with self._turnstile:  # many streams have news at once: other calls go between their messages
                        await asyncio.sleep(0)
                    writing = asyncio.ensure_future(context.write(each))
                    writing.add_done_callback(_retrieved)  # of a caller who has gone; nobody waits for it then
                    read, _ = await asyncio.wait({writing}, timeout=self._slowest_s)
                    if not read:
                        await answers.aclose()  # nothing is held for a slow reader but the message it has not read
                        # Before it is read no status can reach the reader; a dead one ends with keepalive.
                        await writing
                        raise errors.SlowReader(self._slowest_s)
                    await writing

        return guarded

    @asynccontextmanager
    async def _guard(
        self, call: grpc.HandlerCallDetails, sent: Any, context: grpc.aio.ServicerContext, parse: Parse
    ) -> AsyncIterator[Any]:
        began, method = time.monotonic(), call.method.rsplit("/", 1)[-1]
        metadata = {key: value for key, value in call.invocation_metadata or () if isinstance(value, str)}
        call_id = _call_id(metadata)
        outcome, who = "gone", None  # outcome stays, when the caller leaves before the end
        call_metadata = ((CALL_ID, call_id),)
        context.set_trailing_metadata(call_metadata)
        message = None
        with tracing.answering(self._tracer, call.method, metadata) as span:
            logs.about(call_id=call_id)
            try:
                message = parse(sent) if isinstance(sent, bytes) else None
                logs.about(job=",".join(jobs_named(RULES[method], message)))
                who = await self._door.enter(Knock(method, metadata, context.peer(), _certificate(context), message))
                current.set(who)
                logs.about(tenant=who.tenant)
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
                span.set_attributes({"rpc.response.status_code": outcome, "trainwright.call": call_id})
                log.info("%s %s in %.0f ms, call %s", method, outcome, took * 1000, call_id)
                if RULES[method].changes or outcome in TURNED_AWAY:
                    self._audit.write(_entry(method, outcome, call_id, context.peer(), who, message))


def _call_id(metadata: Mapping[str, str]) -> str:
    """The caller's id of the call where it has a usable one, else a new one."""
    given = metadata.get(CALL_ID, "")
    return given if 0 < len(given) <= 64 and given.isprintable() else uuid.uuid4().hex


def _entry(method: str, outcome: str, call_id: str, peer: str, who: Caller | None, message: Any) -> audit.Entry:
    known = {"caller": who.name, "tenant": who.tenant, "role": who.role.value} if who else {}
    subject = str(getattr(message, "name", "") or getattr(message, "request_id", ""))
    return audit.Entry(method, outcome, call_id, peer, **known, subject=subject)


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

"""What happens around every call: an id, a log line, and errors turned into statuses."""

import logging
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from grpc_status import rpc_status

from service.api import errors

log = logging.getLogger(__name__)

SERVICES = "/trainwright."
CALL_ID = "x-request-id"


class Guard(grpc.aio.ServerInterceptor):
    """Wraps the calls of our own services; health and reflection answer for themselves."""

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wraps the method that will answer the call."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(SERVICES):
            return handler
        kind = f"{'stream' if handler.request_streaming else 'unary'}_{'stream' if handler.response_streaming else 'unary'}"
        wrap = _many if handler.response_streaming else _one
        return handler._replace(**{kind: wrap(getattr(handler, kind), handler_call_details)})


def _one(answer: Callable[..., Awaitable[Any]], call: grpc.HandlerCallDetails) -> Callable[..., Awaitable[Any]]:
    async def guarded(request: Any, context: grpc.aio.ServicerContext) -> Any:
        async with _guard(call, context):
            return await answer(request, context)

    return guarded


def _many(
    answer: Callable[..., AsyncGenerator[Any, None]], call: grpc.HandlerCallDetails
) -> Callable[..., AsyncIterator[Any]]:
    async def guarded(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        async with _guard(call, context), aclosing(answer(request, context)) as answers:
            async for each in answers:
                yield each

    return guarded


@asynccontextmanager
async def _guard(call: grpc.HandlerCallDetails, context: grpc.aio.ServicerContext) -> AsyncIterator[None]:
    began, method = time.monotonic(), call.method.rsplit("/", 1)[-1]
    given = str(dict(call.invocation_metadata or ()).get(CALL_ID, ""))
    call_id = given if 0 < len(given) <= 64 and given.isprintable() else uuid.uuid4().hex
    outcome = "gone"  # stays, when the caller leaves before the end
    call_metadata = ((CALL_ID, call_id),)
    context.set_trailing_metadata(call_metadata)
    try:
        yield
        outcome = "OK"
    except Exception as error:
        status = rpc_status.to_status(errors.status(error, call_id))
        outcome = status.code.name
        if outcome == "INTERNAL":
            log.exception("%s failed, call %s", method, call_id)
        await context.abort(status.code, status.details, (*status.trailing_metadata, *call_metadata))
    finally:
        log.info("%s %s in %.0f ms, call %s", method, outcome, (time.monotonic() - began) * 1000, call_id)

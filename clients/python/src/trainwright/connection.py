"""Carries calls out, in threads or in asyncio. Everything else about a call is in calls.py."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, Final, TypeVar

import grpc

from trainwright import tracing
from trainwright.calls import Call, Page
from trainwright.channel import Endpoint
from trainwright.errors import from_rpc
from trainwright.v1.admin_service_pb2_grpc import AdminServiceStub
from trainwright.v1.dataset_service_pb2_grpc import DatasetServiceStub
from trainwright.v1.training_service_pb2_grpc import TrainingServiceStub

T = TypeVar("T")

_STUBS: Final[tuple[Any, ...]] = (TrainingServiceStub, DatasetServiceStub, AdminServiceStub)  # generated without types


class Connection:
    """A connection that blocks until each answer is there; safe to share between threads."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._channel = endpoint.channel()
        self._stubs = _stubs(self._channel)
        self._timeout = endpoint.timeout

    def run(self, call: Call[T]) -> T:
        """Makes a call with one answer.

        Raises:
            ServiceError: The service refused it or did not answer.
        """
        timeout = self._timeout if call.bounded else None
        method = getattr(self._stubs[call.stub], call.method)
        try:
            with tracing.calling(call.method) as metadata:
                answer = method(call.request, timeout=timeout, metadata=metadata)
            return call.decode(answer)
        except grpc.RpcError as error:
            raise from_rpc(error) from None

    def stream(self, call: Call[T], timeout: float | None = None) -> Iterator[T]:
        """Makes a call with a stream of answers, which ends when the caller stops reading.

        Raises:
            ServiceError: The service refused it, or the connection was lost.
        """
        method = getattr(self._stubs[call.stub], call.method)
        answers = method(call.request, timeout=timeout, metadata=tracing.context())
        try:
            for answer in answers:
                yield call.decode(answer)
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        finally:
            answers.cancel()

    def pages(self, call: Callable[[str], Call[Page[T]]]) -> Iterator[T]:
        """Goes through a list, reading a page when it is needed."""
        page = self.run(call(""))
        yield from page.items
        while page.next_token:
            page = self.run(call(page.next_token))
            yield from page.items

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()


class AsyncConnection:
    """The same for asyncio."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._channel = endpoint.aio_channel()
        self._stubs = _stubs(self._channel)
        self._timeout = endpoint.timeout

    async def run(self, call: Call[T]) -> T:
        """Makes a call with one answer; raises as ``Connection.run``."""
        timeout = self._timeout if call.bounded else None
        method = getattr(self._stubs[call.stub], call.method)
        try:
            with tracing.calling(call.method) as metadata:
                answer = await method(call.request, timeout=timeout, metadata=metadata)
            return call.decode(answer)
        except grpc.RpcError as error:
            raise from_rpc(error) from None

    async def stream(self, call: Call[T], timeout: float | None = None) -> AsyncGenerator[T, None]:
        """Makes a call with a stream of answers; raises as ``Connection.stream``."""
        method = getattr(self._stubs[call.stub], call.method)
        answers = method(call.request, timeout=timeout, metadata=tracing.context())
        try:
            async for answer in answers:
                yield call.decode(answer)
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        finally:
            answers.cancel()

    async def pages(self, call: Callable[[str], Call[Page[T]]]) -> AsyncIterator[T]:
        """Goes through a list, reading a page when it is needed."""
        page = await self.run(call(""))
        for item in page.items:
            yield item
        while page.next_token:
            page = await self.run(call(page.next_token))
            for item in page.items:
                yield item

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close(None)


def _stubs(channel: grpc.Channel | grpc.aio.Channel) -> dict[type, Any]:
    return {stub: stub(channel) for stub in _STUBS}

"""Answers calls together: what comes while a thread is busy waits, and goes along on its next turn.

Under load a turn costs one hop to a thread and, for changes, one commit, whatever the number of calls it answers; without load a
call goes at once and alone.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LARGEST = 64  # calls a turn


class Batched(Generic[K, V]):
    """A function of many keys, called with one at a time. Keys that are equal are answered once a turn.

    Args:
        answer: Called in a thread with different keys; returns an answer for each, in order, or the exception to raise.
    """

    def __init__(self, answer: Callable[[Sequence[K]], Sequence[V | Exception]]) -> None:
        self._answer = answer
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._turns: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        """Returns the answer, or raises it."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        answer = self._waiting[key]
        if self._turns is None:
            self._turns = asyncio.create_task(self._take_turns())
        return await asyncio.shield(answer)  # others may wait for the same

    async def _take_turns(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:LARGEST]
                futures = [self._waiting.pop(key) for key in keys]
                for future, answer in zip(futures, await self._turn(keys), strict=True):
                    _settle(future, answer)
        finally:
            self._turns = None

    async def _turn(self, keys: Sequence[K]) -> Sequence[V | Exception]:
        try:
            return await asyncio.to_thread(self._answer, keys)
        except Exception as error:  # it concerns all
            return [error] * len(keys)


def _settle(future: "asyncio.Future[V]", answer: V | Exception) -> None:
    if isinstance(answer, Exception):
        future.set_exception(answer)
        future.exception()  # whoever asked may be gone, which is no news for the log
    else:
        future.set_result(answer)

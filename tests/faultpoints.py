"""Visits every statement of chosen functions as it is about to run, so that a test can kill the program there.

The product knows nothing of it: CPython's own trace hook tells of each line.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from inspect import isfunction
from types import CodeType, FrameType
from typing import Any, TypeVar

T = TypeVar("T")
# Each so manieth point is tried in the daily proofs; `make kill-points` tries every one.
STRIDE = int(os.environ.get("KILL_POINT_STRIDE", 5))
Visit = Callable[[str, int], None]


def chosen(points: Sequence[T]) -> Sequence[T]:
    """The points that are tried, by STRIDE, over the whole of a path."""
    return points[::STRIDE]


def functions_of(*owners: Any) -> list[Callable[..., Any]]:
    """The functions themselves, and all functions that classes and modules define."""
    found: list[Callable[..., Any]] = []
    for owner in owners:
        if isfunction(owner):
            found.append(owner)
        else:
            name = getattr(owner, "__name__", "")
            found += [
                f for f in vars(owner).values() if isfunction(f) and (isinstance(owner, type) or f.__module__ == name)
            ]
    return found


def arm(functions: Iterable[Callable[..., Any]], visit: Visit) -> None:
    """Has ``visit`` called with the qualified name and the line before each statement, in this thread and in new ones."""
    codes: dict[CodeType, str] = {f.__code__: f"{f.__module__}.{f.__qualname__}" for f in functions}

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            visit(codes[frame.f_code], frame.f_lineno)
        return line

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        return line if frame.f_code in codes else None

    threading.settrace(call)
    sys.settrace(call)
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:  # functions that are under way already
        if frame.f_code in codes:
            frame.f_trace = line
        frame = frame.f_back

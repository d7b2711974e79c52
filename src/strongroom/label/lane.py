"""Short writes take turns in two threads of their own.

Only one of them can write at a time. While one does, a second may read its request; more threads than that only contend
for the interpreter, and waiting in line is cheaper on the event loop than in a thread.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

P = ParamSpec("P")
Answer = TypeVar("Answer")
_THREADS = 2
_lane: RunVar[CapacityLimiter] = RunVar("strongroom.label.lane")


def short_write(route: Callable[P, Answer]) -> Callable[P, Awaitable[Answer]]:
    """For a route of the desk: an ordinary function that opens one writing session, briefly."""

    @functools.wraps(route)
    async def in_lane(*args: P.args, **named: P.kwargs) -> Answer:
        return await anyio.to_thread.run_sync(
            functools.partial(route, *args, **named), limiter=_of_this_loop()
        )

    return in_lane


def _of_this_loop() -> CapacityLimiter:
    try:
        return _lane.get()
    except LookupError:
        lane = CapacityLimiter(_THREADS)
        _lane.set(lane)
        return lane

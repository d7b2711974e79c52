"""Short writes take turns in two threads of their own.

Only one of them can write at a time. While one does, a second may read its request; more threads than that only contend
for the interpreter, and waiting in line is cheaper than in a thread.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")
_lane = ThreadPoolExecutor(2, "short write")


def short_write(route: Callable[P, Answer]) -> Callable[P, Awaitable[Answer]]:
    """For a route of the desk: an ordinary function that opens one writing session, briefly."""

    @functools.wraps(route)
    async def in_lane(*args: P.args, **named: P.kwargs) -> Answer:
        act = functools.partial(route, *args, **named)
        return await asyncio.get_running_loop().run_in_executor(_lane, copy_context().run, act)

    return in_lane

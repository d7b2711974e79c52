"""Ids and random bytes: made here, by the server, and never taken from a request.

An id that a caller may choose tells whether a row exists that the caller may not see (it collides), and a serial
number tells how many. So every id is a random UUID (version 4) in hex: 32 characters without meaning or order.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_source: ContextVar[Callable[[int], bytes]] = ContextVar("ids", default=os.urandom)


def new_id() -> str:
    """A fresh id: 32 hex digits of a version 4 UUID."""
    return uuid.UUID(bytes=_source.get()(16), version=4).hex


def random_bytes(count: int) -> bytes:
    """`count` bytes that nobody can guess (outside a test)."""
    return _source.get()(count)


@contextmanager
def drawn_from(source: random.Random | Callable[[int], bytes]) -> Iterator[None]:
    """Within this context ids and random bytes are drawn from `source`: for tests that compare two worlds."""
    drawing = _source.set(source.randbytes if isinstance(source, random.Random) else source)
    try:
        yield
    finally:
        _source.reset(drawing)

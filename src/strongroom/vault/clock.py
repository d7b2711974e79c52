"""The one place that knows what time it is, so that a test can say what time it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Callable[[], datetime]] = ContextVar("clock", default=_system_time)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source.get()()


@contextmanager
def at(source: Callable[[], datetime] | datetime) -> Iterator[None]:
    """Within this context the time is `source` (a moment, or a function that gives aware moments in UTC)."""
    moment = source
    reading = _source.set((lambda: moment) if isinstance(moment, datetime) else moment)
    try:
        yield
    finally:
        _source.reset(reading)

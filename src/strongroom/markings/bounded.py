"""A cache that cannot grow without end."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(dict[K, V]):
    """A dict that empties itself when `limit` entries are reached.

    Look-ups stay those of a plain dict, which is what makes interning fast; texts come from outside, so that a
    dict without a limit would be a way to fill the memory.
    """

    def __init__(self, limit: int = 1 << 14) -> None:
        super().__init__()
        self.limit = limit

    def keep(self, key: K, value: V) -> V:
        if len(self) >= self.limit:
            self.clear()
        self[key] = value
        return value

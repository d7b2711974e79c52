"""Slows guessing down: so many failures in a window, then a wait. Known and unknown logins count alike."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from strongroom.errors import TooManyRequestsError
from strongroom.vault import clock

REMEMBERED = 20_000


class Throttle:
    """At most `limit` failed attempts of one key within `window`.

    An attempt counts from its start, so that many at once can't slip through; one that succeeds is taken back.
    Kept in memory: a restart forgets it.
    """

    def __init__(self, limit: int, window: timedelta) -> None:
        self.limit = limit
        self.window = window
        self._attempts: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, key: str) -> None:
        """Counts an attempt. Raises TooManyRequestsError with `retry_after` (seconds) when it is one too many."""
        now = clock.now()
        with self._lock:
            times = self._attempts.setdefault(key, deque())
            self._attempts.move_to_end(key)
            while times and not now - self.window < times[0] <= now:  # a clock set back forgets, too
                times.popleft()
            if len(times) >= self.limit:
                wait = int((times[0] + self.window - now).total_seconds()) + 1
                raise TooManyRequestsError(
                    "There were too many failed attempts.",
                    remedy=f"Try again in {wait} seconds.",
                    retry_after=wait,
                )
            times.append(now)
            while len(self._attempts) > REMEMBERED:
                self._attempts.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The attempt succeeded: it does not count."""
        with self._lock:
            if times := self._attempts.get(key):
                times.pop()

    def forget(self, key: str) -> None:
        """Nothing counts against the key any more."""
        with self._lock:
            self._attempts.pop(key, None)

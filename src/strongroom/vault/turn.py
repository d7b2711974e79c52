"""Whose turn it is to write: first come, first served, among threads and among processes.

SQLite lets one writer in at a time and makes the others poll, so that a busy writer starves them (3 seconds at 16
threads). Here threads queue in the order of their arrival. Between processes two file locks do the same: whoever wants
to write first takes the waiting place, so that a process which writes chunk after chunk has to let the other one in
between two chunks. File locks fall when a process dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strongroom.errors import BusyError

PATIENCE_SECONDS = 30.0
_FIRST_NAP_SECONDS = 0.0002
_LONGEST_NAP_SECONDS = 0.002


class Turn:
    """One per open vault. Without a folder, among the threads of this process only: PostgreSQL keeps a queue itself."""

    def __init__(self, folder: Path | None, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._mutex = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._taken = False
        self._owner: int | None = None
        self._closed = False
        self._files: tuple[int, int] | None = None
        if folder is not None:
            self._files = (_file(folder / "write.next"), _file(folder / "write.lock"))

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the right to write. BusyError after `patience_seconds`; RuntimeError when this thread holds it."""
        if self._owner == threading.get_ident():
            raise RuntimeError(
                "this thread is already writing: finish that session before another one begins"
            )
        deadline = time.monotonic() + self._patience
        self._enter(deadline)
        try:
            self._lock_files(deadline)
            try:
                self._owner = threading.get_ident()
                yield
            finally:
                self._owner = None
                self._unlock_files()
        finally:
            self._leave()

    def close(self) -> None:
        """Let go of the files. Closing again does nothing."""
        if not self._closed:
            self._closed = True
            for file in self._files or ():
                os.close(file)

    def _enter(self, deadline: float) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._queue.append(ticket)
        if ticket.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return
        with self._mutex:
            if ticket in self._queue:
                self._queue.remove(ticket)
                raise _too_busy()
        # It was handed over in the very last moment.

    def _leave(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._taken = False

    def _lock_files(self, deadline: float) -> None:
        if self._files is None:
            return
        place, desk = self._files
        _lock(place, deadline)
        try:
            _lock(desk, deadline)
        finally:
            fcntl.flock(place, fcntl.LOCK_UN)

    def _unlock_files(self) -> None:
        if self._files is not None:
            fcntl.flock(self._files[1], fcntl.LOCK_UN)


def _file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(file: int, deadline: float) -> None:
    nap = _FIRST_NAP_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise _too_busy() from None
            time.sleep(nap)
            nap = min(nap * 1.5, _LONGEST_NAP_SECONDS)


def _too_busy() -> BusyError:
    return BusyError("Another one has been writing for too long.", remedy="Try again in a moment.")

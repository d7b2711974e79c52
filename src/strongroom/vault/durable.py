"""Making commits durable in groups: as safe as `synchronous = full`, without holding the turn while the disk works.

SQLite with `synchronous = full` syncs its log within each commit, and the next writer waits for the disk too. Here
writers commit with `normal`, give the turn back, and then wait until a sync of the log that began after their commit has
ended. Whoever commits while a sync runs shares the next one. The log is sequential: a sync covers all that came before it,
and a checkpoint syncs by itself. A process that is killed loses nothing either way; only a power cut asks for the sync.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from strongroom.vault import refusals


class Log:
    """The write-ahead log of a database. `empty` moves all that is in it into the database, synced, and empties it."""

    def __init__(self, database: Path, empty: Callable[[], None]) -> None:
        self._file = database.with_name(database.name + "-wal")
        self._empty = empty
        self._state = threading.Condition()
        self._begun = 0
        self._ended = 0
        self._running = False
        self._failures: dict[int, Exception] = {}
        self._doubtful = False
        self._known_inode: int | None = None

    def sync(self) -> None:
        """Return when all that was committed before this call is on disk; raise StorageFullError or OSError when that
        can't be said."""
        with self._state:
            wanted = self._begun + 1  # one that runs already may have begun too early
            while self._running and self._ended < wanted:
                self._state.wait()
            mine = self._ended < wanted
            if mine:
                self._running = True
                self._begun = wanted
        if mine:
            self._run(wanted)
        if wanted in self._failures:
            raise self._failures[wanted]

    def _run(self, number: int) -> None:
        try:
            with refusals.of_files():
                self._sync_file()
        except Exception as error:  # whatever it is, those who share this sync have to know
            self._failures[number] = error
        with self._state:
            self._running = False
            self._ended = number
            self._state.notify_all()

    def _sync_file(self) -> None:
        if self._doubtful:
            # After a failed sync the kernel takes the pages for clean: a later one would succeed over a hole.
            self._empty()
            self._doubtful = False
        file = os.open(self._file, os.O_RDONLY)
        try:
            os.fdatasync(file)
            inode = os.fstat(file).st_ino
        except OSError:
            self._doubtful = True
            raise
        finally:
            os.close(file)
        if inode != self._known_inode:  # a new file: its name has to last as well
            sync_folder(self._file.parent)
            self._known_inode = inode


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

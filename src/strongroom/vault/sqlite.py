"""A workspace's rows in SQLite: one file in its folder, with its log and whose turn it is to write."""

from __future__ import annotations

import fcntl
import os

from sqlalchemy import Table

from strongroom.vault.database import SQLITE_FILE, Place
from strongroom.vault.durable import Log
from strongroom.vault.engines import reading_engine, writing_engine
from strongroom.vault.shadow import RegistryShadow, Shadow
from strongroom.vault.system import System
from strongroom.vault.turn import Turn


class SqliteDatabase:
    """See `strongroom.vault.database.Database`."""

    near = True

    def __init__(self, place: Place, shadow: Shadow) -> None:
        self._folder = place.folder
        file = place.folder / SQLITE_FILE
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        registry = RegistryShadow(shadow.layout)
        self.turn = Turn(place.folder)
        self.system = System(file, self.turn)
        self.readers = reading_engine(file, shadow)
        self.writers = writing_engine(file, shadow)
        self.registry_readers = reading_engine(file, registry)
        self.registry_writers = writing_engine(file, registry)
        self.log = Log(file, self.system.empty_log)

    def settle(self) -> None:
        """The file is the workspace; nothing is left to say."""

    def sync(self) -> None:
        self.log.sync()

    def learn_size(self, table: Table) -> None:
        """Never: by sizes, SQLite would ask a caller's condition of hidden rows too (docs/vault.md)."""

    def beside(self, name: str) -> str:
        return f"sqlite:///{self._folder / name}.db"

    def wait_alone(self, name: str) -> None:
        # Left open: the lock falls when the process dies, however it does.
        file = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)

    def check_alone(self) -> None:
        """A file lock isn't lost."""

    def close(self) -> None:
        for engine in (self.readers, self.writers, self.registry_readers, self.registry_writers):
            engine.dispose()
        self.system.close()
        self.turn.close()

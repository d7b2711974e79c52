"""The system engine: sees everything, for migrations, interning, checks and deletion.

Only the vault may import this module (an import contract says so). Nothing that a person asked for is answered from it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from strongroom.errors import BusyError
from strongroom.vault import proxies, refusals
from strongroom.vault.layout import Layout
from strongroom.vault.turn import Turn

_PRAGMAS = ("journal_mode = wal", "foreign_keys = on", "synchronous = full", "recursive_triggers = on")
BUSY_SECONDS = 30.0


class System:
    """Connections that no view filters."""

    def __init__(self, database: Path, turn: Turn) -> None:
        self._turn = turn
        self._database = database
        self._peek: sqlite3.Connection | None = None
        self._peeking = threading.Lock()
        self._engine = create_engine(
            URL.create("sqlite", database=str(database)),
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
            hide_parameters=True,
            pool_size=2,
            max_overflow=8,
        )
        self._writing = self._engine.execution_options(vault_write=True)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        refusals.listen(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Waits for the turn to write; commits on leaving."""
        with self._turn.taken(), self.writing_in_turn() as connection:
            yield connection

    @contextmanager
    def writing_in_turn(self) -> Iterator[Connection]:
        """For a caller that holds the turn already."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def migrating_in_turn(self) -> Iterator[Connection]:
        """As `writing_in_turn`, without enforcement of foreign keys: a table that is made anew is dropped on the way."""
        with self._writing.connect() as connection:
            # A pragma that does nothing within a transaction, so past the engine.
            raw = connection.connection.dbapi_connection
            raw.execute("pragma foreign_keys = off")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    yield connection
            finally:
                raw.execute("pragma foreign_keys = on")  # type: ignore[union-attr]

    def unguard(self, connection: Connection, layout: Layout) -> None:
        """Before a migration: take away what refers to tables."""
        proxies.drop(connection)

    def guard(self, connection: Connection, layout: Layout) -> None:
        """Make what guards the tables fit them."""
        proxies.install(connection, layout)

    def empty_log(self) -> None:
        """Move what is in the write-ahead log into the database, synced. BusyError while somebody still reads from it."""
        with self._engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            (busy, _, _) = raw.execute("pragma wal_checkpoint(truncate)").fetchone()  # type: ignore[union-attr]
        if busy:
            raise BusyError("The disk failed to keep what was written, and the log is still in use.")

    def highest_marking_id(self) -> int:
        """Asked at the beginning of every session, so without the ceremony of an engine."""
        with self._peeking:
            if self._peek is None:
                self._peek = sqlite3.connect(self._database, timeout=BUSY_SECONDS, check_same_thread=False)
            (highest,) = self._peek.execute("select max(id) from marking").fetchone()
        return highest or 0

    def close(self) -> None:
        self._engine.dispose()
        with self._peeking:
            if self._peek is not None:
                self._peek.close()


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"pragma {pragma}")
    # The views of guarded connections are TEMP and never seen here; nothing in main calls the vault's functions.
    cursor.close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("vault_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

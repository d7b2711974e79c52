"""The system engine on PostgreSQL: the owner of the tables, whom no policy filters."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, Connection, Table, create_engine, event

from strongroom.vault.layout import Layout, uniques
from strongroom.vault.postgresql import policies, refusals
from strongroom.vault.postgresql.context import Signer
from strongroom.vault.postgresql.dialect import SCHEMA
from strongroom.vault.postgresql.engines import OPTIONS
from strongroom.vault.postgresql.roles import Roles
from strongroom.vault.proxies import quoted, quoted_list
from strongroom.vault.system import System
from strongroom.vault.turn import Turn


class PostgresSystem(System):
    """See `System`; the turn to write is also taken in the database, where other processes see it."""

    def __init__(self, url: URL, turn: Turn, roles: Roles, signer: Signer) -> None:
        self._turn = turn
        self._roles = roles
        self._signer = signer
        self._url = url.set(drivername="postgresql")
        self._peek_at: psycopg.Connection[tuple[int | None]] | None = None
        self._peeking = threading.Lock()
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"options": OPTIONS, "application_name": "strongroom system"},
            hide_parameters=True,
            pool_size=2,
            max_overflow=8,
            pool_pre_ping=True,
        )
        self._writing = self._engine.execution_options(vault_write=True)
        event.listen(self._engine, "begin", _begin)
        refusals.listen(self._engine, None)

    @contextmanager
    def migrating_in_turn(self) -> Iterator[Connection]:
        with self.writing_in_turn() as connection:
            yield connection

    def unguard(self, connection: Connection, layout: Layout) -> None:
        policies.drop(connection)

    def guard(self, connection: Connection, layout: Layout) -> None:
        policies.install(connection, layout, self._roles, self._signer)

    def empty_log(self) -> None:
        """The server keeps its log itself."""

    def learn_size(self, table: Table) -> None:
        """The server looks for itself a minute later. Until then it takes a project that has just come in for empty, and one
        index for as good as another: a seek becomes a walk through all of the project's rows."""
        wanted = {column.name for column in table.primary_key}
        wanted |= {column.name for index in table.indexes for column in index.columns}
        wanted |= {name for names in uniques(table) for name in names}
        with self.reading() as connection:
            connection.exec_driver_sql(
                f"analyze (skip_locked) {SCHEMA}.{quoted(table.name)} ({quoted_list(sorted(wanted))})"
            )

    def highest_marking_id(self) -> int:
        with self._peeking:
            try:
                return self._peeked()
            except psycopg.OperationalError:
                self._peek_at = None  # the server was away: once more, on a new connection
            try:
                return self._peeked()
            except psycopg.OperationalError as error:
                raise refusals.unreachable() from error

    def close(self) -> None:
        self._engine.dispose()
        with self._peeking:
            if self._peek_at is not None:
                self._peek_at.close()

    def _peeked(self) -> int:
        if self._peek_at is None or self._peek_at.closed:
            address = self._url.render_as_string(hide_password=False)
            self._peek_at = psycopg.connect(address, autocommit=True, options=OPTIONS, prepare_threshold=0)
        row = self._peek_at.execute("select max(id) from strongroom.marking").fetchone()
        return (row and row[0]) or 0


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("vault_write", False):
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({policies.TURN})")
    else:
        connection.exec_driver_sql("set transaction isolation level repeatable read")

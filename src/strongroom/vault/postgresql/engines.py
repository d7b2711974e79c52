"""Engines of the three roles, and the one of the owner."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from strongroom.vault.layout import Layout
from strongroom.vault.postgresql import dialect, refusals
from strongroom.vault.postgresql.connection import PostgresConnection
from strongroom.vault.postgresql.context import Signer
from strongroom.vault.system import BUSY_SECONDS

_CONNECTIONS_KEPT = 8
_CONNECTIONS_AT_MOST = 32
#: What every connection begins with, and returns to. Temporary tables come last: none can shadow a table.
OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        f"search_path={dialect.SCHEMA},pg_temp",
        f"lock_timeout={BUSY_SECONDS:.0f}s",
        "timezone=UTC",
        "row_security=on",
        "standard_conforming_strings=on",
        "idle_in_transaction_session_timeout=600s",
    )
)


def guarded_engine(
    url: URL, signer: Signer, layout: Layout | None, *, writes: bool, snapshot: bool
) -> Engine:
    """An engine on which nothing can be seen until a session says for whom it looks. `layout` says which tables are
    guarded for it, so that refusals there are told in our words."""
    engine = create_engine(
        url.set(drivername=dialect.NAME),
        poolclass=QueuePool,
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_AT_MOST - _CONNECTIONS_KEPT,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        connect_args={"options": OPTIONS, "autocommit": True, "application_name": "strongroom"},
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_: Any, __: Any, arguments: Any, options: Any) -> PostgresConnection:
        return PostgresConnection.connect(*arguments, **options)

    @event.listens_for(engine, "connect", insert=True)
    def _arm(connection: PostgresConnection, _: ConnectionPoolEntry) -> None:
        connection.arm(signer, writes=writes, snapshot=snapshot)

    @event.listens_for(engine, "checkout")
    def _checkout(connection: PostgresConnection, *_: Any) -> None:
        # Beginning here tells whether the server is still there while another connection can be taken instead.
        try:
            connection.begin()
        except refusals.UnreachableDatabaseError as error:
            raise DisconnectionError from error
        connection.fresh = True

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        guarded = connection.connection.dbapi_connection
        if not isinstance(guarded, PostgresConnection):
            raise psycopg.ProgrammingError("not a guarded connection")
        if not guarded.fresh:
            guarded.begin()
        guarded.fresh = False

    @event.listens_for(engine, "reset")
    def _reset(connection: PostgresConnection, *_: Any) -> None:
        connection.end()

    refusals.listen(engine, layout)
    return engine


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()

"""Engines whose connections are armed and guarded."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from strongroom.vault import dialect, refusals
from strongroom.vault.guard import GuardedConnection
from strongroom.vault.shadow import Shadow
from strongroom.vault.sight import BLIND
from strongroom.vault.system import BUSY_SECONDS

_CONNECTIONS_KEPT = 16  # arming one takes some milliseconds, keeping one a megabyte or two
_CONNECTIONS_AT_MOST = 64


def reading_engine(database: Path, shadow: Shadow) -> Engine:
    """An engine on which nothing can be seen until a session turns a connection's gaze."""
    return _guarded_engine(database, shadow, kept=_CONNECTIONS_KEPT, immediate=False)


def writing_engine(database: Path, shadow: Shadow) -> Engine:
    """Its transactions write from their first moment. Writers take turns, so one connection serves them, always warm."""
    return _guarded_engine(database, shadow, kept=1, immediate=True)


def _guarded_engine(database: Path, shadow: Shadow, *, kept: int, immediate: bool) -> Engine:
    engine = create_engine(
        URL.create(dialect.NAME, database=str(database)),
        poolclass=QueuePool,
        pool_size=kept,
        max_overflow=_CONNECTIONS_AT_MOST - kept,
        pool_use_lifo=True,
        connect_args={
            "factory": GuardedConnection,
            "check_same_thread": False,
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
        },
        hide_parameters=True,  # errors go to logs, and logs hold no content
        json_serializer=_json,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def _arm(connection: GuardedConnection, _: ConnectionPoolEntry) -> None:
        shadow.arm(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        guarded = connection.connection.dbapi_connection
        if not isinstance(guarded, GuardedConnection):
            raise sqlite3.ProgrammingError("not a guarded connection")
        guarded.begin(immediate=immediate)

    event.listen(engine, "checkout", _look_away)
    event.listen(engine, "checkin", _look_away)
    event.listen(engine, "reset", _look_away)
    refusals.listen(engine)
    return engine


def _look_away(connection: GuardedConnection | None, *_: Any) -> None:
    if connection is not None:
        connection.look(BLIND)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()

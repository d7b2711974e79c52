"""Engines whose connections are armed and guarded."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from strongroom.vault import dialect, refusals
from strongroom.vault.guard import GuardedConnection
from strongroom.vault.shadow import Shadow
from strongroom.vault.sight import BLIND
from strongroom.vault.system import BUSY_SECONDS

_STATEMENTS_KEPT = 512  # per connection: preparing one costs many calls of the authorizer


def guarded_engine(database: Path, shadow: Shadow) -> Engine:
    """An engine on which nothing can be seen until a session turns a connection's gaze."""
    engine = create_engine(
        f"{dialect.NAME}:///{database}",
        poolclass=QueuePool,
        pool_size=20,
        max_overflow=44,
        pool_use_lifo=True,
        connect_args={
            "factory": GuardedConnection,
            "check_same_thread": False,
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
            "cached_statements": _STATEMENTS_KEPT,
        },
        json_serializer=_json,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def _arm(connection: GuardedConnection, _: ConnectionPoolEntry) -> None:
        shadow.arm(connection)

    event.listen(engine, "checkout", _look_away)
    event.listen(engine, "checkin", _look_away)
    event.listen(engine, "reset", _look_away)
    event.listen(engine, "begin", _begin)
    refusals.listen(engine)
    return engine


def immediate(engine: Engine) -> Engine:
    """The same engine and pool, for transactions that write from their first moment."""
    return engine.execution_options(vault_write=True)


def _look_away(connection: GuardedConnection | None, *_: Any) -> None:
    if connection is not None:
        connection.gaze.turn_to(BLIND)


def _begin(connection: Connection) -> None:
    guarded = connection.connection.dbapi_connection
    if not isinstance(guarded, GuardedConnection):
        raise sqlite3.ProgrammingError("not a guarded connection")
    guarded.begin(immediate=connection.get_execution_options().get("vault_write", False))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()

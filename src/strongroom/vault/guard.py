"""The guarded connection: a SQLite connection whose side doors are shut.

The authorizer decides about SQL while it is prepared. What never asks the authorizer (EXPLAIN, blob handles, backup,
changing the authorizer itself) is shut here. Whoever runs Python in this process can still open the file: the guard
is against mistakes of a room's author and against injected SQL.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

from strongroom.vault.sight import BLIND, Direct, Sight

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|[;(])*", re.S)
_VERB = re.compile(r"select|with|values|insert|update|delete|savepoint|release|rollback\s+to\b", re.I)
REFUSED = "not authorized"


def check_verb(sql: str) -> None:
    """EXPLAIN has no authorizer code and prints secret names; BEGIN and COMMIT belong to the session."""
    start = _LEADING.match(sql)
    if start is None or not _VERB.match(sql, start.end()):
        raise sqlite3.DatabaseError(REFUSED)


class GuardedCursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        check_verb(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        check_verb(sql)
        return super().executemany(sql, parameters)

    def executescript(self, *_: Any) -> NoReturn:
        raise sqlite3.DatabaseError(REFUSED)


class Gaze:
    """The moment's sight, looked up by the functions that views and triggers call, and their count of rows."""

    __slots__ = ("level_id", "readable", "readable_json", "rows")

    def __init__(self) -> None:
        self.turn_to(BLIND)

    def turn_to(self, sight: Sight) -> None:
        self.readable = sight.readable
        self.readable_json = sight.readable_json
        self.level_id = sight.level_id
        self.rows = 0


class GuardedConnection(sqlite3.Connection, Direct):
    """Open until `lock`; from then on it shows what the sight of the moment allows, and only by ordinary SQL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locked = False
        self.gaze = Gaze()

    @property
    def level_id(self) -> int | None:
        """The marking id that new rows get."""
        return self.gaze.level_id

    def look(self, sight: Sight) -> None:
        self.gaze.turn_to(sight)

    def lock(self, authorizer: Callable[..., int] | None) -> None:
        """Shut the side doors for good. The authorizer keeps no state: prepared statements outlive any flag."""
        # The first use of a table-valued function asks for INSERT on the schema table: let it happen before.
        super().execute("select 1 from json_each('[]') a, json_tree('[]') b")
        super().set_authorizer(authorizer)
        self.locked = True

    def begin(self, *, immediate: bool) -> None:
        super().execute("BEGIN IMMEDIATE" if immediate else "BEGIN")

    def find(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any]) -> int:
        self.gaze.rows = 0
        cursor = self.execute(sql, values)
        return self.gaze.rows or cursor.rowcount

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(GuardedCursor if self.locked else (factory or sqlite3.Cursor))

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        # The one in C makes a cursor of its own, past `cursor`.
        cursor: sqlite3.Cursor = self.cursor().execute(sql, *parameters)
        return cursor

    def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.cursor().executemany(sql, *parameters)
        return cursor


def _shut(name: str) -> Callable[..., Any]:
    def door(self: GuardedConnection, *args: Any, **kwargs: Any) -> Any:
        if self.locked:
            raise sqlite3.DatabaseError(REFUSED)
        return getattr(super(GuardedConnection, self), name)(*args, **kwargs)

    return door


for _name in (
    "backup",
    "blobopen",
    "create_aggregate",
    "create_collation",
    "create_function",
    "create_window_function",
    "deserialize",
    "enable_load_extension",
    "executescript",
    "iterdump",
    "load_extension",
    "serialize",
    "set_authorizer",
    "set_progress_handler",
    "set_trace_callback",
):
    setattr(GuardedConnection, _name, _shut(_name))

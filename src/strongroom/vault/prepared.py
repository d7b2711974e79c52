"""Statements of the hot paths, compiled once: SQLAlchemy takes fifty microseconds over one for which SQLite needs five.

What SQLAlchemy made of a statement (its text, the order of its values, how types are written and read) is kept and given
straight to the connection, which guards it as it guards everything. On PostgreSQL, and whenever SQLite refuses, a
statement takes the ordinary way: so errors are those that SQLAlchemy raises.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from strongroom.vault.sight import Direct

_Process = Callable[[Any], Any] | None
REFUSED = (sqlite3.Error, UnicodeEncodeError, OverflowError)
"""What SQLite says when it refuses a statement or a value."""


class Prepared:
    """A statement with bound parameters, for the connection of a session. An INSERT is given the same columns each time,
    with all that have defaults."""

    def __init__(self, statement: Select[Any] | Insert | Update) -> None:
        self.statement = statement
        self._ready: dict[type[Dialect], _Ready] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows that it finds, with the columns as attributes."""
        if (direct := _direct(connection)) is not None:
            try:
                return self.find(direct, connection.dialect, values)
            except REFUSED:
                pass
        return list(connection.execute(self.statement, values))

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any | None:
        """The first row that it finds, or None."""
        found = self.all(connection, values)
        return found[0] if found else None

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it wrote."""
        if (direct := _direct(connection)) is not None:
            ready = self._for(connection.dialect, values)
            try:
                return direct.change(ready.text, ready.given(values))
            except REFUSED:
                pass
        return connection.execute(self.statement, values).rowcount

    def find(self, direct: Direct, dialect: Dialect, values: Mapping[str, Any]) -> list[Any]:
        """As `all`, on a connection that no session holds."""
        ready = self._for(dialect, values)
        return [ready.row(row) for row in direct.find(ready.text, ready.given(values))]

    def _for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Ready:
        ready = self._ready.get(type(dialect))
        if ready is None:
            ready = self._ready[type(dialect)] = _made(self.statement, dialect, values)
        return ready


def _direct(connection: Connection) -> Direct | None:
    raw = connection.connection.dbapi_connection
    return raw if isinstance(raw, Direct) and connection.in_transaction() else None


class _Bind(NamedTuple):
    """One value: `name` among those that are given, or None for one that the statement holds."""

    name: str | None
    write: _Process
    held: Any


class _Ready(NamedTuple):
    """What a statement is in one dialect. `read`: how to read the columns that aren't as SQLite has them, by place."""

    text: str
    binds: tuple[_Bind, ...]
    make: Callable[[Any], Any]
    read: tuple[tuple[int, Callable[[Any], Any]], ...]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        return [
            held if name is None else values[name] if write is None else write(values[name])
            for name, write, held in self.binds
        ]

    def row(self, found: tuple[Any, ...]) -> Any:
        if not self.read:
            return self.make(found)
        row = list(found)
        for place, read in self.read:
            row[place] = read(row[place])
        return self.make(row)


def _made(statement: Select[Any] | Insert | Update, dialect: Dialect, values: Mapping[str, Any]) -> _Ready:
    compiled = statement.compile(
        dialect=dialect, column_keys=list(values) if isinstance(statement, Insert) else None
    )
    assert isinstance(compiled, SQLCompiler)
    if compiled.post_compile_params or compiled.prefetch:
        raise TypeError("a prepared statement has no lists of values and no defaults")
    binds = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        write = _impl(bind.type, dialect).bind_processor(dialect)
        if bind.required:
            binds.append(_Bind(name, write, None))
        else:
            held = bind.effective_value
            binds.append(_Bind(None, None, held if write is None else write(held)))
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    readers = [_impl(column.type, dialect).result_processor(dialect, None) for column in columns]
    row = namedtuple("row", [column.key or "" for column in columns], rename=True)  # type: ignore[misc]
    return _Ready(
        str(compiled),
        tuple(binds),
        row._make,
        tuple((place, read) for place, read in enumerate(readers) if read is not None),
    )


def _impl(type_: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return type_.dialect_impl(dialect)

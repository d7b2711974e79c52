"""Proxy views in the database itself, by which the triggers of a guarded connection reach the base tables.

A TEMP trigger can't say `main.task`, and `task` finds the TEMP view that shadows it. So writes go through a view
`w~task~<token>` in main whose own triggers write the table. The system engine installs them after each migration with
a new token: connections armed before then fail closed.
"""

# ruff: noqa: S608 - statements are made of names from the metadata, quoted

from __future__ import annotations

import secrets
from collections.abc import Iterator

from sqlalchemy import Connection, Table
from sqlalchemy.exc import OperationalError

from strongroom.vault.layout import Layout, LayoutError

_NAMED = "select name, type, sql from sqlite_master where type in ('view', 'trigger') and name glob 'w~*' order by name"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted_list(names: list[str]) -> str:
    return ", ".join(map(quoted, names))


def selected(names: list[str]) -> str:
    """Columns of a table that is called t. Said without the t, a column that isn't there would be taken for a string."""
    return ", ".join(f"t.{quoted(name)} as {quoted(name)}" for name in names)


def install(connection: Connection, layout: Layout) -> bool:
    """Make the proxies fit the tables. Says whether anything had to change."""
    present = {name: sql for name, _, sql in connection.exec_driver_sql(_NAMED)}
    tokens = {name.split("~")[2] for name in present}
    if len(tokens) == 1 and present == dict(_statements(layout, tokens.pop())):
        return False
    drop(connection)
    for name, statement in _statements(layout, secrets.token_hex(8)):
        connection.exec_driver_sql(statement)
        _check(connection, name)
    return True


def _check(connection: Connection, name: str) -> None:
    """A view is made without a look at its table; so look."""
    if name.count("~") == 2:
        try:
            connection.exec_driver_sql(f"select * from {quoted(name)} limit 0")
        except OperationalError as error:
            table = name.split("~")[1]
            raise LayoutError(
                f"{table} isn't stored as declared ({error.orig}): write a migration"
            ) from error


def drop(connection: Connection) -> None:
    """Before a migration: a batch operation fails while a view refers to the table."""
    for name, kind, _ in connection.exec_driver_sql(_NAMED).fetchall():
        if kind == "view":  # its triggers go with it
            connection.exec_driver_sql(f"drop view {quoted(name)}")


def _statements(layout: Layout, token: str) -> Iterator[tuple[str, str]]:
    for table in (*layout.guarded, *layout.open_to_additions):
        yield from _proxy(table, f"w~{table.name}~{token}")


def _proxy(table: Table, view: str) -> Iterator[tuple[str, str]]:
    base = quoted(table.name)
    names = [c.name for c in table.columns]
    key = [c.name for c in table.primary_key]
    fixed = {*key, "marking_id"}
    same = " and ".join(f"{quoted(k)} = old.{quoted(k)}" for k in key)
    yield view, f"CREATE VIEW {quoted(view)} as select {selected(names)} from {base} t"
    if table is table.metadata.tables["marking"]:
        return
    values = ", ".join(f"new.{quoted(n)}" for n in names)
    changes = ", ".join(f"{quoted(n)} = new.{quoted(n)}" for n in names if n not in fixed)
    actions = {
        "insert": f"insert into {base} ({quoted_list(names)}) values ({values})",
        "delete": f"delete from {base} where {same}",
    }
    if changes and not table.info.get("access"):
        actions["update"] = f"update {base} set {changes} where {same}"
    for event, action in sorted(actions.items()):
        name = f"{view}~{event}"
        yield name, f"CREATE TRIGGER {quoted(name)} instead of {event} on {quoted(view)} begin {action}; end"

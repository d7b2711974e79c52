"""Arming a SQLite connection: TEMP views shadow the guarded tables, TEMP triggers guard the writes.

On an armed connection the name `task` finds a view, so the ORM, Core and raw SQL all read what the reader of the
moment may see, and all writes pass the checks below:

* a row is written at the level of the session, never elsewhere, and its marking stays;
* what it refers to is visible in the session: a hidden parent answers like an absent one;
* its keys are free, so that INSERT OR REPLACE can't destroy a row;
* nothing is deleted that others may refer to: the refusal would tell of hidden dependents.
"""

# ruff: noqa: S608 - statements are made of names from the metadata, quoted

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Table

from strongroom.vault.authorizer import Rules, authorizer
from strongroom.vault.guard import GuardedConnection
from strongroom.vault.layout import AUDIT, INTERNED, Layout, json_columns, uniques
from strongroom.vault.proxies import quoted, quoted_list, selected

PRAGMAS = (
    "foreign_keys = on",
    "recursive_triggers = on",
    "synchronous = normal",  # sessions wait for the sync themselves, see durable.py
    "trusted_schema = on",
    "temp_store = memory",
)
READABLE = "in (select value from json_each(vault_readable()))"
NOT_AT_LEVEL = "vault: rows are written at the level of the session"
APPEND_ONLY = "vault: these rows are for good"
REFERRED_TO = "vault: other rows may refer to this one; mark it as gone instead"
FIXED_KEY = "vault: a primary key is fixed"
FOREIGN_KEY = "FOREIGN KEY constraint failed"


@dataclass(frozen=True)
class Shadow:
    """What to arm a reader's connection with. Each defence is a method of its own."""

    layout: Layout

    @property
    def guarded(self) -> tuple[Table, ...]:
        """What is seen through views."""
        return (*self.layout.guarded, *self.layout.open_to_additions)

    @property
    def behind(self) -> tuple[Table, ...]:
        """What only the vault's own views and triggers may touch."""
        return self.guarded

    @property
    def plain_read(self) -> tuple[Table, ...]:
        """What may be read as it is."""
        return self.layout.open_to_readers

    @property
    def plain_write(self) -> tuple[Table, ...]:
        return ()

    def arm(self, connection: GuardedConnection) -> None:
        """Functions, views, triggers, authorizer; then the connection is locked for good."""
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        _define_functions(connection)
        token = secrets.token_hex(8)
        named = connection.execute("select name from sqlite_master where name glob 'w~*'").fetchall()
        self_made = {name for (name,) in named}
        proxies = {name.split("~")[1]: name for name in self_made if name.count("~") == 2}
        secret = set(self_made)
        for table in self.guarded:
            secret.add(f"r~{table.name}~{token}")
            for statement in self._views(table, token):
                connection.execute(statement)
        for table in self.guarded:
            for name, statement in self._triggers(table, token, proxies):
                secret.add(name)
                connection.execute(statement)
        taken = {name.lower() for (name,) in connection.execute("select name from sqlite_master")}
        taken |= {name.lower() for (name,) in connection.execute("select name from pragma_module_list")}
        rules = Rules(
            shadows=frozenset(t.name for t in self.guarded),
            secret=frozenset(secret),
            behind=frozenset(t.name for t in self.behind),
            plain_read=frozenset(t.name for t in self.plain_read),
            plain_write=frozenset(t.name for t in self.plain_write),
            taken=frozenset(taken),
        )
        connection.lock(self._authorizer(rules))

    def _authorizer(self, rules: Rules) -> Callable[..., int] | None:
        return authorizer(rules)

    def _views(self, table: Table, token: str) -> Iterator[str]:
        inner = quoted(f"r~{table.name}~{token}")
        names = [c.name for c in table.columns]
        where = self._visible(table)
        sealed = self._sealed(table)
        shown = ", ".join(
            f"case when vault_reads(t.marking_id) then t.{quoted(n)} end as {quoted(n)}"
            if n in sealed
            else selected([n])
            for n in names
        )
        yield f"create temp view {inner} as select {shown} from main.{quoted(table.name)} t where {where}"
        yield f"create temp view {quoted(table.name)} as select {selected(names)} from temp.{inner} t"

    def _sealed(self, table: Table) -> frozenset[str]:
        """The planner may run a caller's term before the filter. A JSON column is NULL there, so it can't raise."""
        return json_columns(table) if table.info.get("marked") else frozenset()

    def _visible(self, table: Table) -> str:
        if table.name == INTERNED:
            return f"t.id {READABLE}"
        if table.info.get("marked"):
            return f"t.marking_id {READABLE}"
        if table in self.layout.open_to_additions:
            return "false"
        return " and ".join(
            f"exists (select 1 from main.{quoted(end)} e"
            f" where e.id = t.{quoted(column)} and e.marking_id {READABLE})"
            for column, end in table.info["through"].items()
        )

    def _triggers(self, table: Table, token: str, proxies: dict[str, str]) -> Iterator[tuple[str, str]]:
        if table.name == INTERNED:
            return
        proxy = quoted(proxies[table.name])
        names = [c.name for c in table.columns]
        key = [c.name for c in table.primary_key]
        same = " and ".join(f"{quoted(k)} = old.{quoted(k)}" for k in key)
        new_values = ", ".join(f"new.{quoted(n)}" for n in names)
        changes = [f"{quoted(n)} = new.{quoted(n)}" for n in names if n not in key and n != "marking_id"]
        bodies = {
            "insert": [
                self._at_level(table, "new", proxies),
                *self._parents_visible(table, proxies, changed_only=False),
                *self._keys_free(table, proxy),
                f"insert into {proxy} ({quoted_list(names)}) values ({new_values})",
            ],
            "update": [
                self._at_level(table, "old", proxies),
                _refuse(FIXED_KEY, " or ".join(f"new.{quoted(k)} is not old.{quoted(k)}" for k in key)),
                *self._marking_kept(table),
                *self._parents_visible(table, proxies, changed_only=True),
                *self._still_unique(table, proxy),
                *([f"update {proxy} set {', '.join(changes)} where {same}"] if changes else []),
            ],
            "delete": [
                self._at_level(table, "old", proxies),
                *self._deletable(table),
                f"delete from {proxy} where {same}",
            ],
        }
        if table.info.get("append_only") or table in self.layout.open_to_additions:
            bodies["update"] = bodies["delete"] = [_refuse(APPEND_ONLY, "true")]
        for event, body in bodies.items():
            name = f"t~{table.name}~{event}~{token}"
            yield (
                name,
                f"create temp trigger {quoted(name)} instead of {event} on {quoted(table.name)}"
                f" begin {'; '.join(body)}; end",
            )

    def _at_level(self, table: Table, row: str, proxies: dict[str, str]) -> str:
        """Also counts the row: changes() is always 0 for a view."""
        if table.info.get("marked"):
            written = f"vault_row({row}.marking_id)"
        elif table in self.layout.open_to_additions:
            written = "(vault_row(null) or vault_writing())"
        else:
            ends = " or ".join(
                f"exists (select 1 from {quoted(proxies[end])} e"
                f" where e.id = {row}.{quoted(column)} and vault_writes(e.marking_id))"
                for column, end in table.info["through"].items()
            )
            written = f"(vault_row(null) or {ends})"
        return _refuse(NOT_AT_LEVEL, f"not {written}")

    def _parents_visible(self, table: Table, proxies: dict[str, str], *, changed_only: bool) -> Iterator[str]:
        for fk in sorted(_guarded_parents(table), key=lambda fk: fk.parent.name):
            column = quoted(fk.parent.name)
            parent = quoted(proxies[fk.column.table.name])
            changed = f"new.{column} is not old.{column} and " if changed_only else ""
            yield _refuse(
                FOREIGN_KEY,
                f"{changed}new.{column} is not null and not exists (select 1 from {parent} p"
                f" where p.{quoted(fk.column.name)} = new.{column} and vault_reads(p.marking_id))",
            )

    def _keys_free(self, table: Table, proxy: str) -> Iterator[str]:
        for columns in ([c.name for c in table.primary_key], *uniques(table)):
            taken = " and ".join(f"x.{quoted(c)} = new.{quoted(c)}" for c in columns)
            yield _refuse(_not_unique(table, columns), f"exists (select 1 from {proxy} x where {taken})")

    def _still_unique(self, table: Table, proxy: str) -> Iterator[str]:
        for columns in uniques(table):
            changed = " or ".join(f"new.{quoted(c)} is not old.{quoted(c)}" for c in columns)
            taken = " and ".join(f"x.{quoted(c)} = new.{quoted(c)}" for c in columns)
            other = " or ".join(f"x.{quoted(k.name)} <> old.{quoted(k.name)}" for k in table.primary_key)
            yield _refuse(
                _not_unique(table, columns),
                f"({changed}) and exists (select 1 from {proxy} x where {taken} and ({other}))",
            )

    def _marking_kept(self, table: Table) -> Iterator[str]:
        if table.info.get("marked"):
            yield _refuse(NOT_AT_LEVEL, "new.marking_id is not old.marking_id")

    def _deletable(self, table: Table) -> Iterator[str]:
        if table.name in self.layout.referred_to:
            yield _refuse(REFERRED_TO, "true")


class RegistryShadow(Shadow):
    """Plain tables of any kind, and the audit log to append to."""

    @property
    def guarded(self) -> tuple[Table, ...]:
        return (self.layout.metadata.tables[AUDIT],)

    @property
    def behind(self) -> tuple[Table, ...]:
        return self.layout.guarded

    @property
    def plain_read(self) -> tuple[Table, ...]:
        return self.layout.plain

    @property
    def plain_write(self) -> tuple[Table, ...]:
        return self.layout.plain


def _define_functions(connection: GuardedConnection) -> None:
    gaze = connection.gaze

    def vault_row(marking_id: int | None) -> bool:
        gaze.rows += 1
        return marking_id is not None and marking_id == gaze.level_id

    def vault_reads(marking_id: int) -> bool:
        return marking_id in gaze.readable

    connection.create_function("vault_readable", 0, lambda: gaze.readable_json)
    connection.create_function("vault_reads", 1, vault_reads)
    connection.create_function("vault_writes", 1, lambda marking_id: marking_id == gaze.level_id)
    connection.create_function("vault_writing", 0, lambda: gaze.level_id is not None)
    connection.create_function("vault_row", 1, vault_row)


def _guarded_parents(table: Table) -> set[ForeignKey]:
    return {fk for fk in table.foreign_keys if fk.column.table.info.get("marked")}


def _refuse(message: str, condition: str) -> str:
    escaped = message.replace("'", "''")
    return f"select raise(abort, '{escaped}') where {condition}"


def _not_unique(table: Table, columns: list[str]) -> str:
    return f"UNIQUE constraint failed: {', '.join(f'{table.name}.{c}' for c in columns)}"


def is_from_vault(error: sqlite3.Error) -> bool:
    return str(error).startswith("vault: ")

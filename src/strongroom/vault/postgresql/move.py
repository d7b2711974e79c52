"""Moving a workspace from SQLite into an empty PostgreSQL, and looking whether all of it arrived.

Table by table, parents first, in batches that each commit: whoever was killed begins again where the rows end. Nothing is
changed in SQLite until everything was counted and compared; then the folder says where its rows are from now on, and
`strongroom.db` is set aside under another name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, insert, select, text

from strongroom.errors import ConflictError
from strongroom.vault import keys
from strongroom.vault.database import SQLITE_FILE, Claim, Place, UnusableDatabaseError
from strongroom.vault.durable import sync_folder
from strongroom.vault.layout import Layout
from strongroom.vault.postgresql.database import PostgresDatabase
from strongroom.vault.postgresql.dialect import SCHEMA
from strongroom.vault.system import System

SET_ASIDE = "strongroom.db.moved"
_TOGETHER = 1000


class NotTheSameError(ConflictError):
    title = "What arrived is not what was sent"


def copy(
    source: System, target: PostgresDatabase, layout: Layout, tell: Callable[[str, int, int], None]
) -> dict[str, int]:
    """Copy every row, and say how many there are of each table. `tell` hears of progress: table, done, total.

    `target` has its tables and rows of nothing but an earlier copy that broke off: ConflictError otherwise.
    NotTheSameError when the two differ in the end.
    """
    counts = {}
    with source.reading() as reading:
        for table in layout.metadata.sorted_tables:
            total = reading.scalar(select(func.count()).select_from(table)) or 0
            _copy_table(reading, target.system, table, total, tell)
            counts[table.name] = total
        with target.system.writing() as connection:
            _set_sequences(connection, layout)
        with target.system.reading() as there:
            _compare(reading, there, layout)
    return counts


def settle(folder: Path, target: PostgresDatabase) -> None:
    """From now on the rows of this workspace are in PostgreSQL."""
    target.settle()
    for file in folder.glob(f"{SQLITE_FILE}*"):
        if file.name != SET_ASIDE and not file.name.startswith(SET_ASIDE):
            file.rename(folder / file.name.replace(SQLITE_FILE, SET_ASIDE))
    sync_folder(folder)


def open_target(folder: Path, url: str, layout: Layout) -> PostgresDatabase:
    """The PostgreSQL to move into, claimed for this workspace but not yet its home."""
    keys.load(folder)
    place = Place(folder, url)
    claim: Claim | None = place.claimed
    if claim is not None and claim.finished:
        raise UnusableDatabaseError(f"The workspace in {folder} lies in PostgreSQL already.")
    return PostgresDatabase(place, layout)


def _copy_table(
    reading: Connection, system: Any, table: Table, total: int, tell: Callable[[str, int, int], None]
) -> None:
    key = list(table.primary_key.columns)
    with system.reading() as connection:
        there = connection.scalar(select(func.count()).select_from(table)) or 0
        known = {tuple(row) for row in connection.execute(select(*key))} if there else set()
    if there > total:
        raise ConflictError(
            f"{table.name} in the PostgreSQL holds rows that this workspace doesn't have.",
            kept="Nothing was changed in the workspace.",
            remedy="Name an empty database.",
        )
    done = there
    for rows in _batches(reading, table):
        new = [row for row in rows if tuple(row[column.name] for column in key) not in known]
        if new:
            with system.writing() as connection:
                connection.execute(insert(table), new)
            done += len(new)
        tell(table.name, done, total)


def _batches(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    result = reading.execution_options(yield_per=_TOGETHER).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    for rows in result.mappings().partitions(_TOGETHER):
        yield [dict(row) for row in rows]


def _set_sequences(connection: Connection, layout: Layout) -> None:
    for table in layout.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            highest = connection.scalar(select(func.max(column)))
            sequence = f"{SCHEMA}.{table.name}_{column.name}_seq"
            connection.execute(
                text("select setval(:sequence, :at, :used)"),
                {"sequence": sequence, "at": highest or 1, "used": highest is not None},
            )


def _compare(one: Connection, other: Connection, layout: Layout) -> None:
    different = [
        table.name for table in layout.metadata.sorted_tables if _digest(one, table) != _digest(other, table)
    ]
    if different:
        raise NotTheSameError(
            f"These tables differ: {', '.join(different)}.",
            kept="The workspace is as it was, in SQLite.",
            remedy="Empty the PostgreSQL and copy again; stop whatever uses either meanwhile.",
        )


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows, and a hash of all values that depends on no order: collations sort differently."""
    count, total = 0, 0
    result = connection.execution_options(yield_per=_TOGETHER).execute(select(table))
    for row in result:
        packed = orjson.dumps([_plain(value) for value in row], option=orjson.OPT_SORT_KEYS)
        total ^= int.from_bytes(hashlib.sha256(packed).digest(), "big")
        count += 1
    return count, f"{total:064x}"


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else value

"""Looking for what a purge left behind: in every file of the workspace's folder, the database among them.

A place counts that holds a piece of what was deleted which nothing that is still there holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import JSON, Column, Connection, LargeBinary, String, Table, Text, cast, select, text

from strongroom.vault import scheme_file, traces
from strongroom.vault.layout import Layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from strongroom.vault.vault import Vault

_OUR_ID = re.compile("[0-9a-f]{32}")


def search(vault: Vault, prints: traces.Prints, *, besides: str) -> list[str]:
    """Places that hold something of what was deleted and of nothing that is still there; the table `besides` doesn't count."""
    import numpy as np  # heavy, and only the worker purges

    seen: dict[str, NDArray[np.uint64]] = {}
    for file in files_in(vault.folder):
        hits = prints.seen_in_file(file)
        if len(hits):
            seen[str(file.relative_to(vault.folder))] = hits
    if not seen:
        return []
    living = _seen_in_living(vault, prints, list(seen), besides)
    return sorted(name for name, hits in seen.items() if not np.isin(hits, living).all())


def texts_of(
    connection: Connection, table: Table, thing_ids: list[str] | None = None, *, whole: bool = False
) -> Iterator[str]:
    """What rows hold, as it is stored; of JSON also the texts in it. Ids and times only of `whole` rows."""
    columns = [
        column
        for column in table.columns
        if (isinstance(column.type, (String, JSON)) and not _refers(column))
        or (whole and not isinstance(column.type, LargeBinary))
    ]
    if not columns:
        return
    query = select(*(cast(column, Text) for column in columns))
    if thing_ids is not None:
        query = query.where(table.c.id.in_(thing_ids))
    for row in connection.execute(query):
        for column, stored in zip(columns, row, strict=True):
            if stored is not None and (
                whole or not (column.name.endswith("_id") and _OUR_ID.fullmatch(stored))
            ):
                yield stored
                if isinstance(column.type, JSON):
                    yield from traces.leaves(orjson.loads(stored))


def files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def _seen_in_living(
    vault: Vault, prints: traces.Prints, files: list[str], besides: str
) -> NDArray[np.uint64]:
    """What the remaining rows hold too, the files of things that are on their way in, and the program's own words.

    Their ids and times as well: what is gone may have named who is still there.
    """
    import numpy as np

    found = [np.zeros(0, dtype=np.uint64)]
    own = [(vault.folder / scheme_file.FILE).read_text("utf-8")]
    with vault._system.reading() as connection:
        if connection.dialect.name == "sqlite":
            own += connection.scalars(text("select sql from sqlite_master where sql is not null"))
        found += [prints.seen_in(piece) for piece in _pieces(own)]
        for table in vault.layout.metadata.sorted_tables:
            if table.name != besides:
                for piece in _pieces(texts_of(connection, table, whole=True)):
                    found.append(prints.seen_in(piece))
        for name in files:
            file = vault.folder / name
            if file.parent.name == "uploads" and _lives(
                connection, vault.layout, file.name.partition(".")[0]
            ):
                found.append(prints.seen_in_file(file))
    return np.unique(np.concatenate(found))


def _pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """Many texts as a few pieces, apart by more than a window."""
    waiting, size = [], 0
    for each in texts:
        waiting.append(each.encode("utf-8", "replace"))
        size += len(waiting[-1])
        if size > 1 << 18:
            yield bytes(traces.WIDTH).join(waiting)
            waiting, size = [], 0
    if waiting:
        yield bytes(traces.WIDTH).join(waiting)


def _lives(connection: Connection, layout: Layout, thing_id: str) -> bool:
    return any(
        connection.scalar(select(table.c.id).where(table.c.id == thing_id)) is not None
        for table in layout.marked
    )


def _refers(column: Column[Any]) -> bool:
    return bool(column.foreign_keys) or column.name == "id"

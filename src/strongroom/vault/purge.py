"""Destroying things, so that they are nowhere under the workspace's folder, and proving it.

Three steps, each safe to be done again after a crash: `begin` deletes the rows in one transaction and remembers what is in
hand; `finish` destroys files, writes the ledger, has the database give up the bytes, and looks for them; `put_away`
forgets what was in hand. `reapply` purges again, by the ledger, in a workspace that came out of a backup.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    String,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import BusyError
from strongroom.vault import blobs, clock, purge_ledger, refusals, remark, residue, traces
from strongroom.vault.family import Family, hard_family, sources_in_store
from strongroom.vault.layout import Layout
from strongroom.vault.lineage import EDGES
from strongroom.vault.listed import batched
from strongroom.vault.reader import Reader
from strongroom.vault.remark import Also, Chosen, Move, Moved
from strongroom.vault.tables import Base

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault

PATIENCE_SECONDS = 60.0
LOOKS = 3
"""Who writes while a purge looks around leaves earlier versions of rows in pages that were just written anew: those go too."""


class Purged(Base):
    """An id whose thing is gone for good. Nobody reads this table but the program."""

    __tablename__ = "purged"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    thing_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    case: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class PurgeInHand(Base):
    """A purge whose rows are deleted and whose proof is outstanding. `prints` are fingerprints, not content."""

    __tablename__ = "purge_in_hand"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    things: Mapped[dict[str, Any]]
    files: Mapped[list[str]]
    tables: Mapped[list[str]]
    prints: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Proof:
    """What was done so that things are gone, and what a search for them found. Says nothing of how much there was: its
    reader may not be cleared for all of it.

    `residue` are places that still held something that no other thing of the workspace holds; none when all is well.
    """

    at: str
    database: str
    done: list[str]
    searched: list[str]
    encodings: list[str]
    width: int
    residue: list[str]
    operator: list[str]

    @property
    def clean(self) -> bool:
        return not self.residue

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


def begin(
    vault: Vault,
    reader: Reader,
    root: tuple[str, str],
    case: str,
    work_id: str,
    things: Chosen,
    also: Also | None = None,
) -> Moved | None:
    """Delete the things that `things` chooses, and what can't be there without them. None when this work was begun before."""
    with _deleting(vault) as connection:
        if connection.scalar(select(PurgeInHand.id).where(PurgeInHand.id == work_id)) is not None:
            return None
        remark.keep_writers_out(vault, connection)
        family = hard_family(connection, vault.layout, things(connection))
        moved = Moved()
        for kind, found in family.items():
            moved[kind] = {id_: Move(before, None) for id_, before in found.items()}
        prints = traces.Prints.of(_texts(connection, vault.layout, family), count=family.size)
        files = sorted({*_ids(family), *_origins(vault, connection, family)})
        now = clock.now()
        row = {
            "id": work_id,
            "case": case,
            "at": now,
            "things": {kind: sorted(found) for kind, found in family.items()},
            "files": files,
            "tables": sorted(_touched(vault.layout, family)),
            "prints": prints.packed(),
        }
        remark.record(vault, connection, reader, moved, "spill.purge", root)
        _delete(connection, vault.layout, family)
        _remember(connection, family, case, now)
        connection.execute(insert(PurgeInHand), row)
        remark.tell(connection, moved)
        if also is not None:
            also(connection, moved)
    return moved


def finish(vault: Vault, work_id: str) -> Proof:
    """Do what is left of a purge that was begun. May be called again. BusyError while somebody reads without end."""
    with vault._system.reading() as connection:
        row = connection.execute(select(PurgeInHand).where(PurgeInHand.id == work_id)).one()
    _destroy_files(vault, row.files)
    purge_ledger.write(vault, work_id, row.case, row.at, row.things)
    prints = traces.Prints.unpacked(row.prints)
    for _ in range(LOOKS):
        done = _give_up_bytes(vault, row.tables)
        left = residue.search(vault, prints, besides=PurgeInHand.__tablename__)
        if not left:
            break
    postgresql = _is_postgresql(vault)
    return Proof(
        at=clock.now().isoformat(),
        database="PostgreSQL" if postgresql else "SQLite",
        done=[
            "rows deleted",
            "keys of files destroyed with their rows",
            "files overwritten and removed",
            *done,
        ],
        searched=[
            "all files of the workspace's folder: jobs, uploads, stored files, ledger, keys, locks",
            *([] if postgresql else ["the database file, its write-ahead log and shared memory"]),
        ],
        encodings=list(traces.ENCODINGS),
        width=traces.WIDTH,
        residue=left,
        operator=_POSTGRESQL if postgresql else _SQLITE,
    )


def put_away(vault: Vault, work_id: str, also: Also | None = None) -> None:
    """Forget what was in hand, in one transaction with `also`."""
    with vault._system.writing() as connection:
        connection.execute(delete(PurgeInHand).where(PurgeInHand.id == work_id))
        if also is not None:
            also(connection, Moved())


def reapply(vault: Vault, ledger: Path | None = None) -> int:
    """Purge again what a ledger says was purged: for a workspace that came out of a backup. Says how many things were
    there again. `ledger` is that of the workspace as it was last, or its copy; without one, the restored one.

    LedgerError for one that this workspace's key didn't sign, with a line missing or changed, or of another past.
    """
    lines = purge_ledger.adopt(vault, ledger)
    with _deleting(vault) as connection:
        gone: dict[str, set[str]] = {}
        for line in lines:
            for kind, thing_ids in line["things"].items():
                if kind in vault.layout.metadata.tables:
                    gone.setdefault(kind, set()).update(thing_ids)
        family = hard_family(connection, vault.layout, gone)
        moved = Moved(
            {kind: {id_: Move(at, None) for id_, at in found.items()} for kind, found in family.items()}
        )
        files = {*(each for found in gone.values() for each in found), *_ids(family)}
        files |= _origins(vault, connection, family)
        touched = _touched(vault.layout, family)
        _delete(connection, vault.layout, family)
        _remember(connection, family, "restored", clock.now())
        connection.execute(delete(PurgeInHand))
        remark.tell(connection, moved)
    _destroy_files(vault, files)
    if family:
        _give_up_bytes(vault, touched)
    return family.size


def purged_ids(connection: Connection) -> frozenset[str]:
    return frozenset(connection.scalars(select(Purged.thing_id)))


def _texts(connection: Connection, layout: Layout, family: Family) -> Iterator[str]:
    """Every text that the things hold."""
    for kind, found in family.items():
        for some in batched(sorted(found)):
            yield from residue.texts_of(connection, layout.metadata.tables[kind], some)


def _ids(family: Family) -> Iterator[str]:
    for found in family.values():
        yield from found


def _origins(vault: Vault, connection: Connection, family: Family) -> set[str]:
    """Ids of what the things came from, directly or not: a file that lies there under one of them has their content."""
    found: set[str] = set()
    new = {(kind, id_) for kind, ids in family.items() for id_ in ids}
    while new:
        by_kind: dict[str, set[str]] = {}
        for kind, id_ in new:
            by_kind.setdefault(kind, set()).add(id_)
        new = set()
        for kind, ids in by_kind.items():
            for ends in sources_in_store(
                connection, vault.layout, kind, ids, vault.markings.dominates
            ).values():
                new |= {end for end in ends if end[1] not in found}
        found |= {id_ for _, id_ in new}
    return found


def _touched(layout: Layout, family: Family) -> set[str]:
    """Tables whose rows go, or went: an earlier marking of a row is an earlier version of it."""
    return {*family, *(table.name for table in layout.through), EDGES} & layout.metadata.tables.keys()


def _delete(connection: Connection, layout: Layout, family: Family) -> None:
    """Rows, those that refer to them first, and the edges that say what they were made from."""
    for table in layout.through:
        for column, end in table.info["through"].items():
            for some in batched(sorted(family.get(end, ()))):
                connection.execute(delete(table).where(table.c[column].in_(some)))
    edge = layout.metadata.tables.get(EDGES)
    for table in reversed(layout.marked):
        for some in batched(sorted(family.get(table.name, ()))):
            if edge is not None:
                made = (edge.c.derived_id.in_(some), edge.c.derived_kind == table.name)
                every = edge.c.marking_id.in_(select(layout.interned.c.id))
                connection.execute(delete(edge).where(every, *made))
            connection.execute(delete(table).where(table.c.id.in_(some)))


def _remember(connection: Connection, family: Family, case: str, now: datetime) -> None:
    known = purged_ids(connection)
    rows = [
        {"thing_id": id_, "kind": kind, "case": case, "at": now}
        for kind, found in family.items()
        for id_ in found
        if id_ not in known
    ]
    if rows:
        connection.execute(insert(Purged), rows)


def _destroy_files(vault: Vault, names: Iterable[str]) -> None:
    """Files whose name is an id of what is gone, wherever in the folder they lie. One that is gone already is no harm."""
    gone = set(names)
    with refusals.of_files():
        for file in residue.files_in(vault.folder):
            if file.name.partition(".")[0] in gone:
                blobs.overwrite(file)


def _give_up_bytes(vault: Vault, tables: Collection[str]) -> list[str]:
    """Have the database keep nothing of deleted rows. Says what was done."""
    if _is_postgresql(vault):
        with vault._system.reading() as connection:
            engine = connection.engine
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            for name in sorted(tables):
                alone.execute(text(f'vacuum full "{name}"'))
        # Which tables that were would tell its reader of things at other markings.
        return ["VACUUM FULL of every table that held some of it"]
    alone_here = sqlite3.connect(vault.folder / "strongroom.db", timeout=1.0, isolation_level=None)
    try:
        alone_here.execute("pragma secure_delete = on")
        with vault._turn.taken():
            alone_here.execute("vacuum")
        _empty_log(alone_here)
    except sqlite3.Error as error:
        raise refusals.translate(error) or error from error
    finally:
        alone_here.close()
    return ["freed pages zeroed (secure_delete)", "database rewritten (VACUUM)", "write-ahead log emptied"]


def _empty_log(connection: sqlite3.Connection) -> None:
    """As soon as nobody reads from it any more."""
    until = time.monotonic() + PATIENCE_SECONDS
    while connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
        if time.monotonic() > until:
            raise BusyError(
                "Somebody has been reading for too long: the write-ahead log can't be emptied.",
                kept="What was deleted stays deleted.",
                remedy="Resume this when the long read is over.",
            )
        time.sleep(0.05)


@contextmanager
def _deleting(vault: Vault) -> Iterator[Connection]:
    """A transaction of the system engine. SQLite would look for dependents of each row by reading whole tables, since
    every index begins with a marking; it looks once, at the end. It zeroes deleted bytes at once."""
    with vault._turn.taken(), vault._system.migrating_in_turn() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("pragma secure_delete = on")
        yield connection
        if connection.dialect.name == "sqlite":
            left = connection.exec_driver_sql("pragma foreign_key_check").first()
            if left is not None:
                raise RuntimeError(f"a purge would leave something of {left[0]} without what it refers to")


def _is_postgresql(vault: Vault) -> bool:
    with vault._system.reading() as connection:
        return connection.dialect.name == "postgresql"


_SQLITE = [
    "Backups made before the purge still hold it, and with it the keys of its files: destroy them, or restore them only "
    "with `strongroom restore`, which purges again.",
    "What people downloaded, copied or remember is not in this house any more.",
    "A disk may keep old versions of blocks (snapshots, copy-on-write, flash): encrypt the volume, or destroy the medium.",
]
_POSTGRESQL = [
    "The files of PostgreSQL itself were not searched.",
    "VACUUM FULL wrote the tables anew; PostgreSQL removes the old files at its next checkpoint: run CHECKPOINT.",
    "Archived write-ahead log, base backups and standbys made before still hold the rows: let archives expire or delete "
    "them, take a new base backup, rebuild standbys or wait until they have replayed this.",
    *_SQLITE,
]

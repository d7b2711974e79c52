"""A backup of a workspace that people go on working in.

The database comes first, as of one moment, from a reading transaction: nobody waits for it. The files follow. A blob is in
place before a row refers to it, and stays for as long as one does, so those of that moment are still there. Only a
purge takes a blob away sooner; then the snapshot holds what was to be purged, and is taken again. Files that a room keeps
beside the database (`keeps`) go when their work is done; so they are copied before the snapshot, and after it too.

A backup is registered before it begins, since whoever purges afterwards has to know of it. It is written aside, synced and
renamed: a folder that has the name is whole.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, String, create_engine, delete, func, inspect, select, table, update
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import ConflictError, InvalidError
from strongroom.vault import (
    clock,
    ids,
    keys,
    manifest,
    migrate,
    portable,
    purge_ledger,
    refusals,
    scheme_file,
)
from strongroom.vault.audit_log import LogBrokenError
from strongroom.vault.blobs import Blob
from strongroom.vault.database import SQLITE_FILE
from strongroom.vault.durable import sync_folder
from strongroom.vault.manifest import Entry, LogState, Manifest
from strongroom.vault.tables import Base
from strongroom.vault.vault import Vault

BLOBS = "blobs"
_TIMES = 5  # a purge that comes between twice is rare, five times would be something else


class BackupRecord(Base):
    """A backup that was begun: whatever is purged later may still be in it. `sha256` is that of its manifest, None for
    one that never came to its end (what there is of it lies beside `path`, with `.part` after the name)."""

    __tablename__ = "backup_record"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
    path: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))


@dataclass(frozen=True)
class Backup:
    """A backup that was made. `sha256` is that of its manifest."""

    folder: Path
    manifest: Manifest
    sha256: str

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(entry.size for entry in self.manifest.files)


@dataclass(frozen=True)
class _Snapshot:
    """What the database holds at one moment: of blobs id and key, of the files of rooms whether they must be there."""

    rows: dict[str, int]
    revision: str | None
    audit_log: LogState | None
    blobs: dict[str, bytes]
    files: dict[str, bool]


class _GoneMeanwhileError(Exception):
    """Something of the snapshot was purged, or done with, before it was copied."""


Wanted = Callable[[Connection], Iterable[tuple[str, bool]]]
_rooms: dict[str, Wanted] = {}


def keeps(folder: str, wanted: Wanted) -> None:
    """A room says that it keeps files in a folder of the workspace, beside the database. `wanted` names those that a
    backup takes along, as the database tells, each with whether it can't be done without."""
    _rooms[folder] = wanted


def make(vault: Vault, destination: Path, *, keys_to: Path | None = None) -> Backup:
    """Backs up an open workspace, served or not, into `destination`, which must not exist yet.

    With `keys_to` the workspace's secret goes there and not into the backup. ConflictError when one of both exists
    already, InvalidError for a place inside the workspace, StorageFullError when there is no room.
    """
    destination = destination.absolute()
    _check_place(vault, destination)
    record_id = _register(vault, destination)
    with suppress(LogBrokenError):  # a damaged log is backed up as it is, and a drill finds it
        vault.audit_log.take_up()
    aside = destination.with_name(f"{destination.name}.{record_id[:8]}.part")
    try:
        with refusals.of_files():
            whole = _purge_aware(vault, aside, keys_to)
            sha256 = whole.save(aside)
            for folder in sorted(path for path in aside.rglob("*") if path.is_dir()):
                sync_folder(folder)
            sync_folder(aside)
            aside.rename(destination)
            sync_folder(destination.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        if not aside.exists():
            _forget(vault, record_id)
        raise
    _complete(vault, record_id, sha256)
    return Backup(destination, whole, sha256)


def _check_place(vault: Vault, destination: Path) -> None:
    if destination.exists():
        raise ConflictError(f"There is something at {destination} already.", remedy="Name a new folder.")
    if destination.resolve().is_relative_to(vault.folder.resolve()):
        raise InvalidError("A backup inside the workspace would be lost with it.")
    destination.parent.mkdir(parents=True, exist_ok=True)


def _purge_aware(vault: Vault, aside: Path, keys_to: Path | None) -> Manifest:
    for _ in range(_TIMES):
        aside.mkdir(mode=0o700)
        try:
            return _written(vault, aside, keys_to)
        except _GoneMeanwhileError:
            shutil.rmtree(aside)
    raise ConflictError("Things were removed while the backup was made.", remedy="Try again later.")


def _written(vault: Vault, aside: Path, keys_to: Path | None) -> Manifest:
    early = _copy_early(vault, aside)
    made_at = clock.now()
    with _snapshot(vault, aside / SQLITE_FILE) as connection:
        snapshot = _described(vault, connection)
    files = [_entry(aside, aside / SQLITE_FILE)]
    missing = _copy_blobs(vault, aside, snapshot.blobs, files)
    missing += _copy_files(vault, aside, snapshot.files, early, files)
    _raise_if_gone(vault, snapshot, missing)
    for name in (scheme_file.FILE, *(() if keys_to else (keys.FILE,))):
        files.append(_copied(vault.folder / name, aside, name))
    if (vault.folder / purge_ledger.FILE).exists():
        files.append(_copied(vault.folder / purge_ledger.FILE, aside, purge_ledger.FILE))
    secret_sha256, _ = manifest.digest(vault.folder / keys.FILE)
    if keys_to is not None:
        _set_keys_apart(vault, keys_to, secret_sha256)
    return Manifest(
        kind=_kind(vault),
        made_at=made_at,
        program=version("strongroom"),
        revision=snapshot.revision,
        scheme=vault.scheme.name,
        scheme_hash=vault.scheme.hash,
        keys="apart" if keys_to else "included",
        keys_sha256=secret_sha256,
        rows=snapshot.rows,
        audit_log=snapshot.audit_log,
        missing=missing,
        files=files,
    )


@contextmanager
def _snapshot(vault: Vault, target: Path) -> Iterator[Connection]:
    """Writes the database as of now to `target`, without what was deleted from it, and lets it be read."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with vault._system.reading() as connection:
        if connection.dialect.name == "sqlite":
            _vacuum_into(vault.folder / SQLITE_FILE, target)
        else:
            portable.write(connection, vault.layout.metadata, migrate.revision_of(connection), target)
    manifest.sync(target)
    with reading(target) as copied:
        yield copied


def _vacuum_into(live: Path, target: Path) -> None:
    connection = sqlite3.connect(f"{live.absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("vacuum into ?", (str(target),))
    except sqlite3.Error as error:
        raise refusals.translate(error) or error from error
    finally:
        connection.close()


@contextmanager
def reading(database: Path) -> Iterator[Connection]:
    """A connection to the database of a backup that leaves no trace beside it."""
    address = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _kind(vault: Vault) -> Literal["sqlite", "postgresql"]:
    """Where the rows lie that a backup is made of."""
    with vault._system.reading() as connection:
        return "sqlite" if connection.dialect.name == "sqlite" else "postgresql"


def _described(vault: Vault, connection: Connection) -> _Snapshot:
    return _Snapshot(
        rows=counts(connection),
        revision=migrate.revision_of(connection),
        audit_log=_log_state(vault, connection),
        blobs=_blobs(connection),
        files=_files_of_rooms(connection),
    )


def _log_state(vault: Vault, connection: Connection) -> LogState | None:
    try:
        head = vault.audit_log.head_in(connection)
    except LogBrokenError:
        return None
    return LogState(size=head.size, root=head.root.hex(), note=head.note)


def _blobs(connection: Connection) -> dict[str, bytes]:
    """Id -> key."""
    return {row.id: row.key for row in connection.execute(select(Blob.id, Blob.key).order_by(Blob.id))}


def _files_of_rooms(connection: Connection) -> dict[str, bool]:
    """Path in the workspace -> whether it must be there."""
    return {
        f"{folder}/{name}": needed for folder, wanted in _rooms.items() for name, needed in wanted(connection)
    }


def _copy_early(vault: Vault, aside: Path) -> dict[str, Entry]:
    """What rooms want as of now, since it may be gone after the snapshot."""
    with vault._system.reading() as connection:
        wanted = _files_of_rooms(connection)
    copied: list[Entry] = []
    _copy_each(vault, aside, wanted, copied)
    return {entry.path: entry for entry in copied}


def _copy_files(
    vault: Vault, aside: Path, wanted: dict[str, bool], early: dict[str, Entry], files: list[Entry]
) -> list[str]:
    for path in early.keys() - wanted.keys():
        (aside / path).unlink()
    files.extend(entry for path, entry in early.items() if path in wanted)
    lost = _copy_each(vault, aside, [path for path in wanted if path not in early], files)
    return [path for path in lost if wanted[path]]


def _copy_blobs(vault: Vault, aside: Path, blob_ids: Iterable[str], files: list[Entry]) -> list[str]:
    (aside / BLOBS).mkdir(mode=0o700)
    places = [vault.blobs.place(blob_id).relative_to(vault.folder).as_posix() for blob_id in blob_ids]
    return _copy_each(vault, aside, places, files)


def _copy_each(vault: Vault, aside: Path, paths: Iterable[str], files: list[Entry]) -> list[str]:
    """Copies files of the workspace, adds them to `files`, and says which aren't there."""
    lost = []
    for path in paths:
        (aside / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            files.append(_copied(vault.folder / path, aside, path))
        except FileNotFoundError:
            lost.append(path)
    return lost


def _raise_if_gone(vault: Vault, snapshot: _Snapshot, missing: list[str]) -> None:
    """A purge may also have overwritten what was being copied: its rows, or their keys, are other ones then."""
    with vault._system.reading() as connection:
        blobs, files = _blobs(connection), _files_of_rooms(connection)
    gone = any(blobs.get(blob_id) != key for blob_id, key in snapshot.blobs.items())
    if gone or any(path in snapshot.files and not files.get(path) for path in missing):
        raise _GoneMeanwhileError


def _set_keys_apart(vault: Vault, keys_to: Path, sha256: str) -> None:
    """Written once; later backups of the same workspace may name the same file."""
    if keys_to.exists():
        if manifest.digest(keys_to)[0] != sha256:
            raise ConflictError(f"Other keys lie at {keys_to} already.", remedy="Name another file.")
        return
    keys_to.parent.mkdir(parents=True, exist_ok=True)
    manifest.copy(vault.folder / keys.FILE, keys_to)
    sync_folder(keys_to.parent)


def _copied(source: Path, aside: Path, name: str) -> Entry:
    sha256, size = manifest.copy(source, aside / name)
    return Entry(path=name, size=size, sha256=sha256)


def _entry(aside: Path, path: Path) -> Entry:
    sha256, size = manifest.digest(path)
    return Entry(path=path.relative_to(aside).as_posix(), size=size, sha256=sha256)


def _register(vault: Vault, destination: Path) -> str:
    record = BackupRecord(
        id=ids.new_id(), at=clock.now(), path=str(destination), sha256=None, kind=_kind(vault)
    )
    with vault.registry(write=True) as session:
        session.add(record)
        session.audit("backup.begin", "backup", record.id, how="operator")
    return record.id


def _complete(vault: Vault, record_id: str, sha256: str) -> None:
    with vault.registry(write=True) as session:
        session.execute(update(BackupRecord).where(BackupRecord.id == record_id).values(sha256=sha256))
        session.audit("backup.made", "backup", record_id, how="operator", sha256=sha256)


def _forget(vault: Vault, record_id: str) -> None:
    """Of a backup of which nothing is left."""
    with vault.registry(write=True) as session:
        session.execute(delete(BackupRecord).where(BackupRecord.id == record_id))
        session.audit("backup.failed", "backup", record_id, "failed", how="operator")

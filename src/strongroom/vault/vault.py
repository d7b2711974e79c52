"""The vault: a folder with a database and blobs, and the one door to them."""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import MetaData, Table

from strongroom.errors import NotPermittedError
from strongroom.markings import Marking, Scheme
from strongroom.vault import audit, durable, keys, migrate, scheme_file
from strongroom.vault.audit_log import AuditLog
from strongroom.vault.blobs import BlobStore
from strongroom.vault.database import Database, Place, connect_to_postgres, place_of
from strongroom.vault.glance import Glances
from strongroom.vault.layout import Layout
from strongroom.vault.markings_table import Markings
from strongroom.vault.prepared import REFUSED, Prepared
from strongroom.vault.reader import Reader
from strongroom.vault.session import ReaderSession, RegistrySession
from strongroom.vault.shadow import Shadow
from strongroom.vault.sight import BLIND, Sight
from strongroom.vault.sqlite import SqliteDatabase
from strongroom.vault.tables import Base


class Vault:
    """An open workspace. Threads share one; each process opens its own. Close it with `close`, or use `with`.

    `reading` and `writing` are how people reach marked tables, `registry` is how the program reaches accounts.
    """

    def __init__(self, folder: Path, scheme: Scheme, layout: Layout, database: Database) -> None:
        """For `create` and `open`."""
        self.folder = folder
        self.scheme = scheme
        self.layout = layout
        self._database = database
        self._turn, self._system = database.turn, database.system
        self._readers, self._writers = database.readers, database.writers
        self._registry_readers = database.registry_readers
        self._registry_writers = database.registry_writers
        self._reader_glances = Glances(database.readers)
        self._registry_glances = Glances(database.registry_readers)
        self._keys = keys.load(folder)
        self.markings = Markings(scheme, self._system)
        self.blobs = BlobStore(folder / "blobs", self._system)
        self.audit_log = AuditLog(self._system, self._keys)

    @classmethod
    def create(
        cls, folder: Path, scheme: Scheme, *, metadata: MetaData = Base.metadata, database: str | None = None
    ) -> Self:
        """A new workspace in `folder`, which may exist but holds no workspace yet (FileExistsError). What was left by a
        creation that broke off is taken up; once this returns, a power cut takes nothing of it.

        `database` is the URL of an empty PostgreSQL, "" for SQLite in the folder, None for what the environment says.
        UnusableDatabaseError for one that can't be used.
        """
        layout = _checked(metadata)
        place = place_of(folder, database)
        _make_folder(folder)
        with _alone(folder):  # two creators can't both win
            if place.is_taken():
                raise FileExistsError(f"there is a workspace in {folder}")
            (folder / "blobs").mkdir(mode=0o700, exist_ok=True)
            keys.make(folder)
            scheme_file.save(scheme, folder)
            vault = cls._opened(place, scheme, layout)
            durable.sync_folder(folder)
            return vault

    @classmethod
    def open(cls, folder: Path, *, metadata: MetaData = Base.metadata, database: str | None = None) -> Self:
        """The workspace in `folder` (FileNotFoundError when there is none), its tables brought up to date. `database`
        as in `create`."""
        place = place_of(folder, database)
        if not place.is_taken():
            raise FileNotFoundError(f"no workspace in {folder}")
        return cls._opened(place, scheme_file.load(folder), _checked(metadata))

    @classmethod
    def _opened(cls, place: Place, scheme: Scheme, layout: Layout) -> Self:
        vault = cls(place.folder, scheme, layout, cls._connected(place, layout))
        with vault._turn.taken():
            migrate.bring_up_to_date(vault._system, layout)
            vault.markings.intern_in_turn(scheme.bottom)
        vault._database.settle()
        return vault

    @classmethod
    def _connected(cls, place: Place, layout: Layout) -> Database:
        if place.url is None:
            return SqliteDatabase(place, cls._shadow(layout))
        return connect_to_postgres(place, layout)

    @classmethod
    def _shadow(cls, layout: Layout) -> Shadow:
        return Shadow(layout)

    @contextmanager
    def reading(self, reader: Reader, *, up_to: Marking | None = None) -> Iterator[ReaderSession]:
        """A session that sees everything the reader's clearance permits and writes nothing. With `up_to` it sees
        only what is no higher than that: what is read so may be written at that level.

        What it disclosed (`session.audit`) is committed to the audit log before the context ends. If that fails, the
        context raises: send nothing before it has ended.
        """
        sight = self.markings.sight(reader.clearance, up_to, None)
        with ReaderSession(
            self, self._readers, sight, reader, reader.level if up_to is None else up_to
        ) as session:
            yield session
        if session.disclosures:
            self._record(session)

    @contextmanager
    def writing(self, reader: Reader, level: Marking | None = None) -> Iterator[ReaderSession]:
        """A session that sees what is no higher than `level` (by default the reader's working level) and writes
        exactly at it. Commits on leaving, rolls back on an error.

        So nothing is ever stored below what it was made from. NotPermittedError when the clearance doesn't permit the
        level. Writers queue; keep it short, and let long work write chunk by chunk.
        """
        level = reader.level if level is None else level
        if not reader.clearance.permits(level):
            raise NotPermittedError("Your clearance doesn't permit this level.")
        with self._turn.taken(), self._session_at(reader, level) as session:
            yield session
        if session.changed:
            self._database.sync()

    @contextmanager
    def registry(self, write: bool = False) -> Iterator[RegistrySession]:
        """A session on plain tables of any kind. With `write`, commits on leaving and rolls back on an error."""
        if not write:
            with RegistrySession(self, self._registry_readers, BLIND, writes=False) as session:
                yield session
            return
        with self._turn.taken():
            sight = Sight(frozenset(), self.markings.intern_in_turn(self.scheme.bottom))
            with RegistrySession(self, self._registry_writers, sight, writes=True) as session:
                yield session
                session.commit()
        if session.changed:
            self._database.sync()

    def glance(
        self, statement: Prepared, values: Mapping[str, Any], reader: Reader | None = None
    ) -> list[Any]:
        """The rows that one query finds: of what `reader` may see, or without one in plain tables of any kind. For what
        every request asks first; everything else belongs in a session."""
        if self.near:
            sight = BLIND if reader is None else self.markings.sight(reader.clearance, None, None)
            glances = self._registry_glances if reader is None else self._reader_glances
            try:
                return glances.all(sight, statement, values)
            except REFUSED:
                pass  # a session says it in the words of `strongroom.errors`
        with self.registry() if reader is None else self.reading(reader) as session:
            return statement.all(session.connection(), values)

    def learn_size(self, table: Table) -> None:
        """A table has grown a lot: questions are planned by its new size from now on. Outside of a writing session."""
        self._database.learn_size(table)

    @property
    def near(self) -> bool:
        """Whether the database is in this process, so that a lookup takes microseconds and never waits for a network."""
        return self._database.near

    def beside(self, name: str) -> str:
        """The URL of a database beside this one, for a library that keeps ids there: a file `<name>.db` in the folder, or
        the same PostgreSQL."""
        return self._database.beside(name)

    def wait_alone(self, name: str) -> None:
        """Wait until no other process, on any machine, does `name` for this workspace; it is ours until we die."""
        self._database.wait_alone(name)

    def check_alone(self) -> None:
        """UnusableDatabaseError when what `wait_alone` gave may have been lost: then stop, others may have begun."""
        self._database.check_alone()

    def key(self, purpose: str) -> bytes:
        """32 secret bytes of this workspace, other ones for each purpose."""
        return keys.derive(self._keys, purpose)

    def close(self) -> None:
        """Let go of all connections and files."""
        self._reader_glances.close()
        self._registry_glances.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _session_at(self, reader: Reader, level: Marking) -> Iterator[ReaderSession]:
        level_id = self.markings.intern_in_turn(level)
        sight = self.markings.sight(reader.clearance, level, level_id)
        with ReaderSession(self, self._writers, sight, reader, level) as session:
            yield session
            session.commit()

    def _record(self, session: ReaderSession) -> None:
        """Write what a reading session disclosed, each entry as high as what it disclosed and as the level that the
        reader works at: what somebody looks into up there must not show down here. The clearance permitted each
        part; whether it permits the join doesn't matter, since the entry isn't shown."""
        entries: defaultdict[Marking, list[dict[str, Any]]] = defaultdict(list)
        for values, disclosed in session.disclosures:
            entries[self.scheme.join((session.reader.level, *disclosed))].append(values)
        with self._turn.taken():
            for level, rows in entries.items():
                with self._session_at(session.reader, level) as writing:
                    audit.write(writing.connection(), rows, level, self.audit_log.secret)
        self._database.sync()


def _checked(metadata: MetaData) -> Layout:
    layout = Layout(metadata)
    layout.check()
    return layout


def _make_folder(folder: Path) -> None:
    """Makes a folder, and those above that lack, with names that last."""
    if not folder.is_dir():
        _make_folder(folder.absolute().parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    if (above := folder.absolute().parent) != folder:
        with suppress(PermissionError):  # not ours to read: somebody else's care
            durable.sync_folder(above)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits for its turn among those who create in this folder."""
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)

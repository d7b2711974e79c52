"""The vault: a folder with a database and blobs, and the one door to them."""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import MetaData, insert

from strongroom.errors import NotPermittedError
from strongroom.markings import Marking, Scheme
from strongroom.vault import durable, keys, migrate, scheme_file
from strongroom.vault.audit import AuditEntry
from strongroom.vault.blobs import BlobStore
from strongroom.vault.durable import Log
from strongroom.vault.engines import reading_engine, writing_engine
from strongroom.vault.layout import Layout
from strongroom.vault.markings_table import Markings
from strongroom.vault.reader import Reader
from strongroom.vault.session import ReaderSession, RegistrySession
from strongroom.vault.shadow import RegistryShadow, Shadow
from strongroom.vault.sight import BLIND, Sight
from strongroom.vault.system import System
from strongroom.vault.tables import Base
from strongroom.vault.turn import Turn

DATABASE = "strongroom.db"


class Vault:
    """An open workspace. Threads share one; each process opens its own. Close it with `close`, or use `with`.

    `reading` and `writing` are how people reach marked tables, `registry` is how the program reaches accounts.
    """

    def __init__(self, folder: Path, scheme: Scheme, layout: Layout, shadow: Shadow) -> None:
        """For `create` and `open`."""
        self.folder = folder
        self.scheme = scheme
        self.layout = layout
        self._turn = Turn(folder)
        self._system = System(folder / DATABASE, self._turn)
        self._log = Log(folder / DATABASE, self._system.empty_log)
        self._keys = keys.load(folder)
        self.markings = Markings(scheme, self._system)
        self.blobs = BlobStore(folder / "blobs", self._system)
        registry = RegistryShadow(layout)
        self._readers = reading_engine(folder / DATABASE, shadow)
        self._writers = writing_engine(folder / DATABASE, shadow)
        self._registry_readers = reading_engine(folder / DATABASE, registry)
        self._registry_writers = writing_engine(folder / DATABASE, registry)

    @classmethod
    def create(cls, folder: Path, scheme: Scheme, *, metadata: MetaData = Base.metadata) -> Self:
        """A new workspace in `folder`, which may exist but holds no workspace yet (FileExistsError). What was left by a
        creation that broke off is taken up; once this returns, a power cut takes nothing of it."""
        layout = _checked(metadata)
        _make_folder(folder)
        with _alone(folder):  # two creators can't both win
            if not _is_empty(folder):
                raise FileExistsError(f"there is a workspace in {folder}")
            (folder / "blobs").mkdir(mode=0o700, exist_ok=True)
            keys.make(folder)
            scheme_file.save(scheme, folder)
            os.close(os.open(folder / DATABASE, os.O_CREAT | os.O_RDWR, 0o600))
            vault = cls._opened(folder, scheme, layout)
            durable.sync_folder(folder)
            return vault

    @classmethod
    def open(cls, folder: Path, *, metadata: MetaData = Base.metadata) -> Self:
        """The workspace in `folder` (FileNotFoundError when there is none), its tables brought up to date."""
        if _is_empty(folder):
            raise FileNotFoundError(f"no workspace in {folder}")
        return cls._opened(folder, scheme_file.load(folder), _checked(metadata))

    @classmethod
    def _opened(cls, folder: Path, scheme: Scheme, layout: Layout) -> Self:
        vault = cls(folder, scheme, layout, cls._shadow(layout))
        with vault._turn.taken():
            migrate.bring_up_to_date(vault._system, layout)
            vault.markings.intern_in_turn(scheme.bottom)
        return vault

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
            self._log.sync()

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
            self._log.sync()

    @property
    def near(self) -> bool:
        """Whether the database is in this process, so that a lookup takes microseconds and never waits for a network."""
        return True

    def key(self, purpose: str) -> bytes:
        """32 secret bytes of this workspace, other ones for each purpose."""
        return keys.derive(self._keys, purpose)

    def close(self) -> None:
        """Let go of all connections and files."""
        for engine in (self._readers, self._writers, self._registry_readers, self._registry_writers):
            engine.dispose()
        self._system.close()
        self._turn.close()

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
        """Write what a reading session disclosed, each entry as high as what it disclosed. The clearance permitted
        each part; whether it permits the join doesn't matter, since the entry isn't shown."""
        entries: defaultdict[Marking, list[dict[str, Any]]] = defaultdict(list)
        for values, disclosed in session.disclosures:
            entries[self.scheme.join(disclosed)].append(values)
        with self._turn.taken():
            for level, rows in entries.items():
                with self._session_at(session.reader, level) as writing:
                    writing.connection().execute(insert(AuditEntry), rows)
        self._log.sync()


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


def _is_empty(folder: Path) -> bool:
    """Whether no workspace was ever finished here: without a byte of a database and without a blob."""
    database, blobs = folder / DATABASE, folder / "blobs"
    if database.exists() and database.stat().st_size:
        return False
    return not (blobs.is_dir() and any(blobs.iterdir()))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits for its turn among those who create in this folder."""
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)

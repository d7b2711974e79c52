"""Files of any size, encrypted at rest, each with a key of its own that lies in its row.

A blob's bytes are written aside, made durable, moved into place, and only then does its row appear. Who destroys the
row's key has destroyed every copy of the bytes, in backups too. Equal bytes are kept once within a marking and never
across markings: that something was there already may not be told across.

On disk: chunks of 256 KiB, each sealed with AES-256-GCM under a nonce that counts the chunks and flags the last one, and
bound to the blob's id. A changed, swapped, missing or added chunk fails.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import StrongroomError
from strongroom.vault import ids, refusals
from strongroom.vault.durable import sync_folder
from strongroom.vault.load import load
from strongroom.vault.private import private
from strongroom.vault.session import ReaderSession
from strongroom.vault.system import System
from strongroom.vault.tables import Base, Marked

CHUNK_BYTES = 256 * 1024
_TAG_BYTES = 16
_KEY_BYTES = 32
Source = bytes | IO[bytes] | Iterable[bytes]


class DamagedBlobError(StrongroomError):
    """The stored bytes are not the ones that were put: nothing of the damaged part is given out."""

    status = 500
    code = "damaged_blob"
    title = "This file is damaged"


class Blob(Marked, Base):
    """`sha256` (hex) and `size` (bytes) are of the plain content. The file on disk is named after the id."""

    __tablename__ = "blob"
    __table_args__ = (UniqueConstraint("marking_id", "sha256"),)
    append_only = True

    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Staged:
    """Bytes on disk, durable and encrypted, that no row refers to yet."""

    id: str
    sha256: str
    size: int
    key: bytes
    file: Path


class BlobStore:
    """The blobs of a vault."""

    def __init__(self, folder: Path, system: System) -> None:
        self._folder = folder
        self._system = system

    def stage(self, source: Source) -> Staged:
        """Write bytes aside, outside of any session: a slow upload should not keep other writers waiting.

        Memory stays bounded whatever the size. StorageFullError when the disk is full; nothing is left behind then.
        """
        blob_id, key = ids.new_id(), ids.random_bytes(_KEY_BYTES)
        aside = self._folder / f"{blob_id}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with refusals.of_files(), open(aside, "xb", opener=private) as file:
                for last, number, chunk in _chunks(source):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(AESGCM(key).encrypt(_nonce(number, last), chunk, blob_id.encode()))
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):  # a disk that can't be written keeps it for the sweep
                aside.unlink(missing_ok=True)
            raise
        return Staged(blob_id, digest.hexdigest(), size, key, aside)

    def put(self, session: ReaderSession, content: Staged | Source) -> Blob:
        """Keep bytes at the session's level and give their row: a new one, or the one of equal bytes at this level."""
        staged = content if isinstance(content, Staged) else self.stage(content)
        same = select(Blob).where(Blob.marking_id == session.level_id, Blob.sha256 == staged.sha256)
        if (known := session.scalars(same).one_or_none()) is not None:
            staged.file.unlink()
            return known
        with refusals.of_files():
            place = self.place(staged.id)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            staged.file.rename(place)
            sync_folder(place.parent)
            sync_folder(self._folder)
        blob = Blob(id=staged.id, sha256=staged.sha256, size=staged.size, key=staged.key)
        session.add(blob)
        session.flush()
        return blob

    def open(self, session: ReaderSession, blob_id: str) -> Iterator[bytes]:
        """The bytes, in chunks. NotFoundError at once when absent or hidden; DamagedBlobError at the damaged chunk.

        The iterator outlives the session.
        """
        blob = load(session, Blob, blob_id)
        return self._read(blob.id, blob.key)

    def sweep(self, *, older_than_seconds: float) -> int:
        """Remove files that no row refers to (an upload that broke off, an act that was taken back) and that are older
        than any session lasts. Says how many there were. For the program's upkeep, a day is a good age."""
        latest = time.time() - older_than_seconds
        old = [file for file in self._folder.rglob("*") if file.is_file() and file.stat().st_mtime <= latest]
        with self._system.reading() as connection:
            kept = set(connection.scalars(select(Blob.id)))
        orphans = [file for file in old if file.name not in kept]
        for file in orphans:
            file.unlink(missing_ok=True)
        return len(orphans)

    def damaged(self) -> list[str]:
        """The ids of blobs that can't be read, or that don't come out as what was put. Reads every one."""
        with self._system.reading() as connection:
            rows = connection.execute(select(Blob.id, Blob.key, Blob.sha256, Blob.size)).all()
        return [row.id for row in rows if not self._comes_out(row.id, row.key, row.sha256, row.size)]

    def place(self, blob_id: str) -> Path:
        """Where the encrypted bytes of a blob lie."""
        return self._folder / blob_id[:2] / blob_id

    def _comes_out(self, blob_id: str, key: bytes, sha256: str, size: int) -> bool:
        digest, seen = hashlib.sha256(), 0
        try:
            for piece in self._read(blob_id, key):
                digest.update(piece)
                seen += len(piece)
        except (DamagedBlobError, OSError):
            return False
        return (digest.hexdigest(), seen) == (sha256, size)

    def _read(self, blob_id: str, key: bytes) -> Iterator[bytes]:
        cipher, number, last = AESGCM(key), 0, False
        try:
            with open(self.place(blob_id), "rb") as file:
                sealed = file.read(CHUNK_BYTES + _TAG_BYTES)
                while not last:
                    following = file.read(CHUNK_BYTES + _TAG_BYTES)
                    last = not following
                    yield cipher.decrypt(_nonce(number, last), sealed, blob_id.encode())
                    number, sealed = number + 1, following
        except (InvalidTag, FileNotFoundError) as error:
            raise DamagedBlobError("The stored bytes are not the ones that were put.") from error


def overwrite(file: Path) -> None:
    """Write zeros over a file, make that durable, then remove it."""
    with open(file, "r+b") as stream:
        left = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        while left > 0:
            left -= stream.write(bytes(min(left, CHUNK_BYTES)))
        stream.flush()
        os.fsync(stream.fileno())
    file.unlink()
    sync_folder(file.parent)


def _chunks(source: Source) -> Iterator[tuple[bool, int, bytes]]:
    """(is it the last, its number, the bytes): all full but the last, and at least one."""
    number, waiting = 0, bytearray()
    for piece in _pieces(source):
        waiting += piece
        while len(waiting) > CHUNK_BYTES:
            yield False, number, bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
            number += 1
    yield True, number, bytes(waiting)


def _pieces(source: Source) -> Iterable[bytes]:
    if isinstance(source, bytes):
        return (source[at : at + CHUNK_BYTES] for at in range(0, len(source), CHUNK_BYTES))
    if hasattr(source, "read"):
        return iter(lambda: source.read(CHUNK_BYTES), b"")
    return source


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])

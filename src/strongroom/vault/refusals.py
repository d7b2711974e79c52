"""What the database says when it can't or won't, in the words of `strongroom.errors`."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from strongroom.errors import (
    BusyError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
    StorageFullError,
    StrongroomError,
)
from strongroom.vault.shadow import FOREIGN_KEY, is_from_vault

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_NO_ROOM_TO_WRITE = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
}


def translate(error: BaseException | None) -> StrongroomError | None:
    """The error to raise instead, or None to leave it (a unique violation stays SQLAlchemy's IntegrityError).

    NotFoundError for a reference to what is absent or hidden, NotPermittedError for a write off the session's level,
    BusyError when another process holds the file too long, StorageFullError when the disk is full, InvalidError for a
    value that can't be stored at all.
    """
    if isinstance(error, UnicodeEncodeError):
        return InvalidError("A text holds half a character and can't be stored.")
    if isinstance(error, OverflowError):
        return InvalidError("A number is too large to be stored.")
    if not isinstance(error, sqlite3.Error):
        return None
    if is_from_vault(error):
        return NotPermittedError(str(error).removeprefix("vault: "))
    if str(error) == FOREIGN_KEY:
        return NotFoundError()
    code = getattr(error, "sqlite_errorcode", 0) or 0
    if code == sqlite3.SQLITE_FULL or code in _NO_ROOM_TO_WRITE or code & 0xFF == sqlite3.SQLITE_READONLY:
        return storage_full()
    if code & 0xFF == sqlite3.SQLITE_BUSY:
        return BusyError(remedy="Try again in a moment.")
    return None


def storage_full() -> StorageFullError:
    return StorageFullError(
        "There is no room left to write, or the disk can't be written.",
        kept="Everything acknowledged before is kept.",
        remedy="Free some space, or see why the disk refuses; writing goes on by itself.",
    )


def listen(engine: Engine) -> None:
    """Translate what this engine's connections raise."""

    @event.listens_for(engine, "handle_error")
    def _(context: ExceptionContext) -> None:
        instead = translate(context.original_exception)
        if instead is not None:
            raise instead from context.original_exception


def of_a_file(error: OSError) -> StorageFullError | None:
    """What to raise instead of an error met while writing a file, where the disk is full or can't be written."""
    return storage_full() if error.errno in _FULL else None


@contextmanager
def of_files() -> Iterator[None]:
    """Turn a full disk, or one that can't be written, met while writing files into StorageFullError."""
    try:
        yield
    except OSError as error:
        instead = of_a_file(error)
        if instead is not None:
            raise instead from error
        raise

"""Where an uploaded file lies until its import is done: beside the database, for this account only.

It is no blob: a file may hold rows of higher markings than the level at which it was brought in, so no row of that
level may lead to it. It is removed when its import is done; one whose import failed or was cancelled waits a week for a
resume.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy import Connection, select

from strongroom.errors import TooLargeError
from strongroom.jobs.tables import Job
from strongroom.label.tables import Import
from strongroom.vault import Vault, backup, core, ids, refusals
from strongroom.vault.durable import sync_folder
from strongroom.vault.private import private

MAX_BYTES = 2 << 30
KEPT_SECONDS = 7 * 86_400
_CHUNK = 1 << 20


class Upload(NamedTuple):
    """A file on disk that no import refers to yet."""

    path: Path
    sha256: str
    size: int


def stage(vault: Vault, stream: BinaryIO) -> Upload:
    """Write a stream aside, durably. Raises TooLargeError, StorageFullError; leaves nothing behind then."""
    folder = vault.folder / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    _sweep(folder)
    path = folder / f"{ids.new_id()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with open(path, "xb", opener=private) as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise TooLargeError(f"A file may have {MAX_BYTES:,} bytes.", remedy="Split it.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with suppress(OSError):  # a disk that can't be written keeps it for the sweep
            path.unlink(missing_ok=True)
        if isinstance(error, OSError) and (instead := refusals.of_a_file(error)) is not None:
            instead.kept = "Nothing of the file was kept."
            raise instead from error
        raise
    return Upload(path, digest.hexdigest(), size)


def of_import(vault: Vault, import_id: str) -> Path:
    """Where the file of an import lies."""
    return vault.folder / "uploads" / import_id


def hand_over(vault: Vault, upload: Upload, import_id: str) -> None:
    """Give a staged file to an import, so that a job finds it even after a power cut."""
    upload.path.rename(of_import(vault, import_id))
    sync_folder(vault.folder / "uploads")
    sync_folder(vault.folder)  # the first upload of a workspace has just made its folder


def _wanted(connection: Connection) -> Iterator[tuple[str, bool]]:
    """The files that a backup takes along: an import that isn't done can't do without its own."""
    imports, jobs = core(Import), core(Job)
    unfinished = (
        select(imports.c.id, jobs.c.state)
        .join(jobs, jobs.c.id == imports.c.job_id)
        .where(jobs.c.state != "done")
    )
    for import_id, state in connection.execute(unfinished):
        yield import_id, state in ("queued", "running")


backup.keeps("uploads", _wanted)


def _sweep(folder: Path) -> None:
    oldest = time.time() - KEPT_SECONDS
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue

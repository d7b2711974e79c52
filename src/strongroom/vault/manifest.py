"""What lies in a backup: each file with its size and hash, how many rows each table has, where the audit log stood."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from strongroom.errors import StrongroomError
from strongroom.vault.private import private

FILE = "manifest.json"
_PIECE_BYTES = 1024 * 1024


class UnusableBackupError(StrongroomError):
    """A backup that isn't whole, or isn't one. Nothing was restored from it."""

    status = 500
    code = "unusable_backup"
    title = "This backup can't be used"


class Entry(BaseModel):
    """A file of a backup: `path` relative to it, with slashes; `size` in bytes; `sha256` in hex."""

    model_config = ConfigDict(frozen=True)

    path: str
    size: int
    sha256: str


class LogState(BaseModel):
    """Where the audit log stood: how many entries, and the root (hex) over them; `note` is that, signed."""

    model_config = ConfigDict(frozen=True)

    size: int
    root: str
    note: str


class Manifest(BaseModel):
    """`audit_log` is None where the log was damaged; `missing` names files that the workspace had lost by then."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    kind: Literal["sqlite", "postgresql"]
    made_at: datetime
    program: str
    revision: str | None
    scheme: str
    scheme_hash: str
    keys: Literal["included", "apart"]
    keys_sha256: str
    rows: dict[str, int]
    audit_log: LogState | None
    missing: list[str]
    files: list[Entry]

    def save(self, folder: Path) -> str:
        """Writes the manifest into a backup, synced; its sha256, which names the backup as it is."""
        content = self.model_dump_json(indent=1).encode() + b"\n"
        with open(folder / FILE, "xb", opener=private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return hashlib.sha256(content).hexdigest()


def load(folder: Path) -> Manifest:
    """The manifest of a backup. UnusableBackupError when there is none that can be read."""
    try:
        return Manifest.model_validate_json((folder / FILE).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnusableBackupError(f"There is no backup in {folder}.") from error
    except ValidationError as error:
        raise UnusableBackupError(f"The manifest in {folder} can't be read.") from error


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of a backup, in words: changed, missing and unknown ones."""
    listed = {entry.path for entry in manifest.files}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for path in sorted(there - listed - {FILE}):
        yield f"{path} is not in the manifest"
    for entry in manifest.files:
        if entry.path not in there:
            yield f"{entry.path} is missing"
        elif (folder / entry.path).is_symlink() or digest(folder / entry.path) != (entry.sha256, entry.size):
            yield f"{entry.path} was changed"


def digest(path: Path) -> tuple[str, int]:
    """The sha256 (hex) and size (bytes) of a file."""
    with path.open("rb") as file:
        return _digested(file, None)


def copy(source: Path, target: Path) -> tuple[str, int]:
    """Copies a file, synced, readable by its owner alone; sha256 and size of what was copied."""
    with source.open("rb") as file, open(target, "xb", opener=private) as out:
        done = _digested(file, out)
        out.flush()
        os.fsync(out.fileno())
    return done


def sync(path: Path) -> None:
    """Has a file that somebody else wrote outlast a power cut."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _digested(file: IO[bytes], out: IO[bytes] | None) -> tuple[str, int]:
    sha256, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE_BYTES):
        sha256.update(piece)
        size += len(piece)
        if out is not None:
            out.write(piece)
    return sha256.hexdigest(), size

"""The second place: a folder that the operator names, out of reach of whoever can write to the database.

Each checkpoint is a file of its own, made once, synced, and never touched again. What the log says later has to be a
continuation of the last one there; else the database was rolled back or rewritten, and nothing more is signed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from strongroom.errors import StrongroomError
from strongroom.vault import Vault
from strongroom.vault.audit_log import Head
from strongroom.vault.durable import sync_folder
from strongroom.vault.strongroom_verify import Checkpoint, UnreadableError

_LONGEST_NOTE = 1000


class RefusedError(StrongroomError):
    """The log isn't a continuation of what lies in the second place. No checkpoint is signed until somebody has looked."""

    status = 500
    code = "audit_log_refused"
    title = "The audit log does not continue its last checkpoint"


class Place:
    """The checkpoints of one log in a folder. Several logs may share the folder."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._vault = vault
        self.folder = folder / vault.audit_log.key.name

    def all(self) -> Iterator[tuple[str, str]]:
        """(path, note) of each checkpoint, oldest first. One that a power cut left unfinished is passed over."""
        for path in sorted(self.folder.glob("[0-9]*")):
            if (note := _finished(path)) is not None:
                yield str(path), note

    def latest(self) -> tuple[str, Checkpoint] | None:
        """The last checkpoint; RefusedError when it isn't one of this log's."""
        for path in sorted(self.folder.glob("[0-9]*"), reverse=True):
            if (note := _finished(path)) is not None:
                try:
                    return str(path), Checkpoint.opened(note, self._vault.audit_log.key)
                except UnreadableError as error:
                    raise _refused(f"{path} {error}") from None
        return None

    def check(self) -> Checkpoint | None:
        """The last checkpoint, which the log is a continuation of; None where there is none yet. RefusedError otherwise."""
        last = self.latest()
        if last is None:
            return None
        name, checkpoint = last
        root = self._vault.audit_log.root_at(checkpoint.size)
        if root is None:
            raise _refused(
                f"{name} is over {checkpoint.size} entries, and the log has fewer: the database was rolled back"
            )
        if root != checkpoint.root:
            raise _refused(
                f"the first {checkpoint.size} entries aren't those of {name}: the database was rewritten"
            )
        return checkpoint

    def write(self, head: Head) -> Path | None:
        """Put a checkpoint beside the others, once `check` has passed; None when the last one is the same.
        RefusedError when the log doesn't continue it; OSError when the place can't be written."""
        last = self.check()
        if last is not None and last.size == head.size:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{head.size:016}"
        if path.exists() and not path.read_text("utf-8", errors="replace").endswith("\n"):
            path = path.with_name(f"{path.name}-again")  # after one that a power cut left unfinished
        with open(path, "x", encoding="utf-8") as file:
            file.write(head.note)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        return path


def _finished(path: Path) -> str | None:
    """What is in a file; None when a power cut left it unfinished: it has the beginning of a note and no end."""
    note = path.read_text("utf-8", errors="replace")
    return note if note.endswith("\n") or len(note) > _LONGEST_NOTE else None


def _refused(why: str) -> RefusedError:
    return RefusedError(
        f"No checkpoint is signed: {why}.",
        kept="People go on working, and what they do is recorded.",
        remedy="`strongroom audit verify` says where the log differs. After a restore on purpose, name a new folder.",
    )

"""Exports of the audit log that verify without Strongroom: entries as JSON lines, the tree in tiles, a signed checkpoint.

Whoever may see every entry gets the log itself. Everybody else gets what they may see as a small log of its own: its size
and its tree say nothing about the rest, and so prove nothing about it either.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.orm import Session

from strongroom.vault import strongroom_verify
from strongroom.vault.audit import ENTRIES, content
from strongroom.vault.audit_check import commitment_in, readable
from strongroom.vault.audit_log import LEAVES, Head, markings_in
from strongroom.vault.merkle import WIDTH, Filling, Frontier, leaf_hash, tile_path
from strongroom.vault.strongroom_verify import CHECKPOINT, KEY, SELF, PublicKey, bundle, canonical
from strongroom.vault.strongroom_verify import ENTRIES as ENTRIES_FILE

if TYPE_CHECKING:
    from strongroom.vault.session import ReaderSession
    from strongroom.vault.vault import Vault

_AT_ONCE = 500


def whole(vault: Vault, folder: Path, session: ReaderSession | None = None) -> Head:
    """Writes the whole log, as of now, into `folder`, which must not exist. Entries are read in `session`, by default by
    the vault itself: the operator's way."""
    with vault._system.reading() as connection:
        head = vault.audit_log.head_in(connection)
        with _Export(folder, vault.audit_log.key) as export:
            texts = markings_in(connection)
            for line, commitment in _all(session or connection, connection, head.size, texts):
                export.add(line, commitment)
            export.finish(head.note)
    return head


def part(vault: Vault, folder: Path, session: ReaderSession, name: str) -> int:
    """Writes the entries that `session` shows into `folder`, as a log of its own under `name`; how many they are."""
    with vault._system.reading() as connection:
        texts = markings_in(connection)
        with _Export(folder, vault.audit_log.key) as export:
            for row in _visible(session):
                commitment = commitment_in(row, texts.get(row["marking_id"]))
                if commitment is None:  # erased: what is kept of it is in the log
                    query = select(LEAVES.c.commitment).where(LEAVES.c.entry_id == row["id"])
                    commitment = bytes.fromhex(connection.scalar(query) or "00" * 32)
                export.add(line_of(export.tree.size, row["id"], commitment, row, texts), commitment)
            size = export.tree.size
            export.finish(vault.audit_log.signer.checkpoint_of_part(name, size, export.tree.root()))
    return size


def line_of(
    number: int, entry_id: str, commitment: bytes, row: Mapping[str, Any] | None, texts: Mapping[int, str]
) -> dict[str, Any]:
    """A line of an export, or of a proof."""
    if row is not None and row["salt"] is None:
        return {"n": number, "erased": entry_id, "commitment": commitment.hex()}
    if row is None or commitment_in(row, texts.get(row["marking_id"])) is None:
        return {"n": number, "missing": entry_id, "commitment": commitment.hex()}
    return {"n": number, "salt": row["salt"], "entry": content(row, texts.get(row["marking_id"], ""))}


def _all(
    source: Connection | Session, connection: Connection, size: int, texts: Mapping[int, str]
) -> Iterator[tuple[dict[str, Any], bytes]]:
    for first in range(0, size, WIDTH):
        here = select(LEAVES).where(LEAVES.c.number >= first, LEAVES.c.number < min(first + WIDTH, size))
        kept = connection.execute(here.order_by(LEAVES.c.number)).all()
        rows = readable(source, [leaf.entry_id for leaf in kept])
        for leaf in kept:
            commitment = bytes.fromhex(leaf.commitment)
            yield line_of(leaf.number, leaf.entry_id, commitment, rows.get(leaf.entry_id), texts), commitment


def _visible(session: ReaderSession) -> Iterator[Mapping[str, Any]]:
    """In the order of time."""
    query = select(ENTRIES).order_by(ENTRIES.c.at, ENTRIES.c.id).limit(_AT_ONCE)
    after = query
    while rows := session.execute(after).mappings().all():
        yield from (dict(row) for row in rows)
        at, id_ = rows[-1]["at"], rows[-1]["id"]
        after = query.where(or_(ENTRIES.c.at > at, and_(ENTRIES.c.at == at, ENTRIES.c.id > id_)))


class _Export:
    """A folder in the making. What isn't finished is taken away again."""

    def __init__(self, folder: Path, key: PublicKey) -> None:
        self._folder = folder
        self._key = key
        self.tree = Frontier()
        self._commitments: list[bytes] = []
        self._filling = Filling(self._tile)

    def __enter__(self) -> _Export:
        self._folder.mkdir(parents=True, mode=0o700)
        self._lines = (self._folder / ENTRIES_FILE).open("xb")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._lines.close()
        if kind is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, line: dict[str, Any], commitment: bytes) -> None:
        self._lines.write(canonical(line) + b"\n")
        self._commitments.append(commitment)
        leaf = leaf_hash(commitment)
        self.tree.append(leaf)
        self._filling.add(leaf)

    def finish(self, note: str) -> None:
        self._filling.finish()
        (self._folder / KEY).write_text(f"{self._key}\n", encoding="utf-8")
        (self._folder / CHECKPOINT).write_text(note, encoding="utf-8")
        shutil.copyfile(strongroom_verify.__file__, self._folder / SELF)

    def _tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        self._write(tile_path(level, number, len(hashes)), b"".join(hashes))
        if level == 0:
            self._write(tile_path("entries", number, len(hashes)), bundle(self._commitments))
            self._commitments = []

    def _write(self, name: str, content: bytes) -> None:
        place = self._folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

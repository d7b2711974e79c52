"""Looks through the live audit log: every entry against its place, the tree against the entries, checkpoints against the tree.

Three things tell of the same entry: its row, its commitment in the log, its hash in the tiles. Where two agree, the third
is the one that was changed; so a fault is located, not only found.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from strongroom.vault.audit import ENTRIES, WAITING, content, seal_of
from strongroom.vault.audit_log import CHECKPOINTS, LEAVES, TILES, TREE, markings_in, tiles_in
from strongroom.vault.merkle import HASH_BYTES, WIDTH, Frontier, leaf_hash, root_of
from strongroom.vault.strongroom_verify import ERASURE, Checkpoint, UnreadableError, commitment_of

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault

_MOST_FAULTS = 1000
_SHOWN_STRANGERS = 50


@dataclass
class Report:
    """What was looked at, and what is wrong: `faults` say where and what. None of them: all is as it was left."""

    size: int = 0
    erased: int = 0
    waiting: int = 0
    checkpoints: int = 0
    faults: list[str] = field(default_factory=list)

    def fault(self, where: str, what: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(f"{where}: {what}")


def check(vault: Vault, kept: Iterable[tuple[str, str]] = ()) -> Report:
    """Look through the whole log. `kept` are checkpoints from another place: (what to call it, the note)."""
    report = Report()
    with vault._system.reading() as connection:
        texts = markings_in(connection)
        walk = _Walk(vault, connection, report, texts)
        walk.expect([(f"checkpoint {size}", note) for size, note in _own_checkpoints(connection)])
        walk.expect(kept)
        walk.go()
        _check_waiting(vault, connection, report, texts)
        _look_for_strangers(connection, report)
    return report


def readable(source: Connection | Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Entries by id, as far as they are there and can be read: somebody may have written nonsense into a row."""
    query = select(ENTRIES).where(ENTRIES.c.id.in_(ids))
    try:
        return {row["id"]: dict(row) for row in source.execute(query).mappings()}
    except Exception:
        if len(ids) == 1:
            return {}
    found: dict[str, Mapping[str, Any]] = {}
    for each in ids:
        found.update(readable(source, [each]))
    return found


def commitment_in(row: Mapping[str, Any], marking: str | None) -> bytes | None:
    """The commitment to what a row says now; None when it says nothing that could ever have been said."""
    try:
        return commitment_of(bytes.fromhex(row["salt"]), content(row, marking or ""))
    except (TypeError, ValueError, AttributeError):
        return None


def _own_checkpoints(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size))
    return [(row.size, row.note) for row in rows]


class _Walk:
    """Once through the log, from the first entry to the last."""

    def __init__(self, vault: Vault, connection: Connection, report: Report, texts: dict[int, str]) -> None:
        self._log = vault.audit_log
        self._connection = connection
        self._report = report
        self._texts = texts
        self._tiles = tiles_in(connection)
        self._tree = Frontier()
        self._levels: list[list[bytes]] = []
        self._counts: list[int] = []
        self._points: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
        self._good_until = 0
        self._erased: dict[str, int] = {}

    def expect(self, notes: Iterable[tuple[str, str]]) -> None:
        for name, note in notes:
            self._report.checkpoints += 1
            try:
                checkpoint = Checkpoint.opened(note, self._log.key)
            except UnreadableError as error:
                self._report.fault(name, str(error))
            else:
                self._points[checkpoint.size].append((name, checkpoint.root))

    def go(self) -> None:
        state = self._connection.execute(select(TREE)).first()
        if state is None:
            if self._connection.scalar(select(LEAVES.c.number).limit(1)) is not None:
                self._report.fault("audit_tree", "its row is gone")
            return
        self._report.size = state.size
        if not self._log.seals(state):
            self._report.fault("audit_tree", "its seal doesn't fit: its size or root was changed")
        for first in range(0, state.size, WIDTH):
            self._chunk(first, min(first + WIDTH, state.size))
        for level, hashes in enumerate(self._levels):
            if hashes:
                self._tile(level, hashes)
        if self._tree.root().hex() != state.root:
            self._report.fault("audit_tree", f"its root isn't that of its {state.size} entries")
        for size in sorted(size for size in self._points if size > state.size):
            for name, _ in self._points[size]:
                self._report.fault(
                    name, f"is over {size} entries, the log has only {state.size}: it was rolled back"
                )
        for entry_id, number in self._erased.items():
            self._report.fault(f"entry {number} ({entry_id})", "was erased, and no later entry says so")
        self._look_beyond()

    def _chunk(self, first: int, last: int) -> None:
        here = select(LEAVES).where(LEAVES.c.number >= first, LEAVES.c.number < last)
        leaves = {row.number: row for row in self._connection.execute(here)}
        rows = readable(self._connection, [row.entry_id for row in leaves.values()])
        tile = self._tiles(0, first // WIDTH)
        for number in range(first, last):
            place = number % WIDTH * HASH_BYTES
            hashed = tile[place : place + HASH_BYTES]
            leaf = leaves.get(number)
            if leaf is None:
                self._report.fault(f"entry {number}", "its place is gone from audit_leaf")
                self._append(hashed or bytes(HASH_BYTES))
            else:
                self._append(
                    self._one(number, leaf.entry_id, leaf.commitment, hashed, rows.get(leaf.entry_id))
                )

    def _one(
        self, number: int, entry_id: str, kept: str, hashed: bytes, row: Mapping[str, Any] | None
    ) -> bytes:
        """Compare the three of an entry. The hash that its place has by its commitment."""
        where = f"entry {number} ({entry_id})"
        try:
            leaf = leaf_hash(bytes.fromhex(kept))
        except ValueError:
            leaf = bytes(HASH_BYTES)
        if row is None:
            self._report.fault(where, "is gone from audit_entry, or can't be read")
        elif row["salt"] is None:
            self._report.erased += 1
            self._erased[entry_id] = number
        else:
            said = commitment_in(row, self._texts.get(row["marking_id"]))
            if said is not None and row["action"] == ERASURE:
                self._erased.pop(str(row["object_id"]), None)
            if said is None or said.hex() != kept:
                changed = said is not None and leaf_hash(said) == hashed
                self._report.fault(where, "audit_leaf was changed" if changed else "audit_entry was changed")
                return hashed if changed else leaf
        if leaf != hashed:
            told = row is not None and (
                row["salt"] is None or commitment_in(row, self._texts.get(row["marking_id"]))
            )
            what = f"tile 0/{number // WIDTH} was changed" if told else "audit_leaf or its tile was changed"
            self._report.fault(where, what)
        return leaf

    def _append(self, leaf: bytes) -> None:
        self._tree.append(leaf)
        for name, root in self._points.get(self._tree.size, ()):
            if self._tree.root() == root:
                self._good_until = self._tree.size
            else:
                self._report.fault(
                    name,
                    f"the first {self._tree.size} entries aren't those of then; "
                    f"something differs from entry {self._good_until} to {self._tree.size - 1}",
                )
        self._add(0, leaf)

    def _add(self, level: int, node: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._counts.append(0)
        hashes = self._levels[level]
        hashes.append(node)
        if len(hashes) == WIDTH:
            self._tile(level, hashes)
            self._counts[level] += 1
            self._levels[level] = []
            self._add(level + 1, root_of(hashes))

    def _tile(self, level: int, hashes: list[bytes]) -> None:
        """Tiles of leaves are compared entry by entry; here those above."""
        if level and not self._tiles(level, self._counts[level]).startswith(b"".join(hashes)):
            self._report.fault(f"tile {level}/{self._counts[level]}", "doesn't fit what lies below it")

    def _look_beyond(self) -> None:
        last = self._connection.scalar(select(func.max(LEAVES.c.number)))
        now = self._connection.scalar(select(TREE.c.size)) or 0
        if last is not None and last >= now:
            self._report.fault(f"entry {last}", f"lies in audit_leaf beyond the end of the log, {now}")
        for row in self._connection.execute(
            select(TILES.c.level, TILES.c.number, func.length(TILES.c.hashes))
        ):
            if row[2] % HASH_BYTES or row.number * WIDTH ** (row.level + 1) >= max(now, 1):
                self._report.fault(f"tile {row.level}/{row.number}", "isn't one of the log's")


def _check_waiting(vault: Vault, connection: Connection, report: Report, texts: dict[int, str]) -> None:
    """What waits may have been changed before the log took it up."""
    for row in connection.execute(select(WAITING)).all():
        report.waiting += 1
        where = f"entry {row.entry_id}, which waits"
        if row.forged or not hmac.compare_digest(
            seal_of(row.entry_id, row.commitment, vault.audit_log.secret), row.seal
        ):
            report.fault(where, "was not written by this workspace's program")
            continue
        entry = readable(connection, [row.entry_id]).get(row.entry_id)
        said = None if entry is None else commitment_in(entry, texts.get(entry["marking_id"]))
        if entry is None:
            report.fault(where, "is gone from audit_entry, or can't be read")
        elif said is None or said.hex() != row.commitment:
            report.fault(where, "audit_entry was changed")


def _look_for_strangers(connection: Connection, report: Report) -> None:
    """Entries that are neither in the log nor waiting for it: somebody put them in."""
    strangers = (
        select(ENTRIES.c.id)
        .outerjoin(LEAVES, LEAVES.c.entry_id == ENTRIES.c.id)
        .outerjoin(WAITING, WAITING.c.entry_id == ENTRIES.c.id)
        .where(LEAVES.c.entry_id.is_(None), WAITING.c.entry_id.is_(None))
        .limit(_SHOWN_STRANGERS)
    )
    for entry_id in connection.scalars(strangers):
        report.fault(f"entry {entry_id}", "is in audit_entry and was never recorded: somebody put it in")

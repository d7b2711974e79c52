"""Looks through the live audit log: every entry against its place, the tree against the entries, checkpoints against the tree.

Three things tell of the same entry: its row, its commitment in the log, its hash in the tiles. Where two agree, the third
is the one that was changed; so a fault is located, not only found.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Text, cast, func, select
from sqlalchemy.orm import Session

from strongroom.vault.audit import ENTRIES, WAITING, content, is_seal, seal_of
from strongroom.vault.audit_log import BLANK, CHECKPOINTS, LEAVES, ONLY, TILES, TREE, markings_in, tiles_in
from strongroom.vault.merkle import HASH_BYTES, WIDTH, Filling, Frontier, leaf_hash
from strongroom.vault.strongroom_verify import (
    ERASURE,
    SALT_BYTES,
    Checkpoint,
    UnreadableError,
    commitment_of,
    unhex,
)

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault

_MOST_FAULTS = 1000
_MOST_STRANGERS = 50
_NO_HASH = bytes(HASH_BYTES)
_AS_WRITTEN = (
    cast(ENTRIES.c.facts, Text).label("written_facts"),
    cast(ENTRIES.c.at, Text).label("written_at"),
)


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
        walk = _Walk(vault, connection, report)
        own = select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
        for row in connection.execute(own):
            walk.expect(f"audit_checkpoint {row.size}", row.note, row.size)
        for name, note in kept:
            walk.expect(name, note)
        walk.go()
        walk.look_at_what_waits()
        _look_for_strangers(connection, report)
    return report


def readable(source: Connection | Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Entries by id, as far as they are there and can be read: somebody may have written nonsense into a row."""
    query = select(ENTRIES, *_AS_WRITTEN).where(ENTRIES.c.id.in_(ids))
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
        return commitment_of(unhex(row["salt"], SALT_BYTES), content(row, marking or ""))
    except (TypeError, ValueError, AttributeError, UnreadableError):
        return None


class _Walk:
    """Once through the log, from the first entry to the last."""

    def __init__(self, vault: Vault, connection: Connection, report: Report) -> None:
        self._log = vault.audit_log
        self._connection = connection
        self._report = report
        self._texts = markings_in(connection)
        self._tiles = tiles_in(connection)
        self._tree = Frontier()
        self._filling = Filling(self._tile)
        self._points: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
        self._good_until = 0
        self._blank: set[str] = set()
        self._erased: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def expect(self, name: str, note: str, size: int | None = None) -> None:
        """The log has to be a continuation of this checkpoint."""
        self._report.checkpoints += 1
        try:
            checkpoint = Checkpoint.opened(note, self._log.key)
        except UnreadableError as error:
            self._report.fault(name, str(error))
            return
        if size is not None and checkpoint.size != size:
            self._report.fault(name, f"is over {checkpoint.size} entries")
        self._points[checkpoint.size].append((name, checkpoint.root))

    def go(self) -> None:
        states = {row.id: row for row in self._connection.execute(select(TREE))}
        beyond = self._connection.scalar(select(func.max(LEAVES.c.number)))
        state = states.pop(ONLY, None)
        for number in states:
            self._report.fault("audit_tree", f"has a row {number}, which isn't the log's")
        if state is None:
            if beyond is not None:
                self._report.fault("audit_tree", "its row is gone")
            return
        if not self._log.seals(state):
            self._report.fault("audit_tree", "its seal doesn't fit: its size or root was changed")
        size = min(state.size, 0 if beyond is None else beyond + 1)
        if size != state.size:
            self._report.fault(
                "audit_leaf", f"ends with entry {size - 1}, where audit_tree says {state.size} entries"
            )
        self._report.size = size
        for first in range(0, size, WIDTH):
            self._chunk(first, min(first + WIDTH, size))
        self._filling.finish()
        if self._tree.root().hex() != state.root:
            self._report.fault("audit_tree", f"its root isn't that of its {state.size} entries")
        for ahead in sorted(each for each in self._points if each > size):
            for name, _ in self._points[ahead]:
                self._report.fault(
                    name, f"is over {ahead} entries, and the log has {size}: it was rolled back"
                )
        for entry_id, (number, _) in self._erased.items():
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
                self._append(hashed or _NO_HASH)
            else:
                row = rows.get(leaf.entry_id)
                self._append(self._one(f"entry {number} ({leaf.entry_id})", number, leaf, hashed, row))

    def _one(self, where: str, number: int, leaf: Any, hashed: bytes, row: Mapping[str, Any] | None) -> bytes:
        """Compare the three of an entry; the hash that its place has by what most of them say."""
        in_log = _leaf(leaf.commitment)
        in_row = self._in_row(where, number, leaf, row)
        if in_row is None:  # gone or erased: two are left
            if in_log != hashed:
                self._report.fault(where, f"audit_leaf or tile 0/{number // WIDTH} was changed")
            return hashed or _NO_HASH
        if in_row == in_log != hashed:
            tile = f"tile 0/{number // WIDTH}"
            self._report.fault(
                where, f"isn't what {tile} has in this place: it was moved, or the tile was changed"
            )
            return in_row
        if in_row == hashed != in_log:
            self._report.fault(where, "audit_leaf was changed")
        elif in_row != hashed:
            self._report.fault(where, "audit_entry was changed")
            if in_log != hashed:
                self._report.fault(where, f"audit_leaf or tile 0/{number // WIDTH} was changed")
        return hashed or _NO_HASH

    def _in_row(self, where: str, number: int, leaf: Any, row: Mapping[str, Any] | None) -> bytes | None:
        if row is None:
            self._report.fault(where, "is gone from audit_entry, or can't be read")
            return None
        if row["salt"] is None:
            self._report.erased += 1
            if leaf.entry_id in self._blank:  # one erasure explains one entry
                self._report.fault(where, "audit_leaf was changed: an earlier place has that entry")
            self._blank.add(leaf.entry_id)
            self._erased[leaf.entry_id] = number, row
            if any(row[name] != blank for name, blank in BLANK.items()):
                self._report.fault(where, "audit_entry was changed: it was erased, and says something")
            return None
        said = commitment_in(row, self._texts.get(row["marking_id"]))
        if said is None:
            return _NO_HASH
        if not self._as_the_program_writes(row):
            self._report.fault(where, "audit_entry was changed: it says the same, written in another way")
        if row["action"] == ERASURE:
            self._explain(where, row)
        return leaf_hash(said)

    def _explain(self, where: str, erasure: Mapping[str, Any]) -> None:
        number, row = self._erased.pop(str(erasure["object_id"]), (None, {}))
        if number is None:
            return
        same = row["marking_id"] == erasure["marking_id"] and row["at"].isoformat() == erasure["facts"].get(
            "of"
        )
        if not same:
            self._report.fault(
                f"entry {number} ({row['id']})", f"audit_entry was changed since its erasure by {where}"
            )

    def _as_the_program_writes(self, row: Mapping[str, Any]) -> bool:
        at: datetime = row["at"]
        written_at = (
            f"{at:%Y-%m-%d %H:%M:%S.%f}" if self._connection.dialect.name == "sqlite" else row["written_at"]
        )
        written_facts = (
            orjson.dumps(row["facts"]).decode(),
            json.dumps(row["facts"]),
        )  # sessions, the system engine
        return row["written_facts"] in written_facts and row["written_at"] == written_at

    def _append(self, leaf: bytes) -> None:
        self._tree.append(leaf)
        for name, root in self._points.get(self._tree.size, ()):
            if self._tree.root() == root:
                self._good_until = self._tree.size
            else:
                between = f"from entry {self._good_until} to {self._tree.size - 1}"
                self._report.fault(
                    name,
                    f"the first {self._tree.size} entries aren't those of then; something differs {between}",
                )
        self._filling.add(leaf)

    def _tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        """Tiles of leaves were compared entry by entry; here those above, and that there isn't more than there should be."""
        stored = self._tiles(level, number)
        if level and not stored.startswith(b"".join(hashes)):
            self._report.fault(f"tile {level}/{number}", "doesn't fit what lies below it")

    def _look_beyond(self) -> None:
        """What is there that shouldn't be. The log may have grown meanwhile, so by what it says now."""
        last = self._connection.scalar(select(func.max(LEAVES.c.number)))
        size = self._connection.scalar(select(TREE.c.size)) or 0
        if last is not None and last >= size:
            self._report.fault(f"entry {last}", f"lies in audit_leaf beyond the end of the log, {size}")
        for row in self._connection.execute(
            select(TILES.c.level, TILES.c.number, func.length(TILES.c.hashes).label("bytes"))
        ):
            reach = WIDTH**row.level if 0 <= row.level < 8 else 0
            there = size // reach - row.number * WIDTH if reach else 0
            if row.number < 0 or row.bytes != HASH_BYTES * max(0, min(there, WIDTH)) or not row.bytes:
                self._report.fault(f"tile {row.level}/{row.number}", "has a size that it can't have")

    def look_at_what_waits(self) -> None:
        """It may have been changed before the log took it up."""
        for row in self._connection.execute(select(WAITING)).all():
            self._report.waiting += 1
            where = f"entry {row.entry_id}, which waits"
            if row.forged or not is_seal(seal_of(row.entry_id, row.commitment, self._log.secret), row.seal):
                self._report.fault(where, "was not written by this workspace's program")
                continue
            entry = readable(self._connection, [row.entry_id]).get(row.entry_id)
            said = None if entry is None else commitment_in(entry, self._texts.get(entry["marking_id"]))
            if entry is None:
                self._report.fault(where, "is gone from audit_entry, or can't be read")
            elif said is None or said.hex() != row.commitment:
                self._report.fault(where, "audit_entry was changed")


def _leaf(commitment: str) -> bytes:
    try:
        return leaf_hash(unhex(commitment, HASH_BYTES))
    except UnreadableError:
        return _NO_HASH


def _look_for_strangers(connection: Connection, report: Report) -> None:
    """Entries that are neither in the log nor waiting for it: somebody put them in."""
    strangers = (
        select(ENTRIES.c.id)
        .outerjoin(LEAVES, LEAVES.c.entry_id == ENTRIES.c.id)
        .outerjoin(WAITING, WAITING.c.entry_id == ENTRIES.c.id)
        .where(LEAVES.c.entry_id.is_(None), WAITING.c.entry_id.is_(None))
        .limit(_MOST_STRANGERS)
    )
    for entry_id in connection.scalars(strangers):
        report.fault(f"entry {entry_id}", "is in audit_entry and was never recorded: somebody put it in")

"""The log that makes the audit provable: entries in one order for good, in a Merkle tree, under signed checkpoints.

Acts don't wait for it. Each leaves a line in `audit_waiting`; `take_up` moves lines into the tree in transactions of its own.
What waits is a set, not a number, so that one who commits late is not passed over. Its tables are for the system engine alone:
sizes, numbers and proofs count entries that an auditor may not see.

What is taken up is sealed by the workspace's secret: who can write to the database alone can't put anything in, and the tree is
looked at before it grows, so that nothing is built on what somebody changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    String,
    Text,
    bindparam,
    cast,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import NotFoundError, StrongroomError
from strongroom.vault import ids
from strongroom.vault.audit import ENTRIES, WAITING, entry, is_seal, line_for_log, seal_of, write
from strongroom.vault.checkpoints import Signer
from strongroom.vault.keys import derive
from strongroom.vault.merkle import EMPTY_ROOT, Tree, grown, leaf_hash
from strongroom.vault.strongroom_verify import ERASURE, SALT_BYTES, PublicKey
from strongroom.vault.system import System
from strongroom.vault.tables import Base, core

if TYPE_CHECKING:
    from strongroom.vault.reader import Reader
    from strongroom.vault.vault import Vault

CHUNK = 2000
"""Entries taken up in one transaction: some tens of milliseconds, so that whoever writes gets in between."""
ONLY = 1
BLANK: dict[str, Any] = {
    **dict.fromkeys(("how", "clearance", "level", "scheme_hash"), ""),
    **dict.fromkeys(("action", "kind", "outcome"), "erased"),
    **dict.fromkeys(("actor_id", "object_id", "request_id", "salt")),
    "facts": {},
}
_BIG = BigInteger().with_variant(Integer, "sqlite")


class LogBrokenError(StrongroomError):
    """The tables of the log were changed from outside. It takes nothing up until somebody has looked."""

    status = 500
    code = "audit_log_broken"
    title = "The audit log was tampered with"


class AuditLeaf(Base):
    """Entry `number` of the log."""

    __tablename__ = "audit_leaf"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    number: Mapped[int] = mapped_column(_BIG, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(String(32), unique=True)
    commitment: Mapped[str] = mapped_column(String(64))


class AuditTile(Base):
    """Hashes of the tree, 256 a tile (merkle.py)."""

    __tablename__ = "audit_tile"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(_BIG, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class AuditTree(Base):
    """How large the tree is: one row, locked by whoever makes it grow."""

    __tablename__ = "audit_tree"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(_BIG)
    root: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


class AuditCheckpoint(Base):
    """A checkpoint that was signed: a point in the past that the log has to be a continuation of."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = {"info": {"access": "system"}}  # noqa: RUF012

    size: Mapped[int] = mapped_column(_BIG, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)


LEAVES = core(AuditLeaf)
TILES = core(AuditTile)
TREE = core(AuditTree)
CHECKPOINTS = core(AuditCheckpoint)


@dataclass(frozen=True)
class Head:
    """Where the log stands: `note` is the signed checkpoint over its `size` entries."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class Inclusion:
    """That an entry is number `number` of the log at `head`."""

    number: int
    commitment: bytes
    path: list[bytes]
    head: Head


class AuditLog:
    """The log of one workspace. Threads and processes may share it."""

    def __init__(self, system: System, secret: bytes) -> None:
        self._system = system
        self.secret = derive(secret, "audit entries")
        self._tree_secret = derive(secret, "audit tree")
        self.signer = Signer(derive(secret, "audit checkpoints"))

    @property
    def key(self) -> PublicKey:
        """What checkpoints are verified with."""
        return self.signer.key

    def take_up(self) -> int:
        """Take up all that waits; how many entries that were. LogBrokenError when the tree isn't as it was left."""
        taken = 0
        while self._anything_waits():
            try:
                with self._system.writing() as connection:
                    some = self._take_some(connection)
            except IntegrityError:
                # Another process began the log in the same moment.
                with self._system.writing() as connection:
                    some = self._take_some(connection)
            if not some:
                break
            taken += some
        return taken

    def head(self) -> Head:
        """Where the log stands now, signed."""
        with self._system.reading() as connection:
            return self.head_in(connection)

    def head_in(self, connection: Connection) -> Head:
        size, root = self._state(connection)
        return Head(size, root, self.signer.checkpoint(size, root))

    def tree_in(self, connection: Connection, size: int) -> Tree:
        """The tree as it was when it had `size` entries, as far as the tiles say."""
        return Tree(tiles_in(connection), size)

    def keep_checkpoint(self) -> Head:
        """Sign where the log stands and keep that in the database. Nothing is added when nothing changed."""
        with self._system.writing() as connection:
            head = self.head_in(connection)
            there = connection.scalar(select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == head.size))
            if there is None:
                connection.execute(insert(CHECKPOINTS), {"size": head.size, "note": head.note})
        return head

    def root_at(self, size: int) -> bytes | None:
        """The root when the log had `size` entries; None when it never had so many."""
        with self._system.reading() as connection:
            now, _ = self._state(connection)
            return self.tree_in(connection, size).root() if size <= now else None

    def inclusion(self, entry_id: str) -> Inclusion | None:
        """The proof that an entry is in the log; None while it waits, or when there is no such entry."""
        with self._system.reading() as connection:
            row = connection.execute(select(LEAVES).where(LEAVES.c.entry_id == entry_id)).first()
            head = self.head_in(connection)
            if row is None or row.number >= head.size:
                return None
            path = self.tree_in(connection, head.size).inclusion(row.number)
        return Inclusion(row.number, bytes.fromhex(row.commitment), path, head)

    def growth(self, old: int) -> tuple[list[bytes], Head]:
        """The proof that the log grew from its first `old` entries. NotFoundError when it never had so many."""
        with self._system.reading() as connection:
            head = self.head_in(connection)
            if old > head.size:
                raise NotFoundError
            return self.tree_in(connection, head.size).consistency(old), head

    def entry(self, entry_id: str) -> tuple[dict[str, Any] | None, str]:
        """A row and the text of its marking, whoever may see it: for the operator. (None, "") where there is none."""
        with self._system.reading() as connection:
            row = connection.execute(select(ENTRIES).where(ENTRIES.c.id == entry_id)).mappings().first()
            return (None, "") if row is None else (dict(row), markings_in(connection)[row["marking_id"]])

    def any_beyond(self, readable: frozenset[int]) -> bool:
        """Whether there is an entry at a marking other than these."""
        with self._system.reading() as connection:
            beyond = markings_in(connection).keys() - readable
            found = select(ENTRIES.c.id).where(ENTRIES.c.marking_id.in_(beyond)).limit(1)
            return connection.scalar(found) is not None

    def _anything_waits(self) -> bool:
        with self._system.reading() as connection:
            # Also when nothing waits: the log begins with the first look at it.
            begun = connection.scalar(select(TREE.c.size).where(TREE.c.id == ONLY)) is not None
            waits = connection.scalar(select(WAITING.c.entry_id).where(~WAITING.c.forged).limit(1))
        return not begun or waits is not None

    def _take_some(self, connection: Connection) -> int:
        state = connection.execute(select(TREE).where(TREE.c.id == ONLY).with_for_update()).first()
        if state is None:
            self._begin(connection)
            size, root = 0, EMPTY_ROOT
        else:
            size, root = self._checked(state)
            if self.tree_in(connection, size).root() != root:
                raise _broken()
        # By the time that is written in the entry, so that the log reads well; nothing depends on it.
        at = cast(ENTRIES.c.at, Text).label("at")
        waiting = select(WAITING, at).outerjoin(ENTRIES, ENTRIES.c.id == WAITING.c.entry_id)
        rows = connection.execute(waiting.where(~WAITING.c.forged).limit(CHUNK)).all()
        good = [row for row in rows if is_seal(seal_of(row.entry_id, row.commitment, self.secret), row.seal)]
        if len(good) < len(rows):
            forged = {row.entry_id for row in rows} - {row.entry_id for row in good}
            connection.execute(update(WAITING).where(WAITING.c.entry_id.in_(forged)).values(forged=True))
        if good:
            self._append(connection, size, sorted(good, key=lambda row: (row.at or "", row.entry_id)))
        return len(rows)

    def _append(self, connection: Connection, size: int, rows: list[Any]) -> None:
        leaves = [
            {"number": number, "entry_id": row.entry_id, "commitment": row.commitment}
            for number, row in enumerate(rows, size)
        ]
        connection.execute(insert(LEAVES), leaves)
        done = delete(WAITING).where(WAITING.c.entry_id == bindparam("done"))
        connection.execute(done, [{"done": row.entry_id} for row in rows])
        tiles = tiles_in(connection)
        changed = dict[tuple[int, int], bytes]()
        for level, number, hashes in grown(
            tiles, size, [leaf_hash(bytes.fromhex(row.commitment)) for row in rows]
        ):
            changed[level, number] = hashes
        for (level, number), hashes in changed.items():
            key = {"level": level, "number": number}
            connection.execute(delete(TILES).where(TILES.c.level == level, TILES.c.number == number))
            connection.execute(insert(TILES), {**key, "hashes": hashes})
        size += len(rows)
        self._set_state(connection, size, Tree(lambda *at: changed.get(at) or tiles(*at), size).root())

    def _begin(self, connection: Connection) -> None:
        """The log begins: entries from before there was one are taken up as they are now."""
        _nothing(connection)
        connection.execute(
            insert(TREE),
            {"id": ONLY, "size": 0, "root": EMPTY_ROOT.hex(), "seal": self._seal(0, EMPTY_ROOT)},
        )
        texts = markings_in(connection)
        old = connection.execute(select(ENTRIES).where(ENTRIES.c.salt.is_(None))).mappings().all()
        for row in old:
            salted = {**row, "salt": ids.random_bytes(SALT_BYTES).hex()}
            connection.execute(update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(salt=salted["salt"]))
            connection.execute(
                insert(WAITING), line_for_log(salted, texts.get(row["marking_id"], ""), self.secret)
            )

    def _state(self, connection: Connection) -> tuple[int, bytes]:
        row = connection.execute(select(TREE).where(TREE.c.id == ONLY)).first()
        return self._checked(row) if row is not None else _nothing(connection)

    def _checked(self, state: Any) -> tuple[int, bytes]:
        if not self.seals(state):
            raise _broken()
        return state.size, bytes.fromhex(state.root)

    def _set_state(self, connection: Connection, size: int, root: bytes) -> None:
        values = {"size": size, "root": root.hex(), "seal": self._seal(size, root)}
        connection.execute(update(TREE).where(TREE.c.id == ONLY).values(values))

    def seals(self, state: Any) -> bool:
        """Whether size and root of a row of `audit_tree` are those that this workspace's program left there."""
        return is_seal(_seal(self._tree_secret, state.size, state.root), state.seal)

    def _seal(self, size: int, root: bytes) -> str:
        return _seal(self._tree_secret, size, root.hex())


def markings_in(connection: Connection) -> dict[int, str]:
    """The text of each interned marking."""
    table = Base.metadata.tables["marking"]
    return {row.id: row.text for row in connection.execute(select(table.c.id, table.c.text))}


def erase(vault: Vault, entry_id: str, reason: str, *, reader: Reader | None = None) -> None:
    """Blank what an entry says, for good: who, what, which thing, and the salt, without which its commitment says nothing.
    That it was there stays, with its time, its marking and its place in the log. The erasure is an entry of its own at the
    same marking, by `reader` or by the operator. NotFoundError for an entry that isn't there or is blank already.
    """
    log = vault.audit_log
    log.take_up()
    with vault._system.writing() as connection:
        row = connection.execute(select(ENTRIES).where(ENTRIES.c.id == entry_id)).first()
        if row is None or row.salt is None:
            raise NotFoundError
        marking = vault.markings.marking(row.marking_id)
        connection.execute(update(ENTRIES).where(ENTRIES.c.id == entry_id).values(BLANK))
        who = {
            "actor_id": reader.person_id if reader else None,
            "how": reader.how if reader else "operator",
            "clearance": str(reader.clearance) if reader else "",
            "level": str(marking),
            "scheme_hash": vault.scheme.hash,
            "request_id": reader.request_id if reader else None,
        }
        facts = {"reason": reason, "of": row.at.isoformat()}
        values = entry(ERASURE, "audit_entry", entry_id, "done", facts, **who)
        write(connection, [{**values, "marking_id": row.marking_id}], marking, log.secret)


def tiles_in(connection: Connection) -> Callable[[int, int], bytes]:
    """Tiles by level and number, each read once; empty where there is none."""
    known: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        if (level, number) not in known:
            query = select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.number == number)
            known[level, number] = bytes(connection.scalar(query) or b"")
        return known[level, number]

    return tile


def _nothing(connection: Connection) -> tuple[int, bytes]:
    """Where a log stands that hasn't begun."""
    if connection.scalar(select(LEAVES.c.number).limit(1)) is not None:
        raise _broken()
    return 0, EMPTY_ROOT


def _seal(secret: bytes, size: int, root: str) -> str:
    return hmac.digest(secret, f"{size} {root}".encode(), hashlib.sha256).hex()


def _broken() -> LogBrokenError:
    return LogBrokenError(
        "The tables of the audit log aren't as the program left them.",
        kept="What is recorded waits and isn't lost.",
        remedy="`strongroom audit verify` says where.",
    )

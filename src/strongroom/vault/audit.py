"""The audit log: each act in the transaction of the act, each disclosure before the bytes leave.

Entries are rows like others: they carry a marking, and an auditor reads those that the auditor's clearance permits.
They hold ids and counts, never content. No reader can change or delete one.

With an entry goes a line for the log (audit_log.py) that takes it up a little later: a commitment, which says nothing about
the entry to those who don't have its salt, under a seal that only this workspace can make.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.vault import clock, ids
from strongroom.vault.prepared import Prepared
from strongroom.vault.strongroom_verify import SALT_BYTES, commitment_of
from strongroom.vault.tables import Base, Marked, core, level_of

if TYPE_CHECKING:
    from strongroom.markings import Marking

_TOO_LONG = 200
_NAME = re.compile(r"[a-z0-9_.:-]{1,64}")
Fact = str | int | float | bool | None


class AuditEntry(Marked, Base):
    """Who did what to which thing. `facts` are ids and counts. Without a salt the content was erased."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "marking_id", "at"),
        Index(None, "marking_id", "object_id", "at"),
        Index(None, "marking_id", "actor_id", "at"),
    )
    append_only = True

    at: Mapped[datetime]
    actor_id: Mapped[str | None]
    how: Mapped[str]
    clearance: Mapped[str]
    level: Mapped[str]
    scheme_hash: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[str | None]
    outcome: Mapped[str]
    request_id: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    salt: Mapped[str | None] = mapped_column(String(2 * SALT_BYTES))


class AuditWaiting(Base):
    """An entry that the log has not taken up yet. `forged`: not written by this workspace's program."""

    __tablename__ = "audit_waiting"
    __table_args__ = {"info": {"access": "append"}}  # noqa: RUF012

    entry_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    commitment: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
    forged: Mapped[bool] = mapped_column(default=False)


ENTRIES = core(AuditEntry)
WAITING = core(AuditWaiting)
_INSERT_ENTRY = Prepared(insert(ENTRIES))
_INSERT_WAITING = Prepared(insert(WAITING))


def entry(
    action: str, kind: str, object_id: str | None, outcome: str, facts: Mapping[str, Any], **who: str | None
) -> dict[str, Any]:
    """The values of an entry. ValueError for facts that aren't ids and counts."""
    for name in (action, kind, outcome):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:40]!r} isn't the name of an action, kind or outcome")
    return {
        "at": clock.now(),
        "action": action,
        "kind": kind,
        "object_id": object_id,
        "outcome": outcome,
        "facts": {name: _fact(name, value) for name, value in facts.items()},
        **who,
    }


def write(connection: Connection, entries: Iterable[dict[str, Any]], level: Marking, secret: bytes) -> None:
    """Insert entries at `level`, with their lines for the log. The connection writes at that level."""
    rows, waiting = [], []
    fresh = {"marking_id": level_of(connection)}
    for values in entries:
        row = {"id": ids.new_id(), "salt": ids.random_bytes(SALT_BYTES).hex(), **fresh, **values}
        rows.append(row)
        waiting.append(line_for_log(row, str(level), secret))
    if len(rows) == 1:
        _INSERT_ENTRY.change(connection, rows[0])
        _INSERT_WAITING.change(connection, waiting[0])
    else:
        connection.execute(_INSERT_ENTRY.statement, rows)
        connection.execute(_INSERT_WAITING.statement, waiting)


def line_for_log(row: Mapping[str, Any], marking: str, secret: bytes) -> dict[str, Any]:
    """What waits for the log to take up the entry `row`, which has its id and salt."""
    commitment = commitment_of(bytes.fromhex(row["salt"]), content(row, marking)).hex()
    seal = seal_of(row["id"], commitment, secret)
    return {"entry_id": row["id"], "commitment": commitment, "seal": seal, "forged": False}


def seal_of(entry_id: str, commitment: str, secret: bytes) -> str:
    """What only this workspace's program can put under a commitment."""
    return hmac.digest(secret, f"{entry_id} {commitment}".encode(), hashlib.sha256).hex()


def is_seal(wanted: str, found: str) -> bool:
    return hmac.compare_digest(wanted.encode(), found.encode())


def content(row: Mapping[str, Any], marking: str) -> dict[str, Any]:
    """What is committed to of an entry: all of it, in words that stand for themselves outside the database."""
    return {
        "id": row["id"],
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "marking": marking,
        "actor_id": row["actor_id"],
        "how": row["how"],
        "clearance": row["clearance"],
        "level": row["level"],
        "scheme_hash": row["scheme_hash"],
        "action": row["action"],
        "kind": row["kind"],
        "object_id": row["object_id"],
        "outcome": row["outcome"],
        "request_id": row["request_id"],
        "facts": row["facts"],
    }


def _fact(name: str, value: object) -> Any:
    """The value as JSON gives it back."""
    if isinstance(value, (set, frozenset)):
        return sorted(_fact(name, each) for each in value)
    if isinstance(value, (list, tuple)):
        return [_fact(name, each) for each in value]
    if isinstance(value, Mapping):
        return {str(inner): _fact(f"{name}.{inner}", each) for inner, each in value.items()}
    if not isinstance(value, Fact) or (isinstance(value, str) and len(value) > _TOO_LONG):
        raise ValueError(f"the fact {name} isn't an id or a count")
    if isinstance(value, float) and not -1e300 < value < 1e300:
        raise ValueError(f"the fact {name} isn't a number that can be kept")
    return value


def flat(things: object) -> Iterable[Any]:
    """One thing or several, as several."""
    return things if isinstance(things, (list, tuple, set, frozenset)) else (things,)

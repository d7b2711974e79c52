"""The audit log: each act in the transaction of the act, each disclosure before the bytes leave.

Entries are rows like others: they carry a marking, and an auditor reads those that the auditor's clearance permits.
They hold ids and counts, never content. No reader can change or delete one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from strongroom.vault import clock
from strongroom.vault.tables import Base, Marked

_TOO_LONG = 200
_NAME = re.compile(r"[a-z0-9_.:-]{1,64}")
Fact = str | int | float | bool | None


class AuditEntry(Marked, Base):
    """Who did what to which thing. `facts` are ids and counts."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "marking_id", "at"),
        Index(None, "marking_id", "kind", "object_id"),
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


def entry(
    action: str, kind: str, object_id: str | None, outcome: str, facts: Mapping[str, Any], **who: str | None
) -> dict[str, Any]:
    """The values of an entry. ValueError for facts that aren't ids and counts."""
    for name in (action, kind, outcome):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:40]!r} isn't the name of an action, kind or outcome")
    for name, value in facts.items():
        _check_fact(name, value)
    return {
        "at": clock.now(),
        "action": action,
        "kind": kind,
        "object_id": object_id,
        "outcome": outcome,
        "facts": dict(facts),
        **who,
    }


def _check_fact(name: str, value: object) -> None:
    if isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            _check_fact(name, each)
    elif isinstance(value, Mapping):
        _check_facts(value)
    elif not isinstance(value, Fact) or (isinstance(value, str) and len(value) > _TOO_LONG):
        raise ValueError(f"the fact {name} isn't an id or a count")


def _check_facts(facts: Mapping[Any, Any]) -> None:
    for name, value in facts.items():
        _check_fact(str(name), value)


def flat(things: object) -> Iterable[Any]:
    """One thing or several, as several."""
    return things if isinstance(things, (list, tuple, set, frozenset)) else (things,)

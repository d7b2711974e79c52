"""Asking the log: by thing, by person, by act, by outcome, in a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, or_, select

from strongroom.audit.schemas import AuditEntriesOut, AuditEntryOut, Question
from strongroom.people import MarkingOut, Person, PersonCard
from strongroom.vault import AuditEntry, ReaderSession, page

SEEING = ("read", "list", "download", "claim", "acts", "search", "export", "report")
"""Last words of acts by which somebody gets to see something."""
OWN = ("audit.search", "audit.read", "audit.export")
"""What auditors do here."""
_IDS_IN_ONE_STATEMENT = 500


@dataclass(frozen=True)
class Wanted:
    """What to look for. `thing` is an id; `mentioned` also finds entries that name it beside another thing."""

    question: Question = "all"
    thing: str | None = None
    mentioned: bool = True
    person: str | None = None
    action: str | None = None
    kind: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    of_auditors: bool = False

    def statement(self) -> Select[Any]:
        conditions: list[ColumnElement[bool]] = []
        if self.thing is not None:
            about = AuditEntry.object_id == self.thing
            names = cast(AuditEntry.facts, Text).contains(f'"{self.thing}"', autoescape=True)
            conditions.append(or_(about, names) if self.mentioned else about)
        for column, value in (
            (AuditEntry.actor_id, self.person),
            (AuditEntry.action, self.action),
            (AuditEntry.kind, self.kind),
            (AuditEntry.outcome, self.outcome),
        ):
            if value is not None:
                conditions.append(column == value)
        if self.since is not None:
            conditions.append(AuditEntry.at >= self.since)
        if self.until is not None:
            conditions.append(AuditEntry.at < self.until)
        if self.question == "seen":
            conditions.append(
                or_(*(AuditEntry.action.endswith(f".{word}", autoescape=True) for word in SEEING))
            )
        if self.question == "failed":
            conditions.append(AuditEntry.outcome.not_in(("done", "erased")))
        if not self.of_auditors:
            conditions.append(AuditEntry.action.not_in(OWN))
        return select(AuditEntry).where(and_(True, *conditions))

    def facts(self) -> dict[str, Any]:
        """What the search itself leaves on record, beside the thing."""
        told = {
            "question": self.question,
            "person": self.person,
            "act": self.action,
            "of": self.kind,
            "with": self.outcome,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }
        return {name: value for name, value in told.items() if value is not None}


def search(session: ReaderSession, wanted: Wanted, cursor: str | None, limit: int) -> AuditEntriesOut:
    """Latest first. The search is an entry of the log itself, as high as what it showed."""
    key = (AuditEntry.at.desc(), AuditEntry.id)
    found = page(session, wanted.statement(), key, cursor, limit, woven=AuditEntry.marking_id)
    people = people_in(session, found.items)
    session.audit(
        "audit.search",
        "audit_entry",
        wanted.thing,
        marking=[session.level, *found.items],
        count=len(found.items),
        **wanted.facts(),
    )
    items = [entry_out(session, entry, people) for entry in found.items]
    return AuditEntriesOut(items=items, people=list(people.values()), next=found.next)


def entry_out(session: ReaderSession, entry: AuditEntry, people: dict[str, PersonCard]) -> AuditEntryOut:
    return AuditEntryOut(
        entry_id=entry.id,
        at=entry.at,
        actor=people.get(entry.actor_id or ""),
        how=entry.how,
        clearance=entry.clearance,
        level=entry.level,
        action=entry.action,
        kind=entry.kind,
        object_id=entry.object_id,
        outcome=entry.outcome,
        request_id=entry.request_id,
        facts=entry.facts,
        marking=MarkingOut.of(session.marking(entry)),
        erased=entry.salt is None,
    )


def people_in(session: ReaderSession, entries: Iterable[AuditEntry]) -> dict[str, PersonCard]:
    """Everybody whom the entries name as actor, thing or in a fact, by id."""
    named: set[str] = set()
    for entry in entries:
        named.update(_ids_in([entry.actor_id, entry.object_id, entry.facts]))
    found: dict[str, PersonCard] = {}
    ordered = sorted(named)
    for first in range(0, len(ordered), _IDS_IN_ONE_STATEMENT):
        some = ordered[first : first + _IDS_IN_ONE_STATEMENT]
        query = select(Person.id, Person.login, Person.name).where(Person.id.in_(some))
        for id_, login, name in session.execute(query):
            found[id_] = PersonCard(id=id_, login=login, name=name)
    return found


def _ids_in(value: object) -> Iterable[str]:
    if isinstance(value, str) and len(value) == 32:
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _ids_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _ids_in(each)

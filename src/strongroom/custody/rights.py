"""Who may ask and do what about a thing, besides being cleared for it.

| | who |
| --- | --- |
| where from, where to | who reads its project's data (not an annotator), auditors, security officers |
| who saw it | owner and manager of its project, auditors, security officers |
| raise it, ask for another marking | owner of its project, security officers |
| say yes to another marking | a security officer who didn't ask |
| report a spill, decide about it | security officers |
"""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from sqlalchemy import select

from strongroom.errors import InvalidError, NotFoundError, NotPermittedError
from strongroom.markings import Marking, MarkingError
from strongroom.people import Principal, Role, roles_of
from strongroom.vault import ReaderSession
from strongroom.vault import trace as lines
from strongroom.vault.trace import Thing

READING = ("owner", "manager", "reviewer", "analyst", "evaluator", "auditor")
OVERSEEING = ("owner", "manager")
OWNING = ("owner",)
OFFICER = "security_officer"


def project_of(session: ReaderSession, thing: Thing) -> str | None:
    """The project that a thing belongs to, or what it was made from: a file that of its dataset."""
    if thing.kind == "project":
        return thing.id
    table = session.vault.layout.metadata.tables[thing.kind]
    if "project_id" in table.c:
        found: str | None = session.scalar(select(table.c.project_id).where(table.c.id == thing.id))
        return found
    for source in lines.sources(session, thing):
        if (project_id := project_of(session, source)) is not None:
            return project_id
    return None


def duties_of(who: Principal) -> Collection[str]:
    """The duties that somebody acts by here: a token has none without the scope for them."""
    return who.person.duties if "admin" in who.scopes else ()


def _part_in(session: ReaderSession, project_id: str | None, person_id: str) -> set[str]:
    """Roles in a project, as long as it is there: who was in a removed one has no part in it any more."""
    if project_id is None:
        return set()
    project = session.vault.layout.metadata.tables["project"]
    removed = session.scalar(select(project.c.removed_at).where(project.c.id == project_id))
    return set() if removed is not None else set(roles_of(session, project_id, person_id))


class Rights:
    """What somebody may do about a thing that they see. NotFoundError for who has no duty and no part in its project: to
    them it is absent, as the project is."""

    def __init__(self, session: ReaderSession, who: Principal, thing: Thing) -> None:
        self.project_id = project_of(session, thing)
        self._duties = duties_of(who)
        self._roles = _part_in(session, self.project_id, who.person.id)
        if not self._any(get_args(Role), ("auditor", OFFICER)):
            raise NotFoundError

    @property
    def trace(self) -> bool:
        return self._any(READING, ("auditor", OFFICER))

    @property
    def see_who(self) -> bool:
        return self._any(OVERSEEING, ("auditor", OFFICER))

    @property
    def remark(self) -> bool:
        return self._any(OWNING, (OFFICER,))

    @property
    def report(self) -> bool:
        return self._any((), (OFFICER,))

    def _any(self, roles: Collection[str], duties: Collection[str]) -> bool:
        return not self._roles.isdisjoint(roles) or not set(self._duties).isdisjoint(duties)


def require(allowed: bool) -> None:
    if not allowed:
        raise NotPermittedError("Your role does not include this.")


def require_level(session: ReaderSession, thing: Thing) -> Marking:
    """Acts about a thing are done, and stored, at the thing's own level. NotPermittedError at another."""
    level = session.marking(thing.marking_id)
    if session.reader.level != level:
        raise NotPermittedError(
            f"This belongs to the level {level}.", remedy="Change your working level to it."
        )
    return level


def marking_of(session: ReaderSession, text: str, where: str) -> Marking:
    """The marking that a text stands for. It may be one that the reader isn't cleared for: raising something out of one's
    own sight is what a careful person does. InvalidError for what can't be read."""
    try:
        return session.vault.scheme.parse(text)
    except MarkingError as error:
        mistake = {"where": where, "why": str(error), "position": error.position, "expected": error.expected}
        raise InvalidError("That marking cannot be read.", errors=[mistake]) from error

"""Where a thing came from, where it went, who saw it: for those who may ask."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from strongroom.custody.rights import Rights, require
from strongroom.custody.schemas import ActOut, CountOut, GroupOut, LinkOut, ThingOut, TraceOut
from strongroom.people import MarkingOut, Person, PersonCard, Principal
from strongroom.vault import AuditEntry, Page, ReaderSession, page
from strongroom.vault import trace as lines
from strongroom.vault.listed import listed
from strongroom.vault.trace import Direction, Group, Thing

_NEAR = 500
"""So many things that were directly made from one are looked for in the log with it."""


def trace(session: ReaderSession, who: Principal, kind: str, thing_id: str) -> TraceOut:
    """Raises NotFoundError for what is absent or hidden, NotPermittedError without a role for it."""
    found = lines.trace(session, kind, thing_id)
    rights = Rights(session, who, found.thing)
    require(rights.trace)
    markings = {number for group in found.groups for number in group.markings} | {found.thing.marking_id}
    session.audit("trace.read", kind, thing_id, marking=markings)
    return TraceOut(
        thing=thing_out(session, found.thing),
        project_id=rights.project_id,
        groups=[_group(session, group) for group in found.groups],
        links=[
            LinkOut(side=link.side, source=link.source, derived=link.derived, how=link.how)
            for link in found.links
        ],
        may_see_who=rights.see_who,
        may_remark=rights.remark,
        may_report=rights.report,
    )


def members(
    session: ReaderSession,
    who: Principal,
    kind: str,
    thing_id: str,
    side: Direction,
    of_kind: str,
    cursor: str | None,
    limit: int,
) -> Page[ThingOut]:
    """The things of a group, one by one."""
    thing = lines.find(session, kind, thing_id)
    require(Rights(session, who, thing).trace)
    found = lines.members(session, kind, thing_id, side, of_kind, cursor, limit)
    session.audit(
        "trace.read", kind, thing_id, marking={thing.marking_id, *(each.marking_id for each in found.items)}
    )
    return Page([thing_out(session, each) for each in found.items], found.next)


def acts(
    session: ReaderSession, who: Principal, kind: str, thing_id: str, cursor: str | None, limit: int
) -> Page[ActOut]:
    """Who did something about a thing, or had it before them: latest first, as far as the caller may see the log."""
    thing = lines.find(session, kind, thing_id)
    require(Rights(session, who, thing).see_who)
    ids = [thing.id, *(each.id for each in lines.near(session, thing, _NEAR))]
    found: Page[AuditEntry] = page(
        session,
        select(AuditEntry).where(AuditEntry.object_id.in_(listed(sorted(ids)))),
        (AuditEntry.at.desc(), AuditEntry.id),
        cursor,
        limit,
    )
    session.audit("trace.acts", kind, thing_id, marking=[thing.marking_id, *found.items])
    return Page(acts_out(session, found.items), found.next)


def acts_out(session: ReaderSession, entries: Iterable[AuditEntry]) -> list[ActOut]:
    listed_entries = list(entries)
    people = cards(session, (each.actor_id for each in listed_entries))
    return [
        ActOut(
            id=each.id,
            at=each.at,
            person=people.get(each.actor_id or ""),
            action=each.action,
            kind=each.kind,
            thing_id=each.object_id or "",
            outcome=each.outcome,
            how=each.how,
            marking=MarkingOut.of(session.marking(each)),
        )
        for each in listed_entries
    ]


def cards(session: ReaderSession, person_ids: Iterable[str | None]) -> dict[str, PersonCard]:
    wanted = sorted({each for each in person_ids if each})
    rows = session.execute(select(Person.id, Person.login, Person.name).where(Person.id.in_(listed(wanted))))
    return {id_: PersonCard(id=id_, login=login, name=name) for id_, login, name in rows}


def thing_out(session: ReaderSession, thing: Thing) -> ThingOut:
    marking = MarkingOut.of(session.marking(thing.marking_id))
    return ThingOut(kind=thing.kind, id=thing.id, name=thing.name, marking=marking)


def _group(session: ReaderSession, group: Group) -> GroupOut:
    only = None if group.alone is None else thing_out(session, lines.find(session, group.kind, group.alone))
    return GroupOut(
        side=group.side,
        kind=group.kind,
        steps=group.steps,
        things=group.things,
        more=group.more,
        markings=sorted(
            (
                CountOut(marking=MarkingOut.of(session.marking(number)), things=things)
                for number, things in group.markings.items()
            ),
            key=lambda count: count.marking.text,
        ),
        only=only,
    )

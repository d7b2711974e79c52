"""Giving a thing another marking: up at once by one person, any other way with a reason and a second person's word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from strongroom.custody.rights import OFFICER, Rights, duties_of, marking_of, require, require_level
from strongroom.custody.schemas import RemarkingIn, RemarkingOut
from strongroom.custody.tables import Remarking
from strongroom.custody.trace import cards
from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.markings import Marking
from strongroom.people import Idempotency, MarkingOut, Principal, once
from strongroom.vault import Page, ReaderSession, Vault, clock, core, ids, load, page, remark
from strongroom.vault import trace as lines
from strongroom.vault.remark import Moved

_remarking = core(Remarking)
_LATE = timedelta(minutes=10)
"""So long after a raise the same request is taken for one whose answer got lost."""


def ask(vault: Vault, who: Principal, asked: RemarkingIn, idempotency: Idempotency) -> RemarkingOut:
    """Raise a thing with everything derived from it, or put down the wish to have it marked otherwise.

    At the thing's own level. Raises NotFoundError, NotPermittedError, InvalidError for a marking that can't be read or is
    below the join of its sources, ConflictError where the thing is marked so already.
    """
    with vault.reading(who.reader) as session:
        wanted = marking_of(session, asked.to, "to")
        if (told := _told_before(session, who, asked, wanted)) is not None:
            return told
        thing = lines.find(session, asked.kind, asked.thing_id)
        require(Rights(session, who, thing).remark)
        level = require_level(session, thing)
        number = thing.marking_id
    if wanted == level:
        raise ConflictError(f"This is marked {level} already.")
    if level <= wanted:
        return _raise(vault, who, asked, str(wanted), number)
    with vault.writing(who.reader, level) as session:

        def noted() -> RemarkingOut:
            remark.require_above(
                lines.floor(session, lines.find(session, asked.kind, asked.thing_id)), wanted
            )
            row = Remarking(
                thing_kind=asked.kind,
                thing_id=asked.thing_id,
                raises=False,
                wanted=str(wanted),
                reason=asked.reason,
                state="asked",
                asked_by=who.person.id,
                asked_at=clock.now(),
            )
            session.add(row)
            session.flush()
            session.audit("marking.ask", asked.kind, asked.thing_id, request=row.id)
            return out(session, [row])[0]

        return once(session, who.person.id, idempotency, RemarkingOut, noted)


def decide(vault: Vault, who: Principal, remarking_id: str, *, approve: bool) -> RemarkingOut:
    """Say yes or no to a request: another person than who asked for it. With a yes it is done at once.

    Raises NotFoundError, NotPermittedError, ConflictError when it was decided before.
    """
    with vault.reading(who.reader) as session:
        row = load(session, Remarking, remarking_id)
        level = session.marking(row)
        if who.reader.level != level:
            raise NotPermittedError(
                f"This belongs to the level {level}.", remedy="Change your working level to it."
            )
        if row.asked_by == who.person.id:
            raise NotPermittedError(
                "Nobody decides about what they asked for themselves.", remedy="Ask another security officer."
            )
        if row.state != "asked":
            raise ConflictError("This was decided before.")
        wanted = marking_of(session, row.wanted, "to")
    if approve:
        done = _decided(remarking_id, who, "done")
        remark.set_to(vault, who.reader, row.thing_kind, row.thing_id, row.marking_id, wanted, done)
    else:
        with vault.writing(who.reader, level) as session:
            _decided(remarking_id, who, "refused")(session.connection(), Moved())
            session.audit("marking.refuse", row.thing_kind, row.thing_id, request=row.id)
    with vault.reading(who.reader) as session:
        return out(session, [load(session, Remarking, remarking_id)])[0]


def requests(
    session: ReaderSession, who: Principal, state: str | None, cursor: str | None, limit: int
) -> Page[RemarkingOut]:
    """What was asked for, latest first: everything in sight for security officers, for others their own."""
    query = select(Remarking)
    if state is not None:
        query = query.where(Remarking.state == state)
    if OFFICER not in duties_of(who):
        query = query.where(Remarking.asked_by == who.person.id)
    found: Page[Remarking] = page(session, query, (Remarking.asked_at.desc(), Remarking.id), cursor, limit)
    session.audit(
        "remarking.list", "remarking", marking=[session.level, *found.items], count=len(found.items)
    )
    return Page(out(session, found.items), found.next)


def out(session: ReaderSession, rows: Iterable[Remarking]) -> list[RemarkingOut]:
    listed = list(rows)
    people = cards(session, (each for row in listed for each in (row.asked_by, row.decided_by)))
    return [
        RemarkingOut(
            id=row.id,
            kind=row.thing_kind,
            thing_id=row.thing_id,
            marking=MarkingOut.of(session.marking(row)),
            to=MarkingOut.of(session.vault.scheme.parse(row.wanted)),
            raises=row.raises,
            reason=row.reason,
            state=row.state,
            asked_by=people[row.asked_by],
            asked_at=row.asked_at,
            decided_by=people.get(row.decided_by or ""),
            decided_at=row.decided_at,
        )
        for row in listed
    ]


def _told_before(
    session: ReaderSession, who: Principal, asked: RemarkingIn, wanted: Marking
) -> RemarkingOut | None:
    """The answer to a raise that was done, when its first answer got lost on the way."""
    row = session.scalars(
        select(Remarking)
        .where(
            Remarking.thing_kind == asked.kind,
            Remarking.thing_id == asked.thing_id,
            Remarking.wanted == str(wanted),
            Remarking.reason == asked.reason,
            Remarking.asked_by == who.person.id,
            Remarking.asked_at > clock.now() - _LATE,
            Remarking.raises,
        )
        .order_by(Remarking.asked_at.desc(), Remarking.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    try:
        now = session.marking(lines.find(session, asked.kind, asked.thing_id).marking_id)
    except NotFoundError:
        return out(session, [row])[0]
    return out(session, [row])[0] if wanted <= now else None


def _raise(vault: Vault, who: Principal, asked: RemarkingIn, wanted: str, number: int) -> RemarkingOut:
    row_id, now = ids.new_id(), clock.now()

    def note(connection: Connection, moved: Moved) -> None:
        row: dict[str, Any] = {
            "id": row_id,
            "marking_id": number,
            "thing_kind": asked.kind,
            "thing_id": asked.thing_id,
            "raises": True,
            "wanted": wanted,
            "reason": asked.reason,
            "state": "done",
            "asked_by": who.person.id,
            "asked_at": now,
            "decided_by": None,
            "decided_at": now,
        }
        connection.execute(insert(_remarking), row)

    remark.raise_to(vault, who.reader, asked.kind, asked.thing_id, vault.scheme.parse(wanted), note)
    with vault.reading(who.reader) as session:
        return out(session, [load(session, Remarking, row_id)])[0]


def _decided(remarking_id: str, who: Principal, state: str) -> Callable[[Connection, Moved], None]:
    def note(connection: Connection, moved: Moved) -> None:
        changed = connection.execute(
            update(_remarking)
            .where(_remarking.c.id == remarking_id, _remarking.c.state == "asked")
            .values(state=state, decided_by=who.person.id, decided_at=clock.now())
        )
        if changed.rowcount != 1:
            raise ConflictError("This was decided before.")

    return note

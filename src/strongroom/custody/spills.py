"""A spill: something was marked too low, or should not be here. Reported, out of sight at once, looked at, decided.

Every list is what the caller could have seen of the things before, and never more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from strongroom import jobs
from strongroom.custody.rights import Rights, marking_of, require, require_level
from strongroom.custody.schemas import (
    ActOut,
    AffectedOut,
    DecisionIn,
    DecisionOut,
    SpillIn,
    SpillOut,
    SpillRow,
    SpillThingOut,
)
from strongroom.custody.tables import PURGE, Spill, SpillDecision, SpillThing
from strongroom.custody.trace import acts_out, cards
from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.jobs import Job, JobOut
from strongroom.markings import Marking
from strongroom.people import Idempotency, MarkingOut, Principal, once
from strongroom.vault import AuditEntry, Page, ReaderSession, Vault, clock, core, ids, load, page, remark
from strongroom.vault import trace as lines
from strongroom.vault.listed import batched
from strongroom.vault.remark import Moved, after_moving

DOWNLOADS = ("dataset.download",)
_spill, _thing, _decision = core(Spill), core(SpillThing), core(SpillDecision)


def report(vault: Vault, who: Principal, told: SpillIn) -> SpillOut:
    """Take a thing and everything derived from it out of everyone's sight. Told again, it is the same spill.

    At the thing's own level. Raises NotFoundError, NotPermittedError, InvalidError.
    """
    with vault.reading(who.reader) as session:
        known = _reported_before(session, told.thing_id)
        if known is not None:
            return read(session, known)
        thing = lines.find(session, told.kind, told.thing_id)
        require(Rights(session, who, thing).report)
        require_level(session, thing)
        should_be = (
            PURGE if told.should_be == PURGE else str(marking_of(session, told.should_be, "should_be"))
        )
    spill_id, now = ids.new_id(), clock.now()

    def note(connection: Connection, moved: Moved) -> None:
        row = {
            "id": spill_id,
            "marking_id": thing.marking_id,
            "thing_kind": thing.kind,
            "thing_id": thing.id,
            "should_be": should_be,
            "reason": told.reason,
            "reported_by": who.person.id,
            "reported_at": now,
        }
        connection.execute(insert(_spill), row)
        things = [
            {
                "id": ids.new_id(),
                "marking_id": move.before,
                "spill_id": spill_id,
                "kind": kind,
                "thing_id": id_,
                "state": "quarantined",
                "became": None,
            }
            for kind, moves in moved.items()
            for id_, move in moves.items()
        ]
        connection.execute(insert(_thing), things)

    remark.quarantine(vault, who.reader, thing.kind, thing.id, spill_id, note)
    with vault.reading(who.reader) as session:
        return one(session, spill_id)


def decide(
    vault: Vault, who: Principal, spill_id: str, asked: DecisionIn, idempotency: Idempotency
) -> DecisionOut:
    """Decide about what is in quarantine. Another marking is given at once, a purge is begun as a job.

    `release`, and any marking that is no higher, takes another person than who reported the spill. Raises NotFoundError,
    NotPermittedError, InvalidError, ConflictError when nothing of it is in quarantine, or when what it was made from
    stays there.
    """
    with vault.reading(who.reader) as session:
        spill = load(session, Spill, spill_id)
        level = session.marking(spill)
        if who.reader.level != level:
            raise NotPermittedError(
                f"This belongs to the level {level}.", remedy="Change your working level to it."
            )
        wanted = _wanted(session, spill, asked)
        puts_back = asked.decision == "release" or (wanted is not None and wanted <= level)
        if puts_back and spill.reported_by == who.person.id:
            raise NotPermittedError(
                "Who took something out of sight doesn't put it back alone.",
                remedy="Ask another security officer.",
            )
        before = _same_decision(session, who, spill_id, asked, wanted)
        some = affected_states(session, spill_id, asked.kinds)
    if asked.decision == PURGE:
        with vault.writing(who.reader, level) as session:
            return once(
                session,
                who.person.id,
                idempotency,
                DecisionOut,
                lambda: _begin_purge(session, who, spill, asked, some),
            )
    decision_id = before or ids.new_id()
    if before is None:
        _require(some)
        _mark(vault, who, spill, asked, wanted, decision_id)
    with vault.reading(who.reader) as session:
        return decisions_out(session, [load(session, SpillDecision, decision_id)])[0]


def listed(session: ReaderSession, cursor: str | None, limit: int) -> Page[SpillRow]:
    """Latest first."""
    found: Page[Spill] = page(session, select(Spill), (Spill.reported_at.desc(), Spill.id), cursor, limit)
    session.audit("spill.list", "spill", marking=[session.level, *found.items], count=len(found.items))
    people = cards(session, (each.reported_by for each in found.items))
    still = set(
        session.scalars(
            select(SpillThing.spill_id)
            .where(
                SpillThing.spill_id.in_([each.id for each in found.items]), SpillThing.state == "quarantined"
            )
            .distinct()
        )
    )
    return Page(
        [SpillRow(**_row(session, each, people, each.id in still)) for each in found.items], found.next
    )


def read(session: ReaderSession, spill_id: str) -> SpillOut:
    """As `one`, on record."""
    spill = one(session, spill_id)
    on_record(session, spill_id)
    return spill


def on_record(session: ReaderSession, spill_id: str) -> None:
    """As high as the spill and all that it shows of what it affects."""
    shown = select(SpillThing.marking_id).where(SpillThing.spill_id == spill_id).distinct()
    marking = [load(session, Spill, spill_id), *session.scalars(shown)]
    session.audit("spill.read", "spill", spill_id, marking=marking)


def one(session: ReaderSession, spill_id: str) -> SpillOut:
    """Raises NotFoundError."""
    spill = load(session, Spill, spill_id)
    affected = affected_by(session, spill_id)
    decided = select(SpillDecision).where(SpillDecision.spill_id == spill_id)
    found = list(session.scalars(decided.order_by(SpillDecision.decided_at, SpillDecision.id)))
    named = _naming(spill).subquery()
    acts, people = session.execute(
        select(func.count(), func.count(named.c.actor_id.distinct())).select_from(named)
    ).one()
    downloads = session.scalar(select(func.count()).select_from(named).where(named.c.action.in_(DOWNLOADS)))
    who = cards(session, [spill.reported_by])
    return SpillOut(
        **_row(session, spill, who, any(each.quarantined for each in affected)),
        affected=affected,
        decisions=decisions_out(session, found),
        acts=acts,
        people=people,
        downloads=downloads or 0,
    )


def affected_by(session: ReaderSession, spill_id: str) -> list[AffectedOut]:
    """How many things of which kind and marking are in which state."""
    rows = session.execute(
        select(SpillThing.kind, SpillThing.marking_id, SpillThing.state, func.count())
        .where(SpillThing.spill_id == spill_id)
        .group_by(SpillThing.kind, SpillThing.marking_id, SpillThing.state)
    )
    counts: defaultdict[tuple[str, Marking], dict[str, int]] = defaultdict(dict)
    for kind, number, state, count in rows:
        counts[kind, session.marking(number)][state] = count
    return [
        AffectedOut(
            kind=kind,
            marking=MarkingOut.of(marking),
            **{state: found.get(state, 0) for state in ("quarantined", "remarked", "released", "purged")},
        )
        for (kind, marking), found in sorted(counts.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ]


def things(
    session: ReaderSession, spill_id: str, kind: str | None, cursor: str | None, limit: int
) -> Page[SpillThingOut]:
    """What a spill took out of sight, one by one."""
    load(session, Spill, spill_id)
    query = select(SpillThing).where(SpillThing.spill_id == spill_id)
    if kind is not None:
        query = query.where(SpillThing.kind == kind)
    found: Page[SpillThing] = page(
        session, query, (SpillThing.kind, SpillThing.thing_id, SpillThing.id), cursor, limit
    )
    parse = session.vault.scheme.parse
    return Page(
        [
            SpillThingOut(
                kind=each.kind,
                thing_id=each.thing_id,
                marking=MarkingOut.of(session.marking(each)),
                state=each.state,
                became=None if each.became is None else MarkingOut.of(parse(each.became)),
            )
            for each in found.items
        ],
        found.next,
    )


def acts(session: ReaderSession, spill_id: str, cursor: str | None, limit: int) -> Page[ActOut]:
    """Who did something about an affected thing, or had it before them; latest first."""
    spill = load(session, Spill, spill_id)
    found: Page[AuditEntry] = page(
        session, _naming(spill), (AuditEntry.at.desc(), AuditEntry.id), cursor, limit
    )
    return Page(acts_out(session, found.items), found.next)


def decisions_out(session: ReaderSession, decisions: Iterable[SpillDecision]) -> list[DecisionOut]:
    found = list(decisions)
    people = cards(session, (each.decided_by for each in found))
    started = session.scalars(select(Job).where(Job.id.in_([each.job_id for each in found if each.job_id])))
    by_id = {job.id: job for job in started}
    parse = session.vault.scheme.parse
    return [
        DecisionOut(
            id=each.id,
            decision=each.decision,
            to=None if each.wanted is None else MarkingOut.of(parse(each.wanted)),
            kinds=each.kinds,
            state=each.state,
            job=JobOut.of(by_id[each.job_id]) if each.job_id in by_id else None,
            decided_by=people[each.decided_by],
            decided_at=each.decided_at,
            done_at=each.done_at,
            proof=each.proof,
        )
        for each in found
    ]


def in_quarantine(
    connection: Connection, spill_id: str, kinds: Collection[str] | None
) -> dict[str, list[str]]:
    """What of a spill is still in quarantine, at every marking. `connection` is one that sees everything."""
    query = select(_thing.c.kind, _thing.c.thing_id).where(
        _thing.c.spill_id == spill_id, _thing.c.state == "quarantined"
    )
    if kinds is not None:
        query = query.where(_thing.c.kind.in_(kinds))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, id_ in connection.execute(query):
        found[kind].append(id_)
    return found


def note_states(
    connection: Connection, moved: Mapping[str, Mapping[str, Any]], spill_id: str | None, **values: Any
) -> None:
    """Put down what became of things, on the lists of a spill or of all."""
    for kind, moves in moved.items():
        for some in batched(sorted(moves)):
            query = update(_thing).where(_thing.c.kind == kind, _thing.c.thing_id.in_(some))
            if spill_id is not None:
                query = query.where(_thing.c.spill_id == spill_id)
            connection.execute(query.values(**values))


@after_moving
def note_purged(connection: Connection, moved: Moved) -> None:
    """Also where a restored workspace is purged again of what lay in quarantine when its backup was made."""
    gone = {
        kind: {id_: move for id_, move in moves.items() if move.after is None}
        for kind, moves in moved.items()
    }
    note_states(connection, gone, None, state="purged", became=None)


def _reported_before(session: ReaderSession, thing_id: str) -> str | None:
    found: str | None = session.scalar(
        select(SpillThing.spill_id)
        .where(SpillThing.thing_id == thing_id, SpillThing.state == "quarantined")
        .limit(1)
    )
    return found


def _wanted(session: ReaderSession, spill: Spill, asked: DecisionIn) -> Marking | None:
    if asked.decision != "remark":
        return None
    text = asked.to or spill.should_be
    if text == PURGE:
        raise ConflictError("The spill says that this should not be here.", remedy="Name a marking for it.")
    return marking_of(session, text, "to")


def _same_decision(
    session: ReaderSession, who: Principal, spill_id: str, asked: DecisionIn, wanted: Marking | None
) -> str | None:
    """The decision that an earlier attempt of the same request made: told again it is the same."""
    if asked.decision == PURGE or affected_states(session, spill_id, asked.kinds):
        return None
    for row in session.scalars(
        select(SpillDecision)
        .where(SpillDecision.spill_id == spill_id, SpillDecision.decided_by == who.person.id)
        .order_by(SpillDecision.decided_at.desc(), SpillDecision.id)
    ):
        told = (row.decision, row.wanted, row.kinds)
        if told == (asked.decision, None if wanted is None else str(wanted), asked.kinds):
            return row.id
    return None


def affected_states(session: ReaderSession, spill_id: str, kinds: Collection[str] | None) -> bool:
    """Whether something is in quarantine still."""
    query = select(SpillThing.id).where(SpillThing.spill_id == spill_id, SpillThing.state == "quarantined")
    if kinds is not None:
        query = query.where(SpillThing.kind.in_(kinds))
    return session.scalar(query.limit(1)) is not None


def _require(some: bool) -> None:
    if not some:
        raise ConflictError("Nothing of this is in quarantine any more.")


def _left_undone(session: ReaderSession, spill_id: str) -> SpillDecision | None:
    """A purge that was begun and whose job is over without it: who decided it can't go on with it, and another may."""
    found: SpillDecision | None = session.scalars(
        select(SpillDecision)
        .join(Job, Job.id == SpillDecision.job_id)
        .where(
            SpillDecision.spill_id == spill_id,
            SpillDecision.state == "working",
            Job.state.in_(("failed", "cancelled")),
        )
        .order_by(SpillDecision.decided_at, SpillDecision.id)
        .limit(1)
    ).one_or_none()
    return found


def _begin_purge(
    session: ReaderSession, who: Principal, spill: Spill, asked: DecisionIn, some: bool
) -> DecisionOut:
    decision = None if some else _left_undone(session, spill.id)
    if decision is None:
        _require(some)
        decision = SpillDecision(
            spill_id=spill.id,
            decision=PURGE,
            wanted=None,
            kinds=asked.kinds,
            state="working",
            job_id=None,
            decided_by=who.person.id,
            decided_at=clock.now(),
            done_at=None,
            proof=None,
        )
        session.add(decision)
        session.flush()
    decision.job_id = jobs.start(session, "custody.purge", subject_id=decision.id, total=3).id
    session.flush()
    session.audit("spill.decide", "spill", spill.id, decision=decision.id, what=PURGE)
    return decisions_out(session, [decision])[0]


def _mark(
    vault: Vault, who: Principal, spill: Spill, asked: DecisionIn, wanted: Marking | None, decision_id: str
) -> None:
    now = clock.now()

    def note(connection: Connection, moved: Moved) -> None:
        if not moved.size:
            raise NotFoundError
        row = {
            "id": decision_id,
            "marking_id": spill.marking_id,
            "spill_id": spill.id,
            "decision": asked.decision,
            "wanted": None if wanted is None else str(wanted),
            "kinds": asked.kinds,
            "state": "done",
            "job_id": None,
            "decided_by": who.person.id,
            "decided_at": now,
            "done_at": now,
            "proof": None,
        }
        connection.execute(insert(_decision), row)
        state = "released" if wanted is None else "remarked"
        texts = vault.markings.within(
            connection, {move.after for moves in moved.values() for move in moves.values() if move.after}
        )
        for kind in moved:
            for move, thing_ids in moved.groups(kind):
                meaning = texts[move.after or 0]
                if isinstance(meaning, Marking):
                    became = {kind: dict.fromkeys(thing_ids)}
                    note_states(connection, became, spill.id, state=state, became=str(meaning))

    remark.settle(
        vault,
        who.reader,
        (spill.thing_kind, spill.thing_id),
        spill.id,
        lambda connection: in_quarantine(connection, spill.id, asked.kinds),
        wanted,
        note,
    )


def _naming(spill: Spill) -> Any:
    """Entries of the log that name something that a spill affects, up to its report."""
    affected = select(SpillThing.thing_id).where(SpillThing.spill_id == spill.id)
    return select(AuditEntry).where(
        AuditEntry.object_id.in_(affected),
        AuditEntry.at <= spill.reported_at,
        AuditEntry.action.not_like("spill.%"),
    )


def _row(session: ReaderSession, spill: Spill, people: Mapping[str, Any], still: bool) -> dict[str, Any]:
    should_be = None if spill.should_be == PURGE else session.vault.scheme.parse(spill.should_be)
    return {
        "id": spill.id,
        "kind": spill.thing_kind,
        "thing_id": spill.thing_id,
        "marking": MarkingOut.of(session.marking(spill)),
        "should_be": None if should_be is None else MarkingOut.of(should_be),
        "reason": spill.reason,
        "reported_by": people[spill.reported_by],
        "reported_at": spill.reported_at,
        "open": still,
    }

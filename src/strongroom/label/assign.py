"""Giving out the next task: exact under any number of hands, and one seek in an index however long the queue is.

Everyone walks the queue forward. A task whose slot comes free again moves to the end of the queue, so nobody need look
back: what lies behind my last claim I have had, or it was full when I came by.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from strongroom.errors import NotFoundError
from strongroom.label import lease as leases
from strongroom.label import project as projects
from strongroom.label import rules, slots, standing
from strongroom.label.refusals import EnoughClaimedError, PausedError
from strongroom.label.rules import Rules
from strongroom.label.schemas import AssignmentOut, DeskTask
from strongroom.label.tables import (
    GOLD,
    ORDINARY,
    TRAINING,
    Assignment,
    KnownAnswer,
    Project,
    Task,
    TaskPerson,
    as_text,
)
from strongroom.people import MarkingOut
from strongroom.vault import Prepared, Reader, ReaderSession, Vault, clock, core, ids

_assignment, _task, _person, _project = core(Assignment), core(Task), core(TaskPerson), core(Project)
_known = core(KnownAnswer)

PLACES_OF_GOLD = 1 << 20
"""Gold tasks stand at random places, and are taken up from a random place on: no two people meet them in one order."""
MAX_CLAIMS = 4
"""Tasks that one person may have in hand at once in a project."""


def give(vault: Vault, reader: Reader, project_id: str, held: Collection[str] = ()) -> AssignmentOut | None:
    """`next_task` in a session of its own. LevelChangedError where the working level is too low for the project."""
    try:
        with vault.writing(reader) as session:
            try:
                return next_task(session, project_id, held)
            except PausedError as stopped:
                refusal = stopped  # after what it rests on is stored
    except NotFoundError:
        projects.refuse_too_low(vault, reader, project_id)
        raise
    raise refusal


def next_task(session: ReaderSession, project_id: str, held: Collection[str] = ()) -> AssignmentOut | None:
    """My open assignment that isn't among `held`, else a task claimed now; None when there is none for me.

    Claims only tasks marked exactly with the session's level. Raises NotFoundError for a project that isn't there,
    EnoughClaimedError beyond MAX_CLAIMS.
    """
    connection, me = session.connection(), _me(session, project_id)
    here = _HERE.first(connection, me)
    if here is None:
        raise NotFoundError
    now, freed = clock.now(), 0
    if leases.is_over(here.first_lease, here.last_lease, now, here.lease_seconds):
        freed = leases.free_the_silent(session, project_id, here.lease_seconds)
    until = leases.until(now, here.lease_seconds)
    mine = _MINE.all(connection, me) if here.in_hand else []
    waiting = next((row for row in mine if row.id not in held), None)
    if waiting is not None:
        return _again(session, waiting.id, until)
    if len(mine) >= MAX_CLAIMS:
        raise EnoughClaimedError(
            f"You have {len(mine)} tasks in hand; that is as many as one person may hold.",
            remedy="Submit or skip one of them.",
        )
    found = _choose(session, project_id, rules.rules(here.rules), named=here.named or freed > 0)
    if found is not None:
        return _claim(session, project_id, found, until)
    _pass_the_end(session, project_id)
    return None


def _choose(session: ReaderSession, project_id: str, found: Rules, *, named: bool) -> Any | None:
    """The task to claim: training first, then as many gold tasks as qualify, then work with gold mixed in. `named`:
    a task may wait for me by name.

    Gold comes only where there is work too: else whoever keeps asking would know it by that.
    """
    untried = standing.admit(session, project_id, found)
    if found.training and (lesson := _with_known_answer(session, project_id, TRAINING, 0)) is not None:
        return lesson
    connection, me = session.connection(), _me(session, project_id)
    work = (_NAMED.first(connection, me) if named else None) or _OFFERED.first(connection, me)
    if work is None or not (untried or (found.gold is not None and _chance() < found.gold.rate)):
        return work
    start = int(_chance() * PLACES_OF_GOLD)
    return _with_known_answer(session, project_id, GOLD, start) or work


def _with_known_answer(session: ReaderSession, project_id: str, role: str, start: int) -> Any | None:
    values = {**_me(session, project_id), "p_role": role, "p_start": start}
    return _KNOWN.first(session.connection(), values)


def _chance() -> float:
    """A number in [0, 1) that nobody can foresee; drawn as ids are, so that a test can."""
    return int(ids.new_id()[:8], 16) / 16**8


def _claim(session: ReaderSession, project_id: str, found: Any, until: datetime) -> AssignmentOut:
    connection, level_id, person_id = session.connection(), session.level_id, session.reader.person_id
    task = slots.Slots(found.id, project_id, found.wanted, found.open_slots, found.named, found.role)
    slot = slots.take(connection, level_id, task, person_id)
    now = clock.now()
    turn = None if found.named or found.role != ORDINARY else found.turn
    if found.mine is None:
        assignment_id, lease, draft, flag = ids.new_id(), ids.new_id(), None, None
        _INSERT.change(
            connection,
            {
                "id": assignment_id,
                "marking_id": level_id,
                "task_id": found.id,
                "project_id": project_id,
                "person_id": person_id,
                "slot": slot,
                "turn": turn,
                "state": "claimed",
                "lease": lease,
                "lease_until": until,
                "claimed_at": now,
                "changed_at": now,
                "revision": 0,
            },
        )
    else:
        assignment_id = found.mine
        kept = connection.execute(_KEPT, {"p_level": level_id, "p_id": assignment_id}).one()
        lease, draft, flag = kept.lease, kept.draft, kept.flag
        connection.execute(
            _RECLAIM,
            {
                "p_level": level_id,
                "p_id": assignment_id,
                "p_slot": slot,
                "p_turn": turn,
                "p_until": until,
                "p_now": now,
            },
        )
    session.audit("task.claim", "task", found.id, assignment=assignment_id)
    return AssignmentOut(
        id=assignment_id,
        project_id=project_id,
        task=DeskTask(id=found.id, external_id=found.external_id, text=found.text, data=found.data),
        marking=MarkingOut.of(session.level),
        state="claimed",
        lease=lease,
        lease_until=until,
        draft=draft,
        result=None,
        revision=0,
        flag=flag,
        training=found.role == TRAINING,
    )


def _pass_the_end(session: ReaderSession, project_id: str) -> None:
    """I have looked through the whole queue: my last claim says so, and the next look begins behind the end. Else
    someone who has answered a hundred thousand open tasks would walk past them at each knock."""
    last = session.connection().execute(_LAST, _me(session, project_id)).one_or_none()
    end = slots.end_of_queue(session.connection(), session.level_id, project_id) - 1
    if last is not None and last.turn is not None and last.turn < end:
        session.connection().execute(_PASS, {"p_level": session.level_id, "p_id": last.id, "p_turn": end})


def _again(session: ReaderSession, assignment_id: str, until: datetime) -> AssignmentOut:
    """A claim whose answer may have got lost on the way: the same task once more, its lease renewed."""
    connection, level_id = session.connection(), session.level_id
    connection.execute(_RENEW, {"p_level": level_id, "p_id": assignment_id, "p_until": until})
    row = connection.execute(_IN_HAND, {"p_level": level_id, "p_id": assignment_id}).one()
    session.audit("task.claim", "task", row.task_id, assignment=row.id, again=True)
    return AssignmentOut(
        id=row.id,
        project_id=row.project_id,
        task=DeskTask(id=row.task_id, external_id=row.external_id, text=row.text, data=row.data),
        marking=MarkingOut.of(session.level),
        state="claimed",
        lease=row.lease,
        lease_until=until,
        draft=row.draft,
        result=None,
        revision=0,
        flag=row.flag,
        training=row.role == TRAINING,
    )


def _me(session: ReaderSession, project_id: str) -> dict[str, Any]:
    return {"p_level": session.level_id, "p_project": project_id, "p_person": session.reader.person_id}


_level: BindParameter[int] = bindparam("p_level")
_in_project: BindParameter[str] = bindparam("p_project")
_me_: BindParameter[str] = bindparam("p_person")

_claimed = select(_assignment.c.lease_until).where(
    _assignment.c.marking_id == _level,
    _assignment.c.project_id == _in_project,
    _assignment.c.state == "claimed",
)
_in_hand = and_(
    _assignment.c.marking_id == _level,
    _assignment.c.project_id == _in_project,
    _assignment.c.person_id == _me_,
    _assignment.c.state == "claimed",
)
_waits_for_me = and_(
    _person.c.marking_id == _level,
    _person.c.project_id == _in_project,
    _person.c.person_id == _me_,
    _person.c.waiting == literal(True),
)
_HERE = Prepared(
    select(
        _project.c.lease_seconds,
        as_text(_project.c.rules).label("rules"),
        _claimed.order_by(_assignment.c.lease_until).limit(1).scalar_subquery().label("first_lease"),
        _claimed.order_by(_assignment.c.lease_until.desc()).limit(1).scalar_subquery().label("last_lease"),
        exists().where(_in_hand).label("in_hand"),
        exists().where(_waits_for_me).label("named"),
    ).where(_project.c.id == _in_project, _project.c.removed_at.is_(None))
)
"""The project and, in the same look, whether anything has to be looked at that seldom has: leases that are over, what I have
in hand already, what waits for me by name."""
_MINE = Prepared(
    select(_assignment.c.id).where(_in_hand).order_by(_assignment.c.claimed_at, _assignment.c.id)
)
_my_on_task = (
    select(_assignment.c.id)
    .where(
        _assignment.c.marking_id == _level,
        _assignment.c.task_id == _task.c.id,
        _assignment.c.person_id == _me_,
    )
    .correlate(_task)
    .scalar_subquery()
)
_content = (
    _task.c.id,
    _task.c.external_id,
    _task.c.text,
    _task.c.data,
    _task.c.wanted,
    _task.c.open_slots,
    _task.c.named,
    _task.c.turn,
    _task.c.role,
    _my_on_task.label("mine"),
)
_NAMED = Prepared(
    select(*_content)
    .join_from(_person, _task, _task.c.id == _person.c.task_id)
    .where(_waits_for_me)
    .order_by(_person.c.position)
    .limit(1)
)
_past = _assignment.alias("past")
_LAST = (
    select(_past.c.id, _past.c.turn)
    .where(_past.c.marking_id == _level, _past.c.project_id == _in_project, _past.c.person_id == _me_)
    .order_by(_past.c.turn.desc())
    .limit(1)
)
_my_last_turn = _LAST.with_only_columns(_past.c.turn).scalar_subquery()
_OFFERED = Prepared(
    select(*_content)
    .where(
        _task.c.marking_id == _level,
        _task.c.project_id == _in_project,
        _task.c.offered == literal(True),
        _task.c.turn > func.coalesce(_my_last_turn, -1),
        ~exists().where(
            _assignment.c.marking_id == _level,
            _assignment.c.task_id == _task.c.id,
            _assignment.c.person_id == _me_,
            _assignment.c.state != "expired",
        ),
    )
    .order_by(_task.c.turn)
    .limit(1)
)
_KNOWN = Prepared(
    select(*_content)
    .join_from(_known, _task, _task.c.id == _known.c.task_id)
    .where(
        _known.c.marking_id == _level,
        _known.c.project_id == _in_project,
        _known.c.role == bindparam("p_role"),
        ~exists().where(
            _assignment.c.marking_id == _level,
            _assignment.c.task_id == _task.c.id,
            _assignment.c.person_id == _me_,
            _assignment.c.state != "expired",
        ),
    )
    .order_by(case((_known.c.position >= bindparam("p_start"), 0), else_=1), _known.c.position, _known.c.id)
    .limit(1)
)
_INSERT = Prepared(insert(_assignment))
_this = and_(_assignment.c.marking_id == _level, _assignment.c.id == bindparam("p_id"))
_KEPT = select(_assignment.c.lease, _assignment.c.draft, _assignment.c.flag).where(_this)
_RECLAIM = (
    update(_assignment)
    .where(_this)
    .values(
        state="claimed",
        slot=bindparam("p_slot"),
        turn=bindparam("p_turn"),
        lease_until=bindparam("p_until"),
        claimed_at=bindparam("p_now"),
        changed_at=bindparam("p_now"),
    )
)
_PASS = update(_assignment).where(_this).values(turn=bindparam("p_turn"))
_RENEW = update(_assignment).where(_this).values(lease_until=bindparam("p_until"))
_IN_HAND = (
    select(
        _assignment.c.id,
        _assignment.c.project_id,
        _assignment.c.task_id,
        _assignment.c.lease,
        _assignment.c.draft,
        _assignment.c.flag,
        _task.c.external_id,
        _task.c.text,
        _task.c.data,
        _task.c.role,
    )
    .join(_task, _task.c.id == _assignment.c.task_id)
    .where(_this)
)

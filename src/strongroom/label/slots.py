"""The slots of a task: the only place where `open_slots`, `submitted`, `offered`, `turn` and `waiting` change.

All of it runs in a writing session, which is alone: what was read is still so when it is written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)

from strongroom.label.tables import ORDINARY, Assignment, Task, TaskPerson
from strongroom.vault import Prepared, core

_task, _person, _assignment = core(Task), core(TaskPerson), core(Assignment)


class Slots(NamedTuple):
    """What the slots of one task look like now."""

    task_id: str
    project_id: str
    wanted: int
    open_slots: int
    named: bool
    role: str = ORDINARY


def take(connection: Connection, level_id: int, task: Slots, person_id: str) -> int:
    """Take an open slot for a person and say which: the lowest that is free. The caller writes the assignment.

    A task whose answer is known has none open: each claim makes one.
    """
    if task.role != ORDINARY:
        connection.execute(_MAKE, {"p_level": level_id, "p_task": task.task_id})
        return int(connection.scalar(_NEXT, {"p_level": level_id, "p_task": task.task_id}) or 0)
    slot = 0 if task.open_slots == task.wanted else _lowest_free(connection, level_id, task.task_id)
    taken = _TAKE.change(connection, {"p_level": level_id, "p_task": task.task_id})
    assert taken == 1, "a slot was taken that was not open"
    if task.named:
        values = {"p_level": level_id, "p_task": task.task_id, "p_person": person_id}
        connection.execute(_ALL_STOP_WAITING if task.open_slots == 1 else _ONE_STOPS_WAITING, values)
    return slot


def give_back(connection: Connection, level_id: int, task: Slots) -> None:
    """Open a slot again, after its assignment has let it go. The task goes to the end of the queue, where everyone
    who has passed it comes by once more. One that was made for a claim is gone with it."""
    if task.role != ORDINARY:
        connection.execute(_UNMAKE, {"p_level": level_id, "p_task": task.task_id})
        return
    values = {"p_level": level_id, "p_task": task.task_id, "p_project": task.project_id}
    connection.execute(_GIVE_BACK, values)
    if task.named:
        connection.execute(_WAIT_AGAIN, values)


def stop_waiting(connection: Connection, level_id: int, task_id: str, person_id: str) -> None:
    """A named person who has let a task go is not given it again."""
    connection.execute(_ONE_STOPS_WAITING, {"p_level": level_id, "p_task": task_id, "p_person": person_id})


def close(connection: Connection, level_id: int, task_id: str) -> None:
    """Nobody is asked any more: no slot stays open. What is claimed stays so."""
    values = {"p_level": level_id, "p_task": task_id}
    connection.execute(_CLOSE, values)
    connection.execute(_ALL_STOP_WAITING, values)


def count_answer(connection: Connection, level_id: int, task_id: str) -> None:
    """A slot that was held by a claim is now held by an answer."""
    _COUNT.change(connection, {"p_level": level_id, "p_task": task_id})


def end_of_queue(connection: Connection, level_id: int, project_id: str) -> int:
    """The first turn behind all tasks of a project at this level."""
    return int(connection.scalar(_END, {"p_level": level_id, "p_project": project_id}) or 0)


def _lowest_free(connection: Connection, level_id: int, task_id: str) -> int:
    held = {slot for (slot,) in _HELD.all(connection, {"p_level": level_id, "p_task": task_id})}
    return next(slot for slot in range(len(held) + 1) if slot not in held)


def wanting(wish: ColumnElement[int], turn: ColumnElement[int]) -> Update:
    """An update that gives tasks `wish` answers; add `where` which. None falls below the slots that are taken, a named one wants
    no more than it names people, and one that had no open slot stands at `turn`. The bound `p_level` says the level."""
    taken = _task.c.wanted - _task.c.open_slots
    capped = case((and_(_task.c.named, _named_people < wish), _named_people), else_=wish)
    new = case((capped > taken, capped), else_=taken)
    return (
        update(_task)
        .where(_task.c.role == ORDINARY, _task.c.wanted != new)
        .values(
            wanted=new,
            open_slots=new - taken,
            offered=and_(new > taken, ~_task.c.named),
            turn=case((_task.c.open_slots == 0, turn), else_=_task.c.turn),
        )
    )


def waiting_again() -> Update:
    """An update that has named people wait just for open tasks that they aren't engaged with; add `where` whose."""
    engaged = (
        select(_assignment.c.id)
        .where(
            _assignment.c.marking_id == bindparam("p_level"),
            _assignment.c.task_id == _person.c.task_id,
            _assignment.c.person_id == _person.c.person_id,
            _assignment.c.state != "expired",
        )
        .correlate(_person)
    )
    opened = (
        select(_task.c.id)
        .where(
            _task.c.marking_id == bindparam("p_level"),
            _task.c.id == _person.c.task_id,
            _task.c.open_slots > 0,
        )
        .correlate(_person)
    )
    return (
        update(_person)
        .where(_person.c.marking_id == bindparam("p_level"))
        .values(waiting=and_(opened.exists(), ~engaged.exists()))
    )


_named_people = (
    select(func.count())
    .select_from(_person)
    .where(_person.c.marking_id == bindparam("p_level"), _person.c.task_id == _task.c.id)
    .correlate(_task)
    .scalar_subquery()
)
_this_task = and_(_task.c.marking_id == bindparam("p_level"), _task.c.id == bindparam("p_task"))

_HELD = Prepared(
    select(_assignment.c.slot).where(
        _assignment.c.marking_id == bindparam("p_level"),
        _assignment.c.task_id == bindparam("p_task"),
        _assignment.c.slot.is_not(None),
    )
)
_TAKE = Prepared(
    update(_task)
    .where(_this_task, _task.c.open_slots > 0)
    .values(open_slots=_task.c.open_slots - 1, offered=and_(_task.c.open_slots > 1, ~_task.c.named))
)
_last = _task.alias("last")


def _last_turn(*, offered: bool) -> Select[Any]:
    """One seek each, in the index that a claim uses too."""
    turns = select(_last.c.turn).where(
        _last.c.marking_id == bindparam("p_level"),
        _last.c.project_id == bindparam("p_project"),
        _last.c.offered == literal(offered),
    )
    last = turns.order_by(_last.c.turn.desc()).limit(1).subquery()
    return select(last.c.turn)


_both = union_all(_last_turn(offered=True), _last_turn(offered=False)).subquery()
_END = select(func.coalesce(func.max(_both.c.turn), -1) + 1)
_GIVE_BACK = (
    update(_task)
    .where(_this_task)
    .values(open_slots=_task.c.open_slots + 1, offered=~_task.c.named, turn=_END.scalar_subquery())
)
_NEXT = select(func.max(_assignment.c.slot) + 1).where(
    _assignment.c.marking_id == bindparam("p_level"), _assignment.c.task_id == bindparam("p_task")
)
_MAKE = update(_task).where(_this_task).values(wanted=_task.c.wanted + 1)
_UNMAKE = update(_task).where(_this_task).values(wanted=_task.c.wanted - 1)
_CLOSE = (
    update(_task)
    .where(_this_task)
    .values(wanted=_task.c.wanted - _task.c.open_slots, open_slots=0, offered=False)
)
_COUNT = Prepared(update(_task).where(_this_task).values(submitted=_task.c.submitted + 1))

_asked = and_(_person.c.marking_id == bindparam("p_level"), _person.c.task_id == bindparam("p_task"))
_ALL_STOP_WAITING = update(_person).where(_asked, _person.c.waiting).values(waiting=False)
_ONE_STOPS_WAITING = (
    update(_person).where(_asked, _person.c.person_id == bindparam("p_person")).values(waiting=False)
)
_engaged = select(_assignment.c.person_id).where(
    _assignment.c.marking_id == bindparam("p_level"),
    _assignment.c.task_id == bindparam("p_task"),
    _assignment.c.state != "expired",
)
_WAIT_AGAIN = update(_person).where(_asked, _person.c.person_id.not_in(_engaged)).values(waiting=True)

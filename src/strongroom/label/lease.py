"""Leases: how long a claimed task is kept for somebody who is silent.

A lease is over when its time has passed; and also when its time lies further ahead than any lease reaches, as it does
after a clock ran ahead and was set right. Being over gives the slot back and takes nothing from the person: the draft
stays, and a submit still counts as long as the slot is open.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from strongroom.label import slots
from strongroom.label.desk import Held, retake
from strongroom.label.refusals import LeaseLostError, ProjectRemovedError
from strongroom.label.schemas import LeaseOut
from strongroom.label.tables import Assignment, Task
from strongroom.vault import Prepared, ReaderSession, clock, core

_assignment, _task = core(Assignment), core(Task)
_SLACK = timedelta(minutes=1)


def until(now: datetime, lease_seconds: int) -> datetime:
    return now + timedelta(seconds=lease_seconds)


def is_over(first: datetime | None, last: datetime | None, now: datetime, lease_seconds: int) -> bool:
    """Whether one of the leases from the `first` to the `last` is over; None where there is none."""
    return (first is not None and first < now) or (last is not None and last > _far(now, lease_seconds))


def _far(now: datetime, lease_seconds: int) -> datetime:
    """No lease that is given now reaches further."""
    return until(now, lease_seconds) + _SLACK


def renew(session: ReaderSession, held: Held, lease: str) -> LeaseOut:
    """The heartbeat. A lease that is over is taken up again while a slot is open; else LeaseLostError."""
    if held.project_removed:
        raise ProjectRemovedError(remedy="There is nothing more to do here.")
    if lease != held.lease or held.state in ("submitted", "skipped"):
        raise LeaseLostError(remedy="Take the next task.")
    now = clock.now()
    values: dict[str, object] = {"lease_until": until(now, held.lease_seconds)}
    if held.state == "expired":
        values |= {"state": "claimed", "slot": retake(session, held), "changed_at": now}
        session.audit("task.claim", "task", held.task_id, assignment=held.id, again=True)
    session.connection().execute(
        update(_assignment)
        .where(_assignment.c.marking_id == session.level_id, _assignment.c.id == held.id)
        .values(**values)
    )
    return LeaseOut(lease_until=until(now, held.lease_seconds))


def free_the_silent(session: ReaderSession, project_id: str, lease_seconds: int) -> int:
    """Give back the slots of all leases of a project, at the session's level, that are over. Says how many."""
    now = clock.now()
    connection, level_id = session.connection(), session.level_id
    over = _OVER.all(
        connection,
        {
            "p_level": level_id,
            "p_project": project_id,
            "p_now": now,
            "p_far": _far(now, lease_seconds),
        },
    )
    for row in over:
        connection.execute(_EXPIRE, {"p_level": level_id, "p_id": row.id, "p_now": now})
        task = slots.Slots(row.task_id, project_id, row.wanted, row.open_slots, row.named, row.role)
        slots.give_back(connection, level_id, task)
        session.audit("task.expire", "task", row.task_id, assignment=row.id)
    return len(over)


_OVER = Prepared(
    select(
        _assignment.c.id,
        _assignment.c.task_id,
        _task.c.wanted,
        _task.c.open_slots,
        _task.c.named,
        _task.c.role,
    )
    .join(_task, _task.c.id == _assignment.c.task_id)
    .where(
        _assignment.c.marking_id == bindparam("p_level"),
        _assignment.c.project_id == bindparam("p_project"),
        _assignment.c.state == "claimed",
        or_(
            _assignment.c.lease_until < bindparam("p_now"),
            _assignment.c.lease_until > bindparam("p_far"),
        ),
    )
)
_EXPIRE = (
    update(_assignment)
    .where(_assignment.c.marking_id == bindparam("p_level"), _assignment.c.id == bindparam("p_id"))
    .values(state="expired", slot=None, changed_at=bindparam("p_now"))
)

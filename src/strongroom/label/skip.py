"""Giving a task back with a reason, and drawing attention to one."""

from __future__ import annotations

from sqlalchemy import update

from strongroom.errors import ConflictError
from strongroom.label import slots
from strongroom.label.desk import Held
from strongroom.label.refusals import LeaseLostError
from strongroom.label.schemas import StateOut
from strongroom.label.tables import Assignment
from strongroom.vault import ReaderSession, clock, core

_assignment = core(Assignment)


def skip(session: ReaderSession, held: Held, lease: str, reason: str) -> StateOut:
    """The slot goes back to the queue, for somebody else: a task is never offered again to who skipped it.

    Raises LeaseLostError for another lease than the assignment's, ConflictError once an answer was submitted.
    """
    if held.state == "submitted":
        raise ConflictError(
            "This task has your answer already.", remedy="Go back to it and submit a correction."
        )
    if lease != held.lease:
        raise LeaseLostError("This is not the lease that the task was given with.", remedy="Reload the task.")
    if held.state != "skipped":
        _set(session, held, state="skipped", slot=None, skip_reason=reason, changed_at=clock.now())
        if held.state == "claimed":
            slots.give_back(session.connection(), session.level_id, held.slots)
        elif held.named:
            slots.stop_waiting(session.connection(), session.level_id, held.task_id, session.reader.person_id)
        session.audit("task.skip", "task", held.task_id, assignment=held.id)
    return StateOut(assignment_id=held.id, state="skipped", flag=held.flag)


def flag(session: ReaderSession, held: Held, note: str) -> StateOut:
    """Puts a note on the task for those who manage the project; an empty one takes it away."""
    _set(session, held, flag=note or None)
    session.audit("task.flag" if note else "task.unflag", "task", held.task_id, assignment=held.id)
    return StateOut.model_validate({"assignment_id": held.id, "state": held.state, "flag": note or None})


def _set(session: ReaderSession, held: Held, **values: object) -> None:
    session.connection().execute(
        update(_assignment)
        .where(_assignment.c.marking_id == session.level_id, _assignment.c.id == held.id)
        .values(**values)
    )

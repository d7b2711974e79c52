"""Sitting down at one's own assignment: found in the session at its level, or told at which level it is.

Everything at the desk is written at the working level, and the working level must be the task's marking: who is
cleared for more would otherwise move, by what they see above, what others see below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import JSON, bindparam, exists, func, or_, select, update

from strongroom.errors import InvalidError, NotFoundError, StrongroomError
from strongroom.label import slots
from strongroom.label.refusals import KEPT, KeepsWorkError, LeaseLostError, LevelChangedError
from strongroom.label.tables import ORDINARY, Assignment, Project, Task, as_text
from strongroom.people import Membership
from strongroom.vault import Prepared, Reader, ReaderSession, Vault, clock, core, load

_assignment, _task, _project = core(Assignment), core(Task), core(Project)
_membership = core(Membership)

MAX_DRAFT_BYTES = 1_000_000
LABELLING = ("annotator", "reviewer", "manager", "owner")
"""The roles whose holders are given tasks."""


class Held(NamedTuple):
    """An assignment of the reader's at the session's level, with what is needed of its task and project."""

    id: str
    project_id: str
    task_id: str
    state: str
    slot: int | None
    lease: str
    lease_until: datetime
    revision: int
    flag: str | None
    wanted: int
    open_slots: int
    named: bool
    role: str
    text_length: int
    form: str
    rules: str | None
    guideline_version: int
    lease_seconds: int
    project_removed: bool
    member: bool

    @property
    def slots(self) -> slots.Slots:
        return slots.Slots(self.task_id, self.project_id, self.wanted, self.open_slots, self.named, self.role)


@contextmanager
def at_desk(
    vault: Vault, reader: Reader, assignment_id: str, work: Mapping[str, Any] | None = None
) -> Iterator[tuple[ReaderSession, Held]]:
    """A writing session at the working level with the assignment in it.

    A refusal that keeps work (`KeepsWorkError`) commits what was stored before it passes on. LevelChangedError when the
    assignment is at another level; `work` is kept as its draft all the same where that writes nothing down.
    """
    refusal: StrongroomError | None = None
    with vault.writing(reader) as session:
        held = _find(session, assignment_id)
        if held is not None:
            try:
                yield session, held
            except KeepsWorkError as kept:
                refusal = kept
    if held is None:
        raise _elsewhere(vault, reader, assignment_id, work)
    if refusal is not None:
        raise refusal


def retake(session: ReaderSession, held: Held) -> int:
    """Take a slot again for an assignment that lost its own. LeaseLostError when none is open."""
    if held.open_slots == 0 and held.role == ORDINARY:
        raise LeaseLostError(
            "The lease ran out and the task was given to somebody else.",
            kept=KEPT,
            remedy="Take the next task; a reviewer can take up your draft.",
        )
    return slots.take(session.connection(), session.level_id, held.slots, session.reader.person_id)


def keep_draft(session: ReaderSession, assignment_id: str, work: Mapping[str, Any]) -> datetime:
    """Store unfinished work with an assignment at the session's level, and say when."""
    try:
        size = len(orjson.dumps(work))
    except (orjson.JSONEncodeError, TypeError) as error:
        raise InvalidError(f"This work can't be stored as a draft: {error}.") from None
    if size > MAX_DRAFT_BYTES:
        raise InvalidError(f"A draft may have {MAX_DRAFT_BYTES:,} bytes, this one has {size:,}.")
    now = clock.now()
    session.connection().execute(
        _KEEP, {"p_level": session.level_id, "p_id": assignment_id, "p_draft": dict(work), "p_now": now}
    )
    return now


def _find(session: ReaderSession, assignment_id: str) -> Held | None:
    row = _FIND.first(
        session.connection(),
        {"p_level": session.level_id, "p_id": assignment_id, "p_person": session.reader.person_id},
    )
    return None if row is None else Held._make(row)


def _elsewhere(
    vault: Vault, reader: Reader, assignment_id: str, work: Mapping[str, Any] | None
) -> StrongroomError:
    with vault.reading(reader) as session:
        assignment = load(session, Assignment, assignment_id)
        if assignment.person_id != reader.person_id:
            raise NotFoundError
        marking = session.marking(assignment)
    kept = ""
    if work is not None:
        if reader.level <= marking:
            with vault.writing(reader, marking) as session:
                keep_draft(session, assignment_id, work)
                session.audit("assignment.draft", "assignment", assignment_id)
            kept = KEPT
        else:
            kept = "Nothing was stored: what is written at a higher level can't be put down here. It is still on your screen."
    return LevelChangedError(
        f"This task is {marking}, and you work at {reader.level}.",
        kept=kept,
        remedy=f"Switch your working level to {marking} and try again.",
        level=str(marking),
    )


_FIND = Prepared(
    select(
        _assignment.c.id,
        _assignment.c.project_id,
        _assignment.c.task_id,
        _assignment.c.state,
        _assignment.c.slot,
        _assignment.c.lease,
        _assignment.c.lease_until,
        _assignment.c.revision,
        _assignment.c.flag,
        _task.c.wanted,
        _task.c.open_slots,
        _task.c.named,
        _task.c.role,
        func.length(_task.c.text),
        as_text(_project.c.form),
        as_text(_project.c.rules),
        _project.c.guideline_version,
        _project.c.lease_seconds,
        _project.c.removed_at.is_not(None),
        exists().where(
            _membership.c.project_id == _assignment.c.project_id,
            _membership.c.person_id == _assignment.c.person_id,
            or_(*(_membership.c.role == role for role in LABELLING)),
        ),
    )
    .join(_task, _task.c.id == _assignment.c.task_id)
    .join(_project, _project.c.id == _assignment.c.project_id)
    .where(
        _assignment.c.marking_id == bindparam("p_level"),
        _assignment.c.id == bindparam("p_id"),
        _assignment.c.person_id == bindparam("p_person"),
    )
)
_KEEP = (
    update(_assignment)
    .where(_assignment.c.marking_id == bindparam("p_level"), _assignment.c.id == bindparam("p_id"))
    .values(draft=bindparam("p_draft", type_=JSON), draft_saved_at=bindparam("p_now"))
)

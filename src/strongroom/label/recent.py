"""My own work: one task in my hands, and the latest that I did."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, and_, select

from strongroom.errors import NotFoundError
from strongroom.label.form import Questions
from strongroom.label.project import present
from strongroom.label.result import excerpt, summary
from strongroom.label.schemas import AssignmentOut, DeskTask, RecentOut
from strongroom.label.tables import TRAINING, Annotation, Assignment, Task
from strongroom.people import MarkingOut
from strongroom.vault import Page, ReaderSession, load, page


def mine(session: ReaderSession, assignment_id: str) -> AssignmentOut:
    """An assignment of the reader's. Somebody else's is as absent as a hidden one."""
    assignment = load(session, Assignment, assignment_id)
    if assignment.person_id != session.reader.person_id:
        raise NotFoundError
    task = load(session, Task, assignment.task_id)
    latest = session.scalars(
        select(Annotation.result).where(
            Annotation.marking_id == assignment.marking_id,
            Annotation.task_id == task.id,
            Annotation.assignment_id == assignment.id,
            Annotation.latest,
        )
    ).one_or_none()
    session.audit("task.read", "task", task.id, marking=task, assignment=assignment.id)
    return AssignmentOut.model_validate(
        {
            "id": assignment.id,
            "project_id": assignment.project_id,
            "task": DeskTask(id=task.id, external_id=task.external_id, text=task.text, data=task.data),
            "marking": MarkingOut.of(session.marking(assignment)),
            "state": assignment.state,
            "lease": assignment.lease,
            "lease_until": assignment.lease_until,
            "draft": assignment.draft,
            "result": latest,
            "revision": assignment.revision,
            "flag": assignment.flag,
            "training": task.role == TRAINING,
        }
    )


def recent(session: ReaderSession, project_id: str, cursor: str | None, limit: int) -> Page[RecentOut]:
    """What I submitted, skipped or lost in a project, latest first."""
    project = present(session, project_id)
    questions = Questions.model_validate(project.form)
    done = cast(
        "Select[Any]",
        select(Assignment, Task, Annotation)
        .join(Task, Task.id == Assignment.task_id)
        .outerjoin(Annotation, and_(Annotation.assignment_id == Assignment.id, Annotation.latest))
        .where(
            Assignment.project_id == project_id,
            Assignment.person_id == session.reader.person_id,
            Assignment.state != "claimed",
        ),
    )
    listed = page(
        session,
        done,
        (Assignment.changed_at.desc(), Assignment.id),
        cursor,
        limit,
    )
    session.audit(
        "task.list",
        "project",
        project_id,
        marking=[project, *(row[0] for row in listed.items)],
        count=len(listed.items),
    )
    return Page(
        [_out(session, questions, assignment, task, latest) for assignment, task, latest, *_ in listed.items],
        listed.next,
    )


def _out(
    session: ReaderSession,
    questions: Questions,
    assignment: Assignment,
    task: Task,
    latest: Annotation | None,
) -> RecentOut:
    return RecentOut.model_validate(
        {
            "assignment_id": assignment.id,
            "task_id": task.id,
            "excerpt": excerpt(task.text),
            "summary": summary(questions, latest.result) if latest else assignment.skip_reason or "",
            "marking": MarkingOut.of(session.marking(assignment)),
            "submitted_at": latest.submitted_at if latest else None,
            "changed_at": assignment.changed_at,
            "revision": assignment.revision,
            "state": assignment.state,
        }
    )

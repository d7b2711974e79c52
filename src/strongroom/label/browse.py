"""A project's tasks as those see them who look after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from strongroom.errors import InvalidError
from strongroom.label import agreed as agreements
from strongroom.label.access import load_for
from strongroom.label.cards import cards
from strongroom.label.form import Questions
from strongroom.label.project import present
from strongroom.label.result import excerpt
from strongroom.label.rules import rules_of
from strongroom.label.schemas import AnswerOut, FieldConsensus, KnownOut, ReviewOut, TaskOut, TaskRow
from strongroom.label.tables import (
    GOLD,
    TRAINING,
    Adjudication,
    Annotation,
    Assignment,
    KnownAnswer,
    Project,
    Task,
    TaskConsensus,
)
from strongroom.people import MarkingOut
from strongroom.vault import Page, ReaderSession, load, page

LOOKING = ("owner", "manager", "reviewer", "auditor")
State = Literal["untouched", "started", "done", "flagged", "skipped", "disputed", "gold", "training"]
MAX_QUERY = 200


def tasks(
    session: ReaderSession, project_id: str, state: State | None, query: str, cursor: str | None, limit: int
) -> Page[TaskRow]:
    """In the order of the files they came in, marking by marking woven together. `query` looks in text and id."""
    project = present(session, project_id)
    wanted = select(Task).where(Task.project_id == project_id)
    if state is not None:
        wanted = wanted.where(_in_state(state))
    if query:
        if len(query) > MAX_QUERY:
            raise InvalidError(f"A search may have {MAX_QUERY} characters.")
        wanted = wanted.where(
            or_(func.lower(Task.text).contains(query.lower(), autoescape=True), Task.external_id == query)
        )
    listed: Page[Task] = page(session, wanted, (Task.position, Task.id), cursor, limit)
    session.audit(
        "task.list", "project", project_id, marking=[project, *listed.items], count=len(listed.items)
    )
    return Page(rows(session, project, listed.items), listed.next)


def task(session: ReaderSession, task_id: str) -> TaskOut:
    """One task with everybody's answers."""
    found = load_for(session, Task, task_id, LOOKING)
    project = load(session, Project, found.project_id)
    (row,) = rows(session, project, [found])
    answers = _answers(session, [found])[found.id]
    decision = session.scalars(
        select(Adjudication).where(
            Adjudication.marking_id == found.marking_id,
            Adjudication.task_id == found.id,
            Adjudication.latest == literal(True),
        )
    ).one_or_none()
    known = session.scalars(
        select(KnownAnswer).where(KnownAnswer.marking_id == found.marking_id, KnownAnswer.task_id == found.id)
    ).one_or_none()
    people = [each.person_id for each in answers]
    names = cards(session, people if decision is None else [*people, decision.person_id])
    mine = any(each.person_id == session.reader.person_id for each in answers)
    noted = session.execute(
        select(Assignment.flag, Assignment.skip_reason)
        .where(Assignment.task_id == found.id)
        .order_by(Assignment.changed_at, Assignment.id)
    ).all()
    session.audit("task.read", "task", task_id, marking=found)
    return TaskOut(
        **row.model_dump(exclude={"marking", "consensus"}),
        marking=row.marking,
        consensus=row.consensus,
        text=found.text,
        data=found.data,
        answers=[
            AnswerOut(
                person=names[each.person_id],
                result=each.result,
                revision=each.revision,
                submitted_at=each.submitted_at,
                seconds=each.seconds,
            )
            for each in answers
        ],
        flags=[flag for flag, _ in noted if flag],
        skips=[reason for _, reason in noted if reason],
        review=None
        if decision is None
        else ReviewOut(
            person=names[decision.person_id],
            result=decision.result,
            note=decision.note,
            at=decision.at,
            number=decision.number,
        ),
        known=None if known is None else KnownOut(result=known.result, explanation=known.explanation),
        may_review=found.role != TRAINING and (not mine or rules_of(project.rules).review.own),
    )


def _in_state(state: State) -> ColumnElement[bool]:
    done = and_(Task.submitted == Task.wanted, Task.submitted > 0)
    untouched = Task.open_slots == Task.wanted
    if state == "done":
        return done
    if state == "untouched":
        return untouched
    if state == "started":
        return ~done & ~untouched
    if state in (GOLD, TRAINING):
        return Task.role == state
    if state == "disputed":
        return exists().where(TaskConsensus.task_id == Task.id, TaskConsensus.disputed == literal(True))
    noted = Assignment.flag.is_not(None) if state == "flagged" else Assignment.state == "skipped"
    return exists().where(Assignment.task_id == Task.id, noted)


def rows(session: ReaderSession, project: Project, tasks: Sequence[Task]) -> list[TaskRow]:
    """Tasks as a list shows them."""
    questions = Questions.model_validate(project.form)
    answers = _answers(session, tasks)
    found = agreements.stored(session, [each.id for each in tasks])
    flagged = set(
        session.scalars(
            select(Assignment.task_id).where(
                Assignment.task_id.in_([each.id for each in tasks]), Assignment.flag.is_not(None)
            )
        )
    )
    return [
        TaskRow(
            id=each.id,
            external_id=each.external_id,
            excerpt=excerpt(each.text),
            marking=MarkingOut.of(session.marking(each)),
            wanted=each.wanted,
            submitted=each.submitted,
            claimed=each.wanted - each.open_slots - each.submitted,
            flagged=each.id in flagged,
            role=each.role,
            consensus=_agreed(questions, answers[each.id], found.get(each.id)),
            disputed=each.id in found and found[each.id].disputed,
        )
        for each in tasks
    ]


def _answers(session: ReaderSession, tasks: Sequence[Task]) -> defaultdict[str, list[Annotation]]:
    found: defaultdict[str, list[Annotation]] = defaultdict(list)
    latest = (
        select(Annotation)
        .where(
            Annotation.marking_id.in_({each.marking_id for each in tasks}),
            Annotation.task_id.in_([each.id for each in tasks]),
            Annotation.latest == literal(True),
        )
        .order_by(Annotation.submitted_at, Annotation.id)
    )
    for annotation in session.scalars(latest):
        found[annotation.task_id].append(annotation)
    return found


def _agreed(
    questions: Questions, answers: Sequence[Annotation], found: agreements.Stored | None
) -> dict[str, FieldConsensus] | None:
    if not answers and found is None:
        return None
    results: list[dict[str, Any]] = [each.result for each in answers]
    basis = sum(each.revision for each in answers)
    now = agreements.agreed(questions, results, basis, found)
    return {key: FieldConsensus.model_validate(each._asdict()) for key, each in now.items()}

"""Adjudication: what people don't agree on is decided by somebody who sees all their answers side by side.

The decision is the consensus from then on, and what annotators are measured by; it may be made a gold task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Select, exists, func, literal, select, update

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.label import agreed, browse, refit, result, slots
from strongroom.label.access import load_for
from strongroom.label.consensus import consensus
from strongroom.label.form import Questions
from strongroom.label.project import present
from strongroom.label.refusals import LevelChangedError
from strongroom.label.rules import rules_of
from strongroom.label.schemas import DisputeOut
from strongroom.label.tables import (
    GOLD,
    ORDINARY,
    Adjudication,
    Annotation,
    KnownAnswer,
    Project,
    Task,
    TaskConsensus,
)
from strongroom.label.tasks import place_of_gold
from strongroom.vault import Page, Reader, ReaderSession, Vault, clock, core, load, page

REVIEWING = ("owner", "manager", "reviewer")
MANAGING = ("owner", "manager")
_task = core(Task)


def disputes(session: ReaderSession, project_id: str, cursor: str | None, limit: int) -> Page[DisputeOut]:
    """Tasks that are asked no further and whose consensus is unsure, the least sure first."""
    project = present(session, project_id)
    wanted = cast(
        "Select[Any]",
        select(TaskConsensus, Task)
        .join(Task, Task.id == TaskConsensus.task_id)
        .where(TaskConsensus.project_id == project_id, TaskConsensus.disputed == literal(True)),
    )
    listed = page(session, wanted, (TaskConsensus.confidence, TaskConsensus.id), cursor, limit)
    tasks = [row[1] for row in listed.items]
    session.audit("dispute.list", "project", project_id, marking=[project, *tasks], count=len(tasks))
    own = rules_of(project.rules).review.own
    mine = set(
        session.scalars(
            select(Annotation.task_id).where(
                Annotation.task_id.in_([task.id for task in tasks]),
                Annotation.person_id == session.reader.person_id,
            )
        )
    )
    return Page(
        [
            DisputeOut(
                task=row,
                confidence=found.confidence,
                mine=row.id in mine,
                open_to_me=own or row.id not in mine,
            )
            for row, (found, *_) in zip(browse.rows(session, project, tasks), listed.items, strict=True)
        ],
        listed.next,
    )


@contextmanager
def at_task(
    vault: Vault, reader: Reader, task_id: str, roles: Collection[str]
) -> Iterator[tuple[ReaderSession, Task, Project]]:
    """A writing session at the task's own level. LevelChangedError when the reader works at another one."""
    with vault.reading(reader) as session:
        marking = session.marking(load_for(session, Task, task_id, roles))
    if marking != reader.level:
        raise LevelChangedError(
            f"This task is {marking}, and you work at {reader.level}.",
            remedy=f"Switch your working level to {marking} and try again.",
            level=str(marking),
        )
    with vault.writing(reader) as session:
        task = load_for(session, Task, task_id, roles)
        yield session, task, load(session, Project, task.project_id)


def decide(session: ReaderSession, task: Task, project: Project, answer: Mapping[str, Any], note: str) -> int:
    """Put down what the answer is, once or again; nobody is asked any more. The number of the decision.

    Raises NotPermittedError for who answered the task, unless the project's rules let them, InvalidError for an answer
    that doesn't fit the form, ConflictError for a training task.
    """
    rules = rules_of(project.rules)
    if task.role not in (ORDINARY, GOLD):
        raise ConflictError("This task is there to learn from: its answer is given.")
    if not rules.review.own and _answered(session, task):
        raise NotPermittedError(
            "You answered this task, and this project has disputes decided by somebody who didn't.",
        )
    questions = Questions.model_validate(project.form)
    checked = result.check(questions, len(task.text), answer)
    number = _superseded(session, task)
    session.add(
        Adjudication(
            task_id=task.id,
            project_id=project.id,
            person_id=session.reader.person_id,
            result=checked,
            note=note,
            number=number,
            latest=True,
            at=clock.now(),
            guideline_version=project.guideline_version,
        )
    )
    _settle(session, task, questions, checked)
    if task.role == GOLD:
        for known in session.scalars(
            select(KnownAnswer).where(
                KnownAnswer.marking_id == session.level_id, KnownAnswer.task_id == task.id
            )
        ):
            known.result = checked
    elif task.open_slots:
        slots.close(session.connection(), session.level_id, task.id)
    session.flush()
    session.audit("task.adjudicate", "task", task.id, number=number)
    refit.ask(session, project.id, rules)
    return number


def make_gold(session: ReaderSession, task: Task, project: Project, explanation: str) -> None:
    """A decided task is from now on mixed into the work of those who haven't had it.

    Raises ConflictError for a task that nobody decided, or that has a known answer already.
    """
    if task.role != ORDINARY:
        raise ConflictError("This task has a known answer already.")
    decided = session.scalars(
        select(Adjudication).where(
            Adjudication.marking_id == session.level_id,
            Adjudication.task_id == task.id,
            Adjudication.latest == literal(True),
        )
    ).one_or_none()
    if decided is None:
        raise ConflictError(
            "Nobody has decided what the answer to this task is.",
            remedy="Decide it first, then make it gold.",
        )
    slots.close(session.connection(), session.level_id, task.id)
    _be(session, task, GOLD)
    session.add(
        KnownAnswer(
            task_id=task.id,
            project_id=project.id,
            role=GOLD,
            position=place_of_gold(),
            result=decided.result,
            explanation=explanation,
            origin="adjudication",
            made_at=clock.now(),
            made_by=session.reader.person_id,
        )
    )
    session.flush()
    session.audit("gold.make", "task", task.id)
    refit.ask(session, project.id, rules_of(project.rules))


def unmake_gold(session: ReaderSession, task: Task, project: Project) -> None:
    """The task is given to nobody any more, and measures nobody. NotFoundError for one that isn't gold."""
    if task.role != GOLD:
        raise NotFoundError
    for known in session.scalars(
        select(KnownAnswer).where(KnownAnswer.marking_id == session.level_id, KnownAnswer.task_id == task.id)
    ).all():
        session.delete(known)
    _be(session, task, ORDINARY)
    session.flush()
    session.audit("gold.unmake", "task", task.id)
    refit.ask(session, project.id, rules_of(project.rules))


def _answered(session: ReaderSession, task: Task) -> bool:
    mine = exists().where(
        Annotation.marking_id == task.marking_id,
        Annotation.task_id == task.id,
        Annotation.person_id == session.reader.person_id,
    )
    return bool(session.scalar(select(mine)))


def _superseded(session: ReaderSession, task: Task) -> int:
    """Earlier decisions are no longer the latest; the number of the new one."""
    mine = (Adjudication.marking_id == session.level_id, Adjudication.task_id == task.id)
    session.execute(
        update(Adjudication).where(*mine, Adjudication.latest == literal(True)).values(latest=False)
    )
    return (session.scalar(select(func.max(Adjudication.number)).where(*mine)) or 0) + 1


def _settle(session: ReaderSession, task: Task, questions: Questions, checked: Mapping[str, Any]) -> None:
    """The decision is the consensus at once, and no dispute any more."""
    answers = session.execute(
        select(Annotation.result, Annotation.revision)
        .where(
            Annotation.marking_id == session.level_id,
            Annotation.task_id == task.id,
            Annotation.latest == literal(True),
        )
        .order_by(Annotation.submitted_at, Annotation.id)
    ).all()
    results = [row.result for row in answers]
    found = agreed.decided(questions, consensus(questions, results), results, checked, "adjudicated")
    row = session.scalars(
        select(TaskConsensus).where(
            TaskConsensus.marking_id == session.level_id, TaskConsensus.task_id == task.id
        )
    ).one_or_none()
    if row is None:
        row = TaskConsensus(task_id=task.id, project_id=task.project_id)
        session.add(row)
    row.value = {key: each.value for key, each in found.items()}
    row.detail = {key: list(each[1:]) for key, each in found.items()}
    row.confidence, row.disputed = 1.0, False
    row.basis = sum(each.revision for each in answers)


def _be(session: ReaderSession, task: Task, role: str) -> None:
    session.connection().execute(
        update(_task).where(_task.c.marking_id == session.level_id, _task.c.id == task.id).values(role=role)
    )

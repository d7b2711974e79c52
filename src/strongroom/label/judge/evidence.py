"""What may be seen of a project at a level: its tasks, their answers, and what is known of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Table, func, literal, select, true

from strongroom.label.form import Questions
from strongroom.label.rules import Rules, rules_of
from strongroom.label.tables import (
    GOLD,
    TRAINING,
    Adjudication,
    Annotation,
    KnownAnswer,
    Project,
    Task,
    TaskPerson,
    as_text,
)
from strongroom.vault import ReaderSession, core, listed, load

_task, _annotation = core(Task), core(Annotation)
_decision, _known = core(Adjudication), core(KnownAnswer)


class Seen(NamedTuple):
    """A task as it stands in the queue."""

    id: str
    marking_id: int
    position: int
    wanted: int
    open_slots: int
    submitted: int
    named: bool
    role: str

    @property
    def taken(self) -> int:
        """Slots that are held, by a claim or by an answer."""
        return self.wanted - self.open_slots


class Given(NamedTuple):
    """A latest answer; `task` is a position among the tasks."""

    task: int
    person_id: str
    result: dict[str, Any]
    revision: int
    submitted_at: datetime
    origin: str


@dataclass
class Evidence:
    """Tasks that are there to be learnt from are left out. `known` holds what gold and reviewers say, by position."""

    questions: Questions
    rules: Rules
    tasks: list[Seen]
    answers: list[Given]
    gold: dict[int, dict[str, Any]] = field(default_factory=dict)
    decided: dict[int, dict[str, Any]] = field(default_factory=dict)
    named: Counter[str] = field(default_factory=Counter)

    @property
    def basis(self) -> int:
        return sum(answer.revision for answer in self.answers)

    @cached_property
    def by_task(self) -> list[list[Given]]:
        """The answers of each task, in the order of submission."""
        found: list[list[Given]] = [[] for _ in self.tasks]
        for answer in self.answers:
            found[answer.task].append(answer)
        return found

    @property
    def known(self) -> dict[int, dict[str, Any]]:
        """A reviewer's word counts before that of a file."""
        return {**self.gold, **self.decided}

    def most(self, task: Seen, most: int) -> int:
        """The answers that a task may have: never more than the people it names."""
        return min(most, self.named[task.id]) if task.named else most


def rests_on(
    session: ReaderSession, level_id: int, project_id: str, task_ids: Sequence[str] | None = None
) -> dict[str, set[str]]:
    """Task -> the ids of its answers, and of what gold and reviewers say, as far as they are in sight now."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, current in (
        (_annotation, _annotation.c.latest == literal(True)),
        (_decision, _decision.c.latest == literal(True)),
        (_known, _known.c.role == GOLD),
    ):
        mine = (table.c.marking_id == level_id, table.c.project_id == project_id, current)
        query = select(table.c.task_id, table.c.id).where(*mine)
        if task_ids is not None:
            query = query.where(table.c.task_id.in_(listed(task_ids)))
        for task_id, id_ in session.connection().execute(query):
            found[task_id].add(id_)
    return found


def gather(session: ReaderSession, project_id: str, seen: Collection[int] | None = None) -> Evidence:
    """Everything that the session sees of a project. Read in a session that sees up to a level, it is that level's.

    `seen`: only what carries one of these marking ids.
    """
    project = load(session, Project, project_id)

    def among(table: Table) -> ColumnElement[bool]:
        return true() if seen is None else table.c.marking_id.in_(seen)

    tasks = [
        Seen._make(row)
        for row in session.connection().execute(
            select(
                _task.c.id,
                _task.c.marking_id,
                _task.c.position,
                _task.c.wanted,
                _task.c.open_slots,
                _task.c.submitted,
                _task.c.named,
                _task.c.role,
            )
            .where(_task.c.project_id == project_id, _task.c.role != TRAINING, among(_task))
            .order_by(_task.c.position, _task.c.id)
        )
    ]
    place = {task.id: number for number, task in enumerate(tasks)}
    parsed: dict[str, dict[str, Any]] = {}

    def result_of(text: str) -> dict[str, Any]:
        found = parsed.get(text)
        if found is None:
            found = parsed[text] = orjson.loads(text)
        return found

    answers = [
        Given(
            place[row.task_id],
            row.person_id,
            result_of(row.result),
            row.revision,
            row.submitted_at,
            row.origin,
        )
        for row in session.connection().execute(
            select(
                _annotation.c.task_id,
                _annotation.c.person_id,
                as_text(_annotation.c.result).label("result"),
                _annotation.c.revision,
                _annotation.c.submitted_at,
                _annotation.c.origin,
            )
            .where(
                _annotation.c.project_id == project_id,
                _annotation.c.latest == literal(True),
                among(_annotation),
            )
            .order_by(_annotation.c.submitted_at, _annotation.c.id)
        )
        if row.task_id in place
    ]
    evidence = Evidence(Questions.model_validate(project.form), rules_of(project.rules), tasks, answers)
    known = select(KnownAnswer.task_id, KnownAnswer.result).where(
        KnownAnswer.project_id == project_id, KnownAnswer.role == GOLD
    )
    decided = select(Adjudication.task_id, Adjudication.result).where(
        Adjudication.project_id == project_id, Adjudication.latest == literal(True)
    )
    evidence.gold = {place[task_id]: result for task_id, result in session.execute(known) if task_id in place}
    evidence.decided = {
        place[task_id]: result for task_id, result in session.execute(decided) if task_id in place
    }
    if any(task.named for task in tasks):
        people = select(TaskPerson.task_id, func.count()).where(TaskPerson.project_id == project_id)
        people = people.group_by(TaskPerson.task_id)
        evidence.named = Counter({row[0]: row[1] for row in session.execute(people)})
    return evidence

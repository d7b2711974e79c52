"""What waits for me, by marking."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Select, exists, func, literal, select

from strongroom.label.desk import LABELLING
from strongroom.label.schemas import HomeGroup, HomeOut, HomeProject, ManagedProject
from strongroom.label.tables import GOLD, Assignment, KnownAnswer, Project, Task, TaskPerson
from strongroom.people import MarkingOut, projects_of
from strongroom.vault import ReaderSession


@dataclass
class _Counts:
    waiting: int = 0
    open: int = 0
    submitted: int = 0


def home(session: ReaderSession) -> HomeOut:
    """Counts come from what the reader sees, each marking for itself; a marking with nothing of mine isn't listed."""
    person_id = session.reader.person_id
    roles = projects_of(session, person_id)
    projects = session.scalars(
        select(Project)
        .where(Project.removed_at.is_(None), Project.id.in_(roles))
        .order_by(Project.name, Project.id)
    ).all()
    labelling = [each for each in projects if not set(LABELLING).isdisjoint(roles[each.id])]
    counts = _counts(session, person_id, [each.id for each in labelling])
    markings = sorted(
        ((session.marking(number), number) for number in counts),
        key=lambda pair: (pair[0].level.rank, str(pair[0])),
    )
    return HomeOut(
        groups=[
            HomeGroup(
                marking=MarkingOut.of(marking),
                projects=[
                    HomeProject(
                        id=each.id,
                        name=each.name,
                        waiting=counts[number][each.id].waiting,
                        mine_open=counts[number][each.id].open,
                        submitted_by_me=counts[number][each.id].submitted,
                    )
                    for each in labelling
                    if each.id in counts[number]
                ],
            )
            for marking, number in markings
        ],
        manages=[
            ManagedProject(id=each.id, name=each.name, marking=MarkingOut.of(session.marking(each)))
            for each in projects
            if set(roles[each.id]) - {"annotator"}
        ],
    )


def _counts(session: ReaderSession, person_id: str, project_ids: list[str]) -> dict[int, dict[str, _Counts]]:
    found: defaultdict[int, defaultdict[str, _Counts]] = defaultdict(lambda: defaultdict(_Counts))
    offered = (
        select(Task.marking_id, Task.project_id, func.count())
        .where(Task.project_id.in_(project_ids), Task.offered == literal(True))
        .group_by(Task.marking_id, Task.project_id)
    )
    for number, project_id, count in session.execute(offered):
        found[number][project_id].waiting += count
    had = (
        select(Assignment.marking_id, Assignment.project_id, func.count())
        .join(Task, Task.id == Assignment.task_id)
        .where(
            Assignment.project_id.in_(project_ids),
            Assignment.person_id == person_id,
            Assignment.state != "expired",
            Task.offered == literal(True),
        )
        .group_by(Assignment.marking_id, Assignment.project_id)
    )
    for number, project_id, count in session.execute(had):
        found[number][project_id].waiting -= count
    named = (
        select(TaskPerson.marking_id, TaskPerson.project_id, func.count())
        .where(
            TaskPerson.project_id.in_(project_ids),
            TaskPerson.person_id == person_id,
            TaskPerson.waiting == literal(True),
        )
        .group_by(TaskPerson.marking_id, TaskPerson.project_id)
    )
    for number, project_id, count in session.execute(named):
        found[number][project_id].waiting += count
    for number, project_id, count in session.execute(_gold_to_come(person_id, project_ids)):
        # A claim of gold lowers what waits by one, as any claim does. Without work beside it, gold isn't given.
        if found[number][project_id].waiting > 0:
            found[number][project_id].waiting += count
    mine = (
        select(Assignment.marking_id, Assignment.project_id, Assignment.state, func.count())
        .where(Assignment.project_id.in_(project_ids), Assignment.person_id == person_id)
        .group_by(Assignment.marking_id, Assignment.project_id, Assignment.state)
    )
    for number, project_id, state, count in session.execute(mine):
        if state == "claimed":
            found[number][project_id].open = count
        elif state == "submitted":
            found[number][project_id].submitted = count
    return {number: dict(projects) for number, projects in found.items()}


def _gold_to_come(person_id: str, project_ids: list[str]) -> Select[int, str, int]:
    """How many gold tasks of each marking and project a person hasn't had."""
    had = exists().where(
        Assignment.marking_id == KnownAnswer.marking_id,
        Assignment.task_id == KnownAnswer.task_id,
        Assignment.person_id == person_id,
        Assignment.state != "expired",
    )
    return (
        select(KnownAnswer.marking_id, KnownAnswer.project_id, func.count())
        .where(KnownAnswer.project_id.in_(project_ids), KnownAnswer.role == GOLD, ~had)
        .group_by(KnownAnswer.marking_id, KnownAnswer.project_id)
    )

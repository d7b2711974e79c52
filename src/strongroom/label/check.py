"""Proof that what tasks say about their slots is what the assignments say: for tests and for whoever doubts."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from strongroom.label.tables import LIVE, ORDINARY, Annotation, Assignment, Task, TaskPerson
from strongroom.vault import ReaderSession


def check(session: ReaderSession, project_id: str) -> list[str]:
    """Everything that is wrong with a project's queue, as far as the session sees; empty when all is well."""
    assignments: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in session.scalars(select(Assignment).where(Assignment.project_id == project_id)):
        assignments[assignment.task_id].append(assignment)
    people: defaultdict[str, list[TaskPerson]] = defaultdict(list)
    for person in session.scalars(select(TaskPerson).where(TaskPerson.project_id == project_id)):
        people[person.task_id].append(person)
    answers: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in session.scalars(select(Annotation).where(Annotation.project_id == project_id)):
        answers[annotation.assignment_id].append(annotation)
    wrong: list[str] = []
    for task in session.scalars(select(Task).where(Task.project_id == project_id)):
        mine = assignments.pop(task.id, [])
        wrong += [f"task {task.id}: {what}" for what in _task(task, mine)]
        wrong += [f"task {task.id}: {what}" for what in _named(task, mine, people[task.id])]
        for assignment in mine:
            wrong += [
                f"assignment {assignment.id}: {what}" for what in _answers(assignment, answers[assignment.id])
            ]
    return wrong + [f"task {task_id}: has assignments and isn't there" for task_id in assignments]


def _task(task: Task, assignments: list[Assignment]) -> list[str]:
    wrong = []
    live = [each for each in assignments if each.state in LIVE]
    submitted = sum(1 for each in live if each.state == "submitted")
    slots = [each.slot for each in live if each.slot is not None]
    if task.open_slots != task.wanted - len(live):
        wrong.append(f"{task.open_slots} open slots, {task.wanted} wanted, {len(live)} held")
    if task.submitted != submitted:
        wrong.append(f"{task.submitted} answers counted, {submitted} there")
    if len(set(slots)) != len(live):
        wrong.append(f"slots {sorted(slots)} for {len(live)} assignments")
    if len({each.person_id for each in assignments}) != len(assignments):
        wrong.append("one person has two assignments")
    if any(each.marking_id != task.marking_id for each in assignments):
        wrong.append("an assignment at another marking")
    if task.offered != (task.open_slots > 0 and not task.named):
        wrong.append("offered against its slots")
    if task.role != ORDINARY and task.open_slots:
        wrong.append("a task whose answer is known stands in the queue")
    return wrong


def _named(task: Task, assignments: list[Assignment], people: list[TaskPerson]) -> list[str]:
    if task.named != bool(people):
        return ["named without names, or names without being named"]
    had = {each.person_id for each in assignments if each.state != "expired"}
    return [
        f"person {each.person_id} {'waits' if each.waiting else 'does not wait'}"
        for each in people
        if each.waiting != (task.open_slots > 0 and each.person_id not in had)
    ]


def _answers(assignment: Assignment, answers: list[Annotation]) -> list[str]:
    revisions = sorted(each.revision for each in answers)
    latest = [each.revision for each in answers if each.latest]
    if revisions != list(range(1, assignment.revision + 1)):
        return [f"revision {assignment.revision}, answers {revisions}"]
    if latest != ([assignment.revision] if assignment.revision else []):
        return [f"revision {assignment.revision}, latest {latest}"]
    return []

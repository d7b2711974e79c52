"""Asking for more answers, or fewer, of tasks that are there already."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, func, select

from strongroom.label import refit, slots
from strongroom.label.rules import first_wanted, rules_of
from strongroom.label.tables import Assignment, Project, Task, TaskPerson
from strongroom.vault import Reader, Vault, core, load

CHUNK_TASKS = 1_000

_task, _person, _assignment = core(Task), core(TaskPerson), core(Assignment)


def apply(vault: Vault, reader: Reader, project_id: str) -> None:
    """Give every task that the reader sees the project's overlap, marking by marking, some at a time; under a rule of
    confidence, the answers that every task gets, from which the worker goes on.

    No task falls below the slots that are taken, and a named task wants no more answers than it names people. Tasks at
    markings that the reader doesn't see keep what they had.
    """
    with vault.reading(reader) as session:
        project = load(session, Project, project_id)
        rules = rules_of(project.rules)
        overlap = first_wanted(project.overlap, rules)
        numbers = session.scalars(
            select(Task.marking_id).where(Task.project_id == project_id).distinct()
        ).all()
        markings = [session.marking(number) for number in numbers]
    for marking in markings:
        position = 0
        while True:
            with vault.writing(reader, marking) as session:
                connection, level_id = session.connection(), session.level_id
                values = {
                    "p_level": level_id,
                    "p_project": project_id,
                    "p_overlap": overlap,
                    "p_from": position,
                    "p_before": position + CHUNK_TASKS,
                    "p_end": slots.end_of_queue(connection, level_id, project_id),
                }
                changed = connection.execute(_APPLY, values).rowcount
                connection.execute(_WAIT, values)
                if changed:
                    session.audit("task.overlap", "project", project_id, overlap=overlap, tasks=changed)
                refit.ask(session, project_id, rules)
                last = connection.scalar(_LAST, values) or 0
            position += CHUNK_TASKS
            if position > last:
                break


_chunk = and_(
    _task.c.marking_id == bindparam("p_level"),
    _task.c.project_id == bindparam("p_project"),
    _task.c.position >= bindparam("p_from"),
    _task.c.position < bindparam("p_before"),
)
# A task that is open again goes behind everyone's place in the queue, and stays in the order of the file.
_APPLY = slots.wanting(
    bindparam("p_overlap", type_=_task.c.wanted.type), bindparam("p_end") + _task.c.position
).where(_chunk)
_WAIT = slots.waiting_again().where(
    _person.c.project_id == bindparam("p_project"),
    _person.c.position >= bindparam("p_from"),
    _person.c.position < bindparam("p_before"),
)
_LAST = select(func.max(_task.c.position)).where(
    _task.c.marking_id == bindparam("p_level"), _task.c.project_id == bindparam("p_project")
)

"""Putting rows into a project as tasks, at one marking, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select

from strongroom.label import slots
from strongroom.label.readers.row import Row
from strongroom.label.tables import ORDINARY, TRAINING, Annotation, Assignment, KnownAnswer, Task, TaskPerson
from strongroom.vault import ReaderSession, clock, core, ids, packed
from strongroom.vault.listed import unpacked

_task, _person, _known = core(Task), core(TaskPerson), core(KnownAnswer)
_assignment, _annotation = core(Assignment), core(Annotation)


class Answered(NamedTuple):
    """Whose answers came with the rows, to which guideline, and what they say, by row number."""

    person_id: str
    guideline_version: int
    results: Mapping[int, dict[str, Any]]


class Added(NamedTuple):
    added: int
    already_there: int


def add(
    session: ReaderSession,
    project_id: str,
    import_id: str,
    overlap: int,
    rows: Sequence[Row],
    people: Mapping[str, str],
    answered: Answered | None = None,
    *,
    role: str = ORDINARY,
    budget: int | None = None,
) -> Added:
    """Make a task of each row that isn't one yet at this level. `people`: login -> person id.

    A task that names fewer people than the overlap wants as many answers as people; beyond `budget`, answers wanted in
    the whole project as far as may be seen, none. Rows with a known answer become tasks of `role`. Answers that came
    along take a slot each, on new tasks and on those already there.
    """
    connection, level_id = session.connection(), session.level_id
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.content_hash, row)
    there = _already_there(connection, level_id, project_id, list(first))
    position = int(connection.scalar(_NEXT_POSITION, {"p_level": level_id, "p_project": project_id}) or 0)
    turn = slots.end_of_queue(connection, level_id, project_id)
    left = (
        None if budget is None else budget - int(connection.scalar(_WANTED, {"p_project": project_id}) or 0)
    )
    tasks: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    for row in (row for digest, row in first.items() if digest not in there):
        task_id = there[row.content_hash] = ids.new_id()
        named = list(dict.fromkeys(people[login] for login in row.people or ()))
        wanted = 0 if row.known is not None else min(overlap, len(named)) if named else overlap
        if left is not None:
            wanted = min(wanted, max(left, 0))
            left -= wanted
        tasks.append(
            {
                "id": task_id,
                "project_id": project_id,
                "import_id": import_id,
                "external_id": row.external_id,
                "text": row.text,
                "data": row.data,
                "content_hash": row.content_hash,
                "wanted": wanted,
                "open_slots": wanted,
                "submitted": 0,
                "position": position + len(tasks),
                "turn": turn + len(tasks),
                "named": bool(named),
                "offered": not named and wanted > 0,
                "role": ORDINARY if row.known is None else role,
            }
        )
        if row.known is not None:
            known.append(_known_answer(session, tasks[-1], row, role))
        asked += [
            {
                "task_id": task_id,
                "project_id": project_id,
                "person_id": person_id,
                "position": position + len(tasks) - 1,
                "waiting": wanted > 0,
            }
            for person_id in named
        ]
    if tasks:
        connection.execute(insert(_task), tasks)
    if asked:
        connection.execute(insert(_person), asked)
    if known:
        connection.execute(insert(_known), known)
    if answered is not None:
        for row in rows:
            _add_answer(session, project_id, there[row.content_hash], answered, row.number)
    return Added(len(tasks), len(rows) - len(tasks))


def _known_answer(session: ReaderSession, task: Mapping[str, Any], row: Row, role: str) -> dict[str, Any]:
    """Training comes in the order of its file, gold in no order at all."""
    return {
        "task_id": task["id"],
        "project_id": task["project_id"],
        "role": role,
        "position": task["position"] if role == TRAINING else place_of_gold(),
        "result": row.known,
        "explanation": row.explanation,
        "origin": "import",
        "made_at": clock.now(),
        "made_by": session.reader.person_id,
    }


def place_of_gold() -> int:
    """A random place among `assign.PLACES_OF_GOLD`."""
    return int(ids.new_id()[:5], 16)


def _already_there(
    connection: Connection, level_id: int, project_id: str, hashes: Sequence[str]
) -> dict[str, str]:
    found = connection.execute(
        _THERE,
        {"p_level": level_id, "p_project": project_id, "p_hashes": packed(hashes)},
    )
    return {row.content_hash: row.id for row in found if row.id is not None}


def _add_answer(
    session: ReaderSession, project_id: str, task_id: str, answered: Answered, number: int
) -> None:
    """The answer of a person who has none yet on this task, as long as a slot is open."""
    connection, level_id = session.connection(), session.level_id
    values = {"p_level": level_id, "p_task": task_id, "p_person": answered.person_id}
    task = connection.execute(_TASK, values).one()
    if task.open_slots == 0 or connection.execute(_MINE, values).first() is not None:
        return
    taken = slots.Slots(task_id, project_id, task.wanted, task.open_slots, task.named)
    slot = slots.take(connection, level_id, taken, answered.person_id)
    slots.count_answer(connection, level_id, task_id)
    now, assignment_id = clock.now(), ids.new_id()
    connection.execute(
        insert(_assignment),
        {
            "id": assignment_id,
            "task_id": task_id,
            "project_id": project_id,
            "person_id": answered.person_id,
            "slot": slot,
            "state": "submitted",
            "lease": ids.new_id(),
            "lease_until": now,
            "claimed_at": now,
            "changed_at": now,
            "revision": 1,
        },
    )
    connection.execute(
        insert(_annotation),
        {
            "assignment_id": assignment_id,
            "task_id": task_id,
            "project_id": project_id,
            "person_id": answered.person_id,
            "result": answered.results[number],
            "revision": 1,
            "latest": True,
            "seconds": 0.0,
            "submitted_at": now,
            "guideline_version": answered.guideline_version,
            "origin": "import",
        },
    )
    session.audit("annotation.import", "assignment", assignment_id, task=task_id, person=answered.person_id)


_in_project = (_task.c.marking_id == bindparam("p_level"), _task.c.project_id == bindparam("p_project"))
_hash = unpacked(bindparam("p_hashes"))
# A question for each hash: whatever a planner believes about the table, each is one seek in the index of contents.
_its_task = select(_task.c.id).where(*_in_project, _task.c.content_hash == _hash).scalar_subquery()
_THERE = select(_hash.label("content_hash"), _its_task.label("id"))
_WANTED = select(func.sum(_task.c.wanted)).where(
    _task.c.project_id == bindparam("p_project"), _task.c.role == ORDINARY
)
_NEXT_POSITION = select(func.coalesce(func.max(_task.c.position), -1) + 1).where(*_in_project)
_TASK = select(_task.c.wanted, _task.c.open_slots, _task.c.named).where(
    _task.c.marking_id == bindparam("p_level"), _task.c.id == bindparam("p_task")
)
_MINE = select(_assignment.c.id).where(
    _assignment.c.marking_id == bindparam("p_level"),
    _assignment.c.task_id == bindparam("p_task"),
    _assignment.c.person_id == bindparam("p_person"),
)

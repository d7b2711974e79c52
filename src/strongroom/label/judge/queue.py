"""Which tasks are asked again, under a rule of confidence within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import bindparam, func, select

from strongroom.label import slots
from strongroom.label.judge.evidence import Evidence, Seen
from strongroom.label.judge.fields import Judged
from strongroom.label.rules import Ask
from strongroom.label.tables import ORDINARY, Assignment, Task, TaskPerson
from strongroom.quality.allocation import State, expected_gain
from strongroom.quality.answers import Floats
from strongroom.vault import ReaderSession, core

AT_ONCE = 0.1
"""The share of the tasks that is opened at once, at most: what is learnt from them says where to ask next."""
AT_LEAST = 20
"""Slots that are open at least, as long as there is anything to ask: nobody should wait for the worker."""

_task, _person, _assignment = core(Task), core(TaskPerson), core(Assignment)


@dataclass
class Plan:
    """`wanted`: how many answers each task at the level shall have now, by position, the most urgent first.

    `settled` are the tasks of the level that are asked no further, whatever comes."""

    wanted: dict[int, int] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)


def plan(evidence: Evidence, judged: Sequence[Judged], sure: dict[int, float], level_id: int) -> Plan:
    """What the rule says of the tasks at a level. `sure`: the confidence of each task that has answers.

    Without a rule of confidence nothing is wanted, and what has its answers is settled.
    """
    ask = evidence.rules.ask
    mine = [
        (number, task)
        for number, task in enumerate(evidence.tasks)
        if task.marking_id == level_id and task.role == ORDINARY
    ]
    if ask is None:
        return Plan(settled={number for number, task in mine if task.submitted == task.wanted})
    left = _left(evidence, ask)
    found = Plan()
    uncertain: list[int] = []
    for number, task in mine:
        most = evidence.most(task, ask.most)
        first = min(ask.least, most)
        if number in evidence.decided:
            found.wanted[number] = task.taken
            found.settled.add(number)
        elif task.taken < first:
            more = min(first - task.taken, max(left, 0))
            left -= more
            found.wanted[number] = task.taken + more
        elif task.submitted < first:
            found.wanted[number] = task.taken
        elif sure.get(number, 0.0) >= ask.confidence or task.taken >= most:
            found.wanted[number] = task.taken
            if task.submitted == task.taken:
                found.settled.add(number)
        else:
            uncertain.append(number)
    urgent = _most_urgent_first(evidence, judged, sure, uncertain)
    room = max(min(left, max(AT_LEAST, int(len(mine) * AT_ONCE))), 0)
    for number in urgent[room:]:
        found.wanted[number] = evidence.tasks[number].taken
        if left <= 0:
            found.settled.add(number)
    for number in urgent[:room]:
        found.wanted[number] = evidence.tasks[number].taken + 1
    return found


def _left(evidence: Evidence, ask: Ask) -> int:
    """Judgements of the budget that nobody has taken yet, as far as may be seen."""
    if ask.budget is None:
        return sum(ask.most for _ in evidence.tasks)
    return ask.budget - sum(task.taken for task in evidence.tasks if task.role == ORDINARY)


def _most_urgent_first(
    evidence: Evidence, judged: Sequence[Judged], sure: dict[int, float], numbers: list[int]
) -> list[int]:
    """By what one more answer is expected to set right, over the fields with one label; else by confidence."""
    gain: Floats = np.zeros(len(evidence.tasks))
    taken = np.array([task.taken for task in evidence.tasks], dtype=np.int64)
    for each in judged:
        if each.found is not None:
            gain += expected_gain(each.found, taken)
    return sorted(numbers, key=lambda number: (-gain[number], sure.get(number, 0.0), number))


def state_of(evidence: Evidence, judged: Judged, ask: Ask | None) -> State:
    """Where a field with one label stands, for a forecast: without a rule, as if every task might be asked twice more."""
    assert judged.answers is not None
    assert judged.found is not None
    under_way = np.array([task.taken - task.submitted for task in evidence.tasks], dtype=np.int64)
    most = np.array(
        [evidence.most(task, ask.most if ask else task.wanted + 2) for task in evidence.tasks], dtype=np.int64
    )
    closed = np.array(
        [task.role != ORDINARY or number in evidence.decided for number, task in enumerate(evidence.tasks)],
        dtype=bool,
    )
    return State(judged.answers, judged.found, most, under_way, closed, first=0)


def apply(
    session: ReaderSession, project_id: str, ask: Ask, tasks: Sequence[tuple[Seen, int]], *, raising: bool
) -> int:
    """Give tasks at the session's level what is wanted of them now, in the order of urgency; say how many changed.

    What was claimed in the meantime stands: no task falls below the slots that are taken, rises above the people it
    names, and the answers wanted never add up to more than the budget.
    """
    connection, level_id = session.connection(), session.level_id
    now_wanted = connection.execute(_NOW, {"p_level": level_id, "p_project": project_id})
    wanted = {row.id: row.wanted for row in now_wanted}
    left = None
    if ask.budget is not None and raising:
        left = ask.budget - int(connection.scalar(_WANTED, {"p_project": project_id}) or 0)
    end = slots.end_of_queue(connection, level_id, project_id)
    values, named = [], []
    for turn, (task, aim) in enumerate(tasks):
        now = wanted.get(task.id, task.wanted)
        if (aim > now) is not raising or aim == now:
            continue
        if left is not None:
            aim = min(aim, now + left)
            left -= aim - now
            if aim <= now:
                continue
        values.append({"p_level": level_id, "p_task": task.id, "p_wanted": aim, "p_turn": end + turn})
        if task.named:
            named.append({"p_level": level_id, "p_task": task.id})
    if values:
        connection.execute(_APPLY, values)
    if named:
        connection.execute(_WAIT, named)
    return len(values)


_of_level = (_task.c.marking_id == bindparam("p_level"), _task.c.project_id == bindparam("p_project"))
_NOW = select(_task.c.id, _task.c.wanted).where(*_of_level, _task.c.role == ORDINARY)
_WANTED = select(func.sum(_task.c.wanted)).where(
    _task.c.project_id == bindparam("p_project"), _task.c.role == ORDINARY
)
_APPLY = slots.wanting(
    bindparam("p_wanted", type_=_task.c.wanted.type), bindparam("p_turn", type_=_task.c.turn.type)
).where(_task.c.marking_id == bindparam("p_level"), _task.c.id == bindparam("p_task"))
_WAIT = slots.waiting_again().where(_person.c.task_id == bindparam("p_task"))

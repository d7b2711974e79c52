"""What the label room puts right when its things are marked otherwise or purged.

A task goes with everything that hangs on it, so what it says about its slots stays true. What doesn't stay true is its
place: at the new marking it comes behind what is there, in the file and in the queue. And where only somebody's answer went
away, the task it answered counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from strongroom.label.tables import (
    LIVE,
    ORDINARY,
    Adjudication,
    Annotation,
    Assignment,
    Dataset,
    Findings,
    ImportRejection,
    ImportTally,
    KnownAnswer,
    Standing,
    Task,
    TaskConsensus,
    TaskPerson,
)
from strongroom.vault import core
from strongroom.vault.lineage import DerivationEdge
from strongroom.vault.listed import batched
from strongroom.vault.remark import Moved, after_moving, merging
from strongroom.vault.ties import Implied, aside, implies, together

_task, _assignment, _person, _tally = core(Task), core(Assignment), core(TaskPerson), core(ImportTally)

# A draft repeats what the answer says, so neither is marked without the other. The bytes of a dataset are the dataset.
together(core(Annotation).name, "assignment_id", _assignment.name)
together(core(Dataset).name, "jsonl_blob_id", "blob")
together(core(Dataset).name, "conll_blob_id", "blob")
aside(*(core(each).name for each in (ImportTally, ImportRejection, TaskPerson, Findings, Standing)))


_answer, _dataset, _edge = core(Annotation), core(Dataset), core(DerivationEdge)
_decision, _known = core(Adjudication), core(KnownAnswer)
_agreed, _findings = core(TaskConsensus), core(Findings)


def _come_of(source: FromClause, derived: FromClause, together_when: ColumnElement[bool]) -> None:
    """Things that were made of others at the same task. Rather one too many than one too few."""
    one, other = source.c.id, derived.c.id

    def ends(
        wanted: ColumnElement[str], given: ColumnElement[str]
    ) -> Callable[[Collection[str]], Select[str]]:
        return lambda ids: select(wanted).distinct().where(together_when, given.in_(ids))

    def pairs(ids: Collection[str]) -> Select[str, str]:
        return select(other, one).distinct().where(together_when, other.in_(ids))

    kinds = (_kind(one), _kind(other))
    implies(Implied(*kinds, ends(other, one), ends(one, other), pairs))


def _kind(column: ColumnElement[str]) -> str:
    """The table that a column is of, by whatever other name it goes there."""
    (base,) = column.base_columns
    return str(base.table.name)


# A dataset holds the answers, decisions and known answers that its tasks had when it was made.
for _table, _at in (
    (_answer, _answer.c.submitted_at),
    (_decision, _decision.c.at),
    (_known, _known.c.made_at),
):
    _come_of(
        _table,
        _dataset,
        and_(
            _edge.c.derived_id == _dataset.c.id,
            _edge.c.derived_kind == _dataset.name,
            _edge.c.source_id == _table.c.task_id,
            _edge.c.source_kind == _task.name,
            _at <= _dataset.c.finished_at,
        ),
    )
# What was agreed repeats what somebody said, or a reviewer, or a file.
for _table in (_answer, _decision, _known):
    _come_of(_table, _agreed, _table.c.task_id == _agreed.c.task_id)
# A reviewer's decision may repeat answers and earlier decisions, and a known answer may be made of it.
_earlier, _later = _decision.alias("earlier"), _decision.alias("later")
_come_of(_answer, _decision, _answer.c.task_id == _decision.c.task_id)
_come_of(
    _earlier,
    _later,
    and_(_earlier.c.task_id == _later.c.task_id, _earlier.c.number < _later.c.number),
)
_come_of(_answer, _known, and_(_answer.c.task_id == _known.c.task_id, _known.c.origin == "adjudication"))
_come_of(
    _decision, _known, _decision.c.task_id == _known.c.task_id
)  # which it changes, wherever that came from
# Figures of a level; those of higher levels count it too, and say no more about it than a number.
_come_of(
    _answer,
    _findings,
    and_(_answer.c.project_id == _findings.c.project_id, _answer.c.marking_id == _findings.c.marking_id),
)


@merging(core(TaskConsensus).name)
@merging(_findings.name)
def find_again(connection: Connection, coming_id: str, there_id: str) -> None:
    """The worker finds out anew: what was found from fewer answers is of no use."""
    for table in (core(TaskConsensus), _findings):
        connection.execute(delete(table).where(table.c.id == coming_id))


@merging(core(ImportTally).name)
def add_up(connection: Connection, coming_id: str, there_id: str) -> None:
    """Two tallies of one import at one marking are one."""
    coming = connection.execute(select(_tally).where(_tally.c.id == coming_id)).one()
    connection.execute(
        update(_tally)
        .where(_tally.c.id == there_id)
        .values(
            added=_tally.c.added + coming.added,
            already_there=_tally.c.already_there + coming.already_there,
        )
    )
    connection.execute(delete(_tally).where(_tally.c.id == coming_id))


@after_moving
def put_right(connection: Connection, moved: Moved) -> None:
    """Renumber tasks that came to a marking, count again those that lost an answer or got one back."""
    for move, task_ids in moved.groups(_task.name):
        if move.after is not None and move.after not in moved.hidden:
            _line_up(connection, move.after, task_ids)
    places = {
        number for move in moved.get(_assignment.name, {}).values() for number in (move.before, move.after)
    }
    for marking_id in sorted(
        number for number in places if number is not None and number not in moved.hidden
    ):
        _count_again(connection, marking_id)


def _line_up(connection: Connection, marking_id: int, task_ids: list[str]) -> None:
    """Behind what is there, in the order in which they were."""
    coming: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for some in batched(task_ids):
        rows = connection.execute(
            select(_task.c.project_id, _task.c.position, _task.c.id).where(_task.c.id.in_(some))
        )
        for project_id, position, id_ in rows:
            coming[project_id].append((position, id_))
    for project_id, places in coming.items():
        own = [id_ for _, id_ in places]
        position = _next(connection, _task.c.position, marking_id, project_id, own)
        turn = _next(connection, _task.c.turn, marking_id, project_id, own)
        ordered = [id_ for _, id_ in sorted(places)]
        connection.execute(
            update(_task)
            .where(_task.c.id == bindparam("p_id"))
            .values(position=bindparam("p_position"), turn=bindparam("p_turn")),
            [{"p_id": id_, "p_position": position + n, "p_turn": turn + n} for n, id_ in enumerate(ordered)],
        )
        connection.execute(
            update(_person)
            .where(_person.c.marking_id == marking_id, _person.c.task_id == bindparam("p_id"))
            .values(position=bindparam("p_position")),
            [{"p_id": id_, "p_position": position + n} for n, id_ in enumerate(ordered)],
        )
        for some in batched(ordered):
            # How far somebody had come in the queue of the other marking says nothing here.
            connection.execute(
                update(_assignment)
                .where(
                    _assignment.c.marking_id == marking_id,
                    _assignment.c.task_id.in_(some),
                    _assignment.c.turn.is_not(None),
                )
                .values(turn=-1)
            )


def _next(
    connection: Connection, column: Column[int], marking_id: int, project_id: str, coming: list[str]
) -> int:
    """Behind the last of those that were there before."""
    here = (_task.c.marking_id == marking_id, _task.c.project_id == project_id)
    if len(coming) == connection.scalar(select(func.count()).select_from(_task).where(*here)):
        return 0
    last = connection.scalar(select(func.max(column)).where(*here))
    return int(last or 0) + 1


def _count_again(connection: Connection, marking_id: int) -> None:
    """The tasks at a marking whose slots don't agree with the answers that are there with them."""
    live = and_(
        _assignment.c.task_id == _task.c.id,
        _assignment.c.marking_id == _task.c.marking_id,
        _assignment.c.state.in_(LIVE),
    )
    submitted = func.sum(case((_assignment.c.state == "submitted", 1), else_=0))
    rows = connection.execute(
        select(
            _task.c.id,
            _task.c.project_id,
            _task.c.wanted,
            _task.c.open_slots,
            _task.c.submitted,
            _task.c.named,
            _task.c.role,
            func.count(_assignment.c.id).label("held"),
            submitted.label("given"),
        )
        .select_from(_task.outerjoin(_assignment, live))
        .where(_task.c.marking_id == marking_id)
        .group_by(_task.c.id)
    ).all()
    for row in rows:
        if (row.wanted - row.open_slots, row.submitted) == (row.held, row.given or 0):
            continue
        ordinary = row.role == ORDINARY
        wanted = max(row.wanted, row.held) if ordinary else row.held
        values: dict[str, Any] = {
            "wanted": wanted,
            "open_slots": wanted - row.held,
            "submitted": row.given or 0,
            "offered": wanted > row.held and not row.named,
        }
        if wanted > row.held and ordinary:
            values["turn"] = _next(connection, _task.c.turn, marking_id, row.project_id, [])
        connection.execute(update(_task).where(_task.c.id == row.id).values(values))
        if row.named:
            _let_wait(connection, marking_id, row.id, wanted > row.held)


def _let_wait(connection: Connection, marking_id: int, task_id: str, open_slot: bool) -> None:
    engaged = select(_assignment.c.person_id).where(
        _assignment.c.marking_id == marking_id,
        _assignment.c.task_id == task_id,
        _assignment.c.state != "expired",
    )
    connection.execute(
        update(_person)
        .where(_person.c.marking_id == marking_id, _person.c.task_id == task_id)
        .values(waiting=_person.c.person_id.not_in(engaged) if open_slot else False)
    )

"""The job: reads what may be seen at its level, and writes there what it makes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, insert, select, update

from strongroom.jobs import JobContext
from strongroom.label.agreed import told
from strongroom.label.consensus import Agreed, support
from strongroom.label.form import TextField
from strongroom.label.judge.evidence import Evidence, gather, rests_on
from strongroom.label.judge.fields import Judged, judge
from strongroom.label.judge.findings import findings
from strongroom.label.judge.people import judge_people
from strongroom.label.judge.queue import Plan, apply, plan
from strongroom.label.tables import Findings, Project, TaskConsensus
from strongroom.vault import ReaderSession, clock, core, ids, load

CHUNK = 1_000
"""Rows that are written in one transaction: others wait meanwhile."""

_consensus = core(TaskConsensus)
T = TypeVar("T")


class Verdict(NamedTuple):
    """What the answers to one task say, ready to be stored."""

    task_id: str
    value: dict[str, Any]
    detail: dict[str, list[Any]]
    confidence: float
    disputed: bool
    basis: int


def look(context: JobContext) -> None:
    """May be called again at any point: what is written is a function of what is there."""
    project_id, level_id = context.job.project_id, context.job.marking_id
    assert project_id is not None
    with context.reading(up_to=context.reader.level) as session:
        project = load(session, Project, project_id)
        if project.removed_at is not None:
            return
        evidence = gather(session, project_id)
        there = _stored(session, level_id, project_id)
        rested_on = rests_on(session, level_id, project_id)
    judged = judge(evidence)
    sure = _sure(evidence, judged)
    found = plan(evidence, judged, sure, level_id)
    fresh = [
        verdict
        for verdict in _verdicts(evidence, judged, sure, found, level_id)
        if there.get(verdict.task_id, (None, None))[1:] != verdict[1:]
    ]
    for chunk in _chunks(fresh):
        with context.writing() as session:
            _store(session, project_id, _still(session, project_id, chunk, rested_on), there)
        context.check_cancelled()
    if evidence.rules.ask is not None:
        tasks = [(evidence.tasks[number], aim) for number, aim in found.wanted.items()]
        for raising in (False, True):
            moved = [
                (task, aim) for task, aim in tasks if (aim > task.wanted) is raising and aim != task.wanted
            ]
            for part in _chunks(moved):
                with context.writing() as session:
                    changed = apply(session, project_id, evidence.rules.ask, part, raising=raising)
                    session.audit("task.wanted", "project", project_id, tasks=changed)
    made = findings(evidence, judged, sure, found, level_id)
    with context.writing() as session:
        judge_people(session, project_id, evidence)
        row = session.scalars(
            select(Findings).where(Findings.marking_id == level_id, Findings.project_id == project_id)
        ).one_or_none()
        if row is None:  # taken out of sight with an answer meanwhile; the next answer begins another
            return
        row.found, row.made_at = made, clock.now()
        row.answers, row.basis = len(evidence.answers), evidence.basis


def consensus_at(
    session: ReaderSession, project_id: str, level_id: int, seen: Collection[int]
) -> dict[str, dict[str, Agreed]]:
    """What `look` would store for the tasks of a level, by task: for an export that comes before it.

    `seen`: the ids of the markings of the project's tasks that are no higher than that level.
    """
    evidence = gather(session, project_id, seen)
    judged = judge(evidence)
    sure = _sure(evidence, judged)
    return {
        verdict.task_id: told(verdict.value, verdict.detail)
        for verdict in _verdicts(evidence, judged, sure, Plan(), level_id)
    }


def _sure(evidence: Evidence, judged: Sequence[Judged]) -> dict[int, float]:
    """How sure each task's consensus is: that of its least certain field, free text aside."""
    sure: dict[int, float] = {}
    for each in judged:
        if isinstance(each.field, TextField):
            continue
        for task, confidence in each.confidence.items():
            sure[task] = min(sure.get(task, 1.0), confidence)
    for task, given in enumerate(evidence.by_task):
        if given and (task in evidence.decided or task in evidence.gold or task not in sure):
            sure[task] = 1.0
    return sure


def _verdicts(
    evidence: Evidence, judged: Sequence[Judged], sure: dict[int, float], found: Plan, level_id: int
) -> Iterator[Verdict]:
    for number, (task, given) in enumerate(zip(evidence.tasks, evidence.by_task, strict=True)):
        if task.marking_id != level_id or not (given or number in evidence.decided):
            continue
        results = [each.result for each in given]
        value: dict[str, Any] = {}
        detail: dict[str, list[Any]] = {}
        for each in judged:
            key = each.field.key
            known = evidence.known.get(number, {})
            if key in known:
                method = "adjudicated" if number in evidence.decided else "gold"
                value[key], confidence = known[key], 1.0
            elif number in each.values:
                value[key], confidence, method = each.values[number], each.confidence[number], each.method
            else:
                continue
            # A count of votes says nothing of how probably it is right, whatever the queue makes of it.
            chance = None if method == "majority" else round(confidence, 6)
            detail[key] = [*support(each.field, value[key], results), chance, method]
        disputed = (
            number in found.settled
            and number not in evidence.decided
            and len(given) >= 2
            and sure[number] < evidence.rules.review.below
        )
        yield Verdict(
            task.id,
            value,
            detail,
            round(sure.get(number, 1.0), 6),
            disputed,
            sum(each.revision for each in given),
        )


def _stored(session: ReaderSession, level_id: int, project_id: str) -> dict[str, tuple[Any, ...]]:
    """Task -> the row's id, then what a `Verdict` says after the task."""
    rows = session.connection().execute(
        select(
            _consensus.c.task_id,
            _consensus.c.id,
            _consensus.c.value,
            _consensus.c.detail,
            _consensus.c.confidence,
            _consensus.c.disputed,
            _consensus.c.basis,
        ).where(_consensus.c.marking_id == level_id, _consensus.c.project_id == project_id)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _still(
    session: ReaderSession, project_id: str, chunk: Sequence[Verdict], rested_on: dict[str, set[str]]
) -> list[Verdict]:
    """Those verdicts that rest on what is in sight now: an answer may have been raised, held or purged meanwhile, and what
    repeats it must not be put down here."""
    now = rests_on(session, session.level_id, project_id, [verdict.task_id for verdict in chunk])
    return [verdict for verdict in chunk if now.get(verdict.task_id) == rested_on.get(verdict.task_id)]


def _store(
    session: ReaderSession, project_id: str, chunk: Sequence[Verdict], there: dict[str, tuple[Any, ...]]
) -> None:
    connection, level_id = session.connection(), session.level_id
    new = [verdict for verdict in chunk if verdict.task_id not in there]
    if new:
        have = set(
            session.scalars(
                select(TaskConsensus.task_id).where(
                    TaskConsensus.marking_id == level_id,
                    TaskConsensus.task_id.in_([verdict.task_id for verdict in new]),
                )
            )
        )
        rows = [
            {"id": ids.new_id(), "project_id": project_id, **verdict._asdict()}
            for verdict in new
            if verdict.task_id not in have
        ]
        if rows:
            connection.execute(insert(_consensus), rows)
    old = [verdict for verdict in chunk if verdict.task_id in there]
    if old:
        connection.execute(
            _UPDATE,
            [
                {
                    "p_level": level_id,
                    "p_task": verdict.task_id,
                    "p_value": verdict.value,
                    "p_detail": verdict.detail,
                    "p_confidence": verdict.confidence,
                    "p_disputed": verdict.disputed,
                    "p_basis": verdict.basis,
                }
                for verdict in old
            ],
        )


def _chunks(things: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


_UPDATE = (
    update(_consensus)
    .where(_consensus.c.marking_id == bindparam("p_level"), _consensus.c.task_id == bindparam("p_task"))
    .values(
        value=bindparam("p_value", type_=_consensus.c.value.type),
        detail=bindparam("p_detail", type_=_consensus.c.detail.type),
        confidence=bindparam("p_confidence"),
        disputed=bindparam("p_disputed"),
        basis=bindparam("p_basis"),
    )
)

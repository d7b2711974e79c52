"""The worker's look at the answers: consensus by model, who is asked next, and where it stops."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from strongroom import jobs
from strongroom.label import browse, overlap
from strongroom.label import project as projects
from strongroom.label.schemas import ProjectPatch
from strongroom.label.tables import Findings, Task, TaskConsensus

LABELS = ("spill", "fire", "none")
CREW = ("ana", "ben", "cem", "dia", "eva", "fay")
SKILL = {"ana": 0.95, "ben": 0.9, "cem": 0.85, "dia": 0.8, "eva": 0.34, "fay": 0.9}


def truth(text: str) -> str:
    return LABELS[sum(text.encode()) % 3]


def answer(login: str, text: str, seed: int = 0) -> dict[str, str]:
    chance = random.Random(f"{login} {text} {seed}")
    right = chance.random() < SKILL[login]
    return {"kind": truth(text) if right else chance.choice([x for x in LABELS if x != truth(text)])}


def asking(room: Any, tasks: int, ask: dict[str, Any] | None = None, **kwargs: Any) -> str:
    """A project with a rule, and texts."""
    project: str = room.project(annotators=CREW, rules={"ask": ask} if ask else None, **kwargs)
    room.rows(project, tasks)
    return project


def work(room: Any, project: str, people: tuple[str, ...] = CREW, rounds: int = 100) -> int:
    """Everyone answers some tasks in turn, and the worker looks after each round, until nothing is left."""
    given = 0
    for _ in range(rounds):
        before = given
        for login in people:
            for _ in range(3):
                task = room.next(login, project)
                if task is None:
                    break
                room.submit(login, task, answer(login, task.task.text))
                given += 1
        room.refit(project)
        assert room.wrong(project) == []
        if given == before:
            return given
    return given


def tasks_of(room: Any, project: str) -> list[Any]:
    with room.vault.reading(room.reader("olga")) as session:
        return list(session.scalars(select(Task).where(Task.project_id == project).order_by(Task.position)))


def consensus_of(room: Any, project: str) -> dict[str, TaskConsensus]:
    with room.vault.reading(room.reader("olga")) as session:
        rows = session.execute(
            select(Task.text, TaskConsensus)
            .join(TaskConsensus, TaskConsensus.task_id == Task.id)
            .where(Task.project_id == project)
        )
        return {row[0]: row[1] for row in rows}


def found(room: Any, project: str, by: str = "olga") -> list[dict[str, Any]]:
    with room.vault.reading(room.reader(by)) as session:
        return [
            each.found for each in session.scalars(select(Findings).where(Findings.project_id == project))
        ]


def test_uncertain_tasks_are_asked_more_and_certain_ones_no_more(room: Any) -> None:
    project = asking(room, 90, {"confidence": 0.95, "least": 2, "most": 5})
    given = work(room, project)
    tasks = tasks_of(room, project)
    each = Counter(task.submitted for task in tasks)
    assert set(each) <= {2, 3, 4, 5}
    assert each[2] > 20, "agreement of good people is enough"
    assert len(each) > 1, "disagreement is not"
    assert given == sum(task.submitted for task in tasks) < 90 * 5
    consensus = consensus_of(room, project)
    for task in tasks:
        sure = consensus[task.text].confidence
        assert task.submitted == 5 or sure >= 0.95
    right = sum(row.value["kind"] == truth(text) for text, row in consensus.items())
    assert right >= 80


def test_never_more_than_the_budget_is_asked(room: Any) -> None:
    project = asking(room, 60, {"confidence": 0.99, "least": 2, "most": 6, "budget": 150})
    assert work(room, project) == 150


def test_a_budget_below_the_first_answers_holds_too(room: Any) -> None:
    project = asking(room, 60, {"confidence": 0.99, "least": 2, "most": 6, "budget": 70})
    assert work(room, project) == 70


def test_with_little_evidence_votes_are_counted_and_with_enough_a_model_weighs_people(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=5)
    room.rows(project, 15)
    work(room, project)
    methods = {row.detail["kind"][4] for row in consensus_of(room, project).values()}
    assert methods == {"majority"}
    room.bring(project, "".join(json.dumps({"text": f"more {n}"}) + "\n" for n in range(60)))
    work(room, project)
    consensus = consensus_of(room, project)
    assert {row.detail["kind"][4] for row in consensus.values()} == {"model"}
    assert sum(row.value["kind"] == truth(text) for text, row in consensus.items()) >= 70


def test_a_project_that_counts_votes_counts_them_always(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=4, rules={"consensus": "majority"})
    room.rows(project, 60)
    work(room, project)
    assert {row.detail["kind"][4] for row in consensus_of(room, project).values()} == {"majority"}
    lines = room.lines(room.export(project))
    for line in lines:
        votes = Counter(each["result"]["kind"] for each in line["answers"])
        top = max(votes.values())
        first = next(label for label in LABELS if votes[label] == top)
        assert line["consensus"]["kind"]["value"] == first


def test_the_consensus_is_the_same_wherever_it_is_shown(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=3)
    room.rows(project, 60)
    work(room, project)
    stored = {text: row.value for text, row in consensus_of(room, project).items()}
    exported = {line["text"]: line["consensus"] for line in room.lines(room.export(project))}
    assert {
        text: {key: each["value"] for key, each in fields.items()} for text, fields in exported.items()
    } == stored
    assert {fields["kind"]["method"] for fields in exported.values()} == {"model"}
    with room.vault.reading(room.reader("olga")) as session:
        listed = browse.tasks(session, project, None, "", None, 500).items
    for row in listed:
        task = next(line for line in exported if line == row.excerpt)
        assert row.consensus is not None
        assert row.consensus["kind"].model_dump() == exported[task]["kind"]


def test_an_export_that_comes_before_the_worker_tells_what_the_worker_will(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=3)
    room.rows(project, 60)
    for login in CREW:
        while (task := room.next(login, project)) is not None:
            room.submit(login, task, answer(login, task.task.text))
    jobs.run_waiting(room.vault)
    with room.vault.writing(room.reader("olga")) as session:
        row = session.scalars(select(Findings).where(Findings.marking_id == session.level_id)).one()
        row.basis -= 1  # as if an answer had come since
    early = {line["text"]: line["consensus"] for line in room.lines(room.export(project))}
    room.refit(project)
    late = {line["text"]: line["consensus"] for line in room.lines(room.export(project))}
    assert early == late


def test_the_rule_may_come_and_go_while_people_work(room: Any) -> None:
    project = asking(room, 40, None, overlap=4)
    for login in CREW[:2]:
        while (task := room.next(login, project)) is not None:
            room.submit(login, task, answer(login, task.task.text))
    change(room, project, ProjectPatch(rules={"ask": {"confidence": 0.9, "least": 2, "most": 4}}))
    room.refit(project)
    assert room.wrong(project) == []
    assert Counter(task.submitted for task in tasks_of(room, project)) == {2: 40}
    assert all(task.wanted in (2, 3) for task in tasks_of(room, project))
    change(room, project, ProjectPatch(rules={}))
    room.refit(project)
    assert {task.wanted for task in tasks_of(room, project)} == {4}
    assert room.wrong(project) == []


def change(room: Any, project: str, asked: ProjectPatch) -> None:
    reader = room.reader("olga")
    with projects.at_its_level(room.vault, reader, project) as (session, found):
        projects.change(session, found, asked)
    overlap.apply(room.vault, reader, project)


@pytest.mark.parametrize("times", [1, 3])
def test_looking_twice_changes_nothing(room: Any, times: int) -> None:
    project = asking(room, 60, {"confidence": 0.95, "least": 2, "most": 5})
    work(room, project, rounds=6)
    before = [(task.id, task.wanted, task.turn) for task in tasks_of(room, project)], found(room, project)
    for _ in range(times):
        room.refit(project)
    after = [(task.id, task.wanted, task.turn) for task in tasks_of(room, project)], found(room, project)
    assert before == after


def test_each_level_is_looked_at_for_itself(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=3)
    room.person("cleared", "Confidential")
    for marking in ("PUBLIC", "CONFIDENTIAL"):
        rows = "".join(json.dumps({"text": f"{marking} {n}", "marking": marking}) + "\n" for n in range(40))
        room.bring(project, rows)
    for level in ("PUBLIC", "CONFIDENTIAL"):
        for login in CREW:
            while (task := room.next(login, project, level=level)) is not None:
                room.submit(login, task, answer(login, task.task.text))
        jobs.run_waiting(room.vault)
    room.refit(project)
    room.refit(project, level="CONFIDENTIAL")
    with room.vault.reading(room.reader("olga")) as session:
        kept = session.scalars(select(Findings).where(Findings.project_id == project)).all()
        answers = {str(session.marking(each)): each.answers for each in kept}
        seen = session.scalars(select(TaskConsensus).where(TaskConsensus.project_id == project)).all()
        assert len(seen) == 80
        tasks = {task.id: task.marking_id for task in session.scalars(select(Task))}
        assert all(row.marking_id == tasks[row.task_id] for row in seen)
    assert answers == {"PUBLIC": 120, "CONFIDENTIAL": 240}

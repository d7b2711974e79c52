"""Disputes: found by the worker, decided by somebody who wasn't part of them, final from then on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from strongroom.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from strongroom.label import browse, review
from strongroom.label.refusals import LevelChangedError
from strongroom.label.schemas import AssignmentOut, DisputeOut, TaskOut
from strongroom.label.tables import KnownAnswer, Task, TaskConsensus
from strongroom.people import set_roles

CREW = ("ana", "ben", "cem")


def disputed(room: Any, level: str = "PUBLIC", **rules: Any) -> tuple[str, str]:
    """A project with one task on which three people say three things, and two on which they agree; and the one."""
    project: str = room.project(annotators=CREW, overlap=3, rules=rules or None)
    if "rita" not in room.people:
        room.person("rita", "Confidential")
    with room.vault.writing(room.reader("olga")) as session:
        set_roles(session, project, room.people["rita"].person_id, ["reviewer"])
    rows = "".join(
        json.dumps({"id": text, "text": text, "marking": level}) + "\n" for text in ("clear", "hard", "plain")
    )
    room.bring(project, rows)
    for login, kind in zip(CREW, ("spill", "fire", "none"), strict=True):
        while (task := room.next(login, project, level=level)) is not None:
            room.submit(login, task, {"kind": kind if task.task.text == "hard" else "fire"})
    room.refit(project, level=level)
    return project, task_id(room, project, "hard")


def task_id(room: Any, project: str, text: str) -> str:
    with room.vault.reading(room.reader("olga")) as session:
        found = session.scalars(select(Task.id).where(Task.project_id == project, Task.text == text)).one()
        return str(found)


def disputes(room: Any, project: str, by: str = "rita") -> list[DisputeOut]:
    with room.vault.reading(room.reader(by)) as session:
        return review.disputes(session, project, None, 50).items


def decide(
    room: Any,
    task: str,
    kind: str = "spill",
    *,
    by: str = "rita",
    level: str = "PUBLIC",
    note: str = "It says so.",
) -> TaskOut:
    with review.at_task(room.vault, room.reader(by, level), task, review.REVIEWING) as (
        session,
        found,
        project,
    ):
        review.decide(session, found, project, {"kind": kind}, note)
        return browse.task(session, task)


def test_what_people_disagree_on_goes_to_review_and_nothing_else(room: Any) -> None:
    project, task = disputed(room)
    (found,) = disputes(room, project)
    assert (found.task.id, found.task.excerpt, found.mine, found.open_to_me) == (task, "hard", False, True)
    assert found.confidence < 0.7


def test_a_task_that_is_still_asked_is_no_dispute_yet(room: Any) -> None:
    project, _ = disputed(room, ask={"confidence": 0.99, "least": 2, "most": 9})
    assert disputes(room, project) == []


def test_a_decision_is_the_consensus_everywhere_and_for_good(room: Any) -> None:
    project, task = disputed(room)
    decided = decide(room, task)
    assert decided.consensus is not None
    agreed = decided.consensus["kind"]
    assert (agreed.value, agreed.method, agreed.confidence, agreed.votes) == ("spill", "adjudicated", 1.0, 1)
    assert decided.review is not None
    assert (decided.review.note, decided.review.person.login, decided.disputed) == (
        "It says so.",
        "rita",
        False,
    )
    assert disputes(room, project) == []
    for _ in range(2):
        (line,) = [each for each in room.lines(room.export(project)) if each["text"] == "hard"]
        assert line["consensus"]["kind"]["value"] == "spill"
        assert line["consensus"]["kind"]["method"] == "adjudicated"
        assert (line["review"]["person"], line["review"]["note"]) == ("rita", "It says so.")
        assert line["review"]["reviewer"].startswith("a-")
        room.refit(project)
    assert disputes(room, project) == []


def test_nobody_is_asked_about_a_decided_task(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=3)
    room.rows(project, 1)
    task = room.take("ana", project)
    room.submit("ana", task)
    decide(room, task.task.id, by="olga")
    assert room.next("ben", project) is None
    assert room.wrong(project) == []


def test_whoever_answered_a_task_does_not_decide_it_unless_the_rules_say_so(room: Any) -> None:
    for own in (False, True):
        project, task = disputed(room, review={"below": 0.7, "own": own})
        with room.vault.writing(room.reader("olga")) as session:
            set_roles(session, project, room.people["ana"].person_id, ["annotator", "reviewer"])
        (found,) = disputes(room, project, "ana")
        assert (found.mine, found.open_to_me) == (True, own)
        if own:
            decide(room, task, by="ana")
        else:
            with pytest.raises(NotPermittedError):
                decide(room, task, by="ana")


def test_a_decision_may_be_made_anew(room: Any) -> None:
    project, task = disputed(room)
    decide(room, task, "spill")
    again = decide(room, task, "none", by="olga", note="")
    assert again.review is not None
    assert (again.review.number, again.review.person.login) == (2, "olga")
    (line,) = [each for each in room.lines(room.export(project)) if each["text"] == "hard"]
    assert line["consensus"]["kind"]["value"] == "none"


def test_an_annotator_decides_nothing(room: Any) -> None:
    _, task = disputed(room)
    with pytest.raises(NotPermittedError):
        decide(room, task, by="ben")


def test_a_decision_fits_the_form(room: Any) -> None:
    _, task = disputed(room)
    with pytest.raises(InvalidError):
        decide(room, task, "smoke")


def test_a_decision_is_made_at_the_level_of_its_task(room: Any) -> None:
    project, task = disputed(room, "CONFIDENTIAL")
    with pytest.raises(LevelChangedError):
        decide(room, task)
    decide(room, task, level="CONFIDENTIAL")
    with room.vault.reading(room.reader("olga")) as session:
        row = session.scalars(select(TaskConsensus).where(TaskConsensus.task_id == task)).one()
        assert str(session.marking(row)) == "CONFIDENTIAL"
    assert disputes(room, project) == []


def test_a_decision_weighs_in_what_people_are_worth(room: Any) -> None:
    project, task = disputed(room)
    decide(room, task, "none")
    room.refit(project)
    with room.vault.reading(room.reader("olga")) as session:
        row = session.scalars(select(TaskConsensus).where(TaskConsensus.task_id == task)).one()
        assert (row.value, row.detail["kind"][4], row.disputed) == ({"kind": "none"}, "adjudicated", False)


def gold(room: Any, task: str, make: bool = True) -> None:
    with review.at_task(room.vault, room.reader("olga"), task, review.MANAGING) as (session, found, project):
        if make:
            review.make_gold(session, found, project, "Decided.")
        else:
            review.unmake_gold(session, found, project)


def test_a_decided_task_becomes_gold_for_those_who_have_not_had_it(room: Any) -> None:
    project, task = disputed(room, gold={"rate": 0.5})
    with pytest.raises(ConflictError):
        gold(room, task)  # nobody has decided it
    decide(room, task, "spill")
    gold(room, task)
    room.person("dia")
    with room.vault.writing(room.reader("olga")) as session:
        set_roles(session, project, room.people["dia"].person_id, ["annotator"])
    room.rows(project, 30)
    texts = set()
    for login in ("ana", "dia"):
        while (given := room.next(login, project)) is not None:
            texts.add((login, given.task.text))
            room.submit(login, given)
    assert ("dia", "hard") in texts
    assert ("ana", "hard") not in texts, "ana has answered it already"
    assert room.wrong(project) == []
    (line,) = [each for each in room.lines(room.export(project)) if each["text"] == "hard"]
    assert line["gold"] is True
    gold(room, task, make=False)
    with room.vault.reading(room.reader("olga")) as session:
        assert session.scalars(select(KnownAnswer)).all() == []
    with pytest.raises(NotFoundError):
        gold(room, task, make=False)
    assert room.wrong(project) == []


def test_a_claim_at_the_moment_of_the_decision_is_still_answered(room: Any) -> None:
    project = room.project(annotators=CREW, overlap=3)
    room.rows(project, 1)
    task: AssignmentOut = room.take("ana", project)
    decide(room, task.task.id, by="olga")
    room.submit("ana", task)
    assert room.wrong(project) == []

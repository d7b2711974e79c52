"""Gold and training: given out without being told apart, answered by everybody once, and what follows from the answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from strongroom.errors import NotFoundError
from strongroom.label import assign, home, overlap, standing
from strongroom.label import project as projects
from strongroom.label.project import at_its_level
from strongroom.label.refusals import PausedError
from strongroom.label.schemas import AssignmentOut, ProjectPatch
from strongroom.label.tables import Assignment, KnownAnswer, Task

GOLD = {"rate": 0.5}
KNOWN = {"gold_column": "right", "explanation_column": "why"}


def bring_known(room: Any, project: str, count: int, known_as: str = "gold", level: str = "PUBLIC") -> None:
    rows = "".join(
        json.dumps(
            {"id": f"k{n}", "text": f"{known_as} {n}", "right": "fire", "why": "It burns.", "colour": "red"}
        )
        + "\n"
        for n in range(count)
    )
    found = room.bring(project, rows, level=level, known_as=known_as, **KNOWN)
    assert (found.job.state, found.rejected, found.tallies[0].added) == ("done", 0, count)


def give(room: Any, login: str, project: str) -> AssignmentOut | None:
    return assign.give(room.vault, room.reader(login), project)


def answer_all(room: Any, login: str, project: str, kind: str = "spill") -> list[str]:
    """Everything that is given, answered; the texts in the order in which they came."""
    texts = []
    while (task := give(room, login, project)) is not None:
        texts.append(task.task.text)
        room.submit(login, task, {"kind": kind})
    return texts


def is_known(text: str) -> bool:
    return text.startswith(("gold", "training"))


def test_gold_is_mixed_into_the_work_at_the_rate(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"), overlap=2, rules={"gold": {"rate": 0.25}})
    room.rows(project, 120)
    bring_known(room, project, 60)
    for login in ("ana", "ben"):
        texts = answer_all(room, login, project)
        gold = sum(map(is_known, texts))
        assert len(texts) == len(set(texts)) == 120 + gold
        assert 20 <= gold <= 60  # a quarter of what is given out, give or take
        assert not is_known(texts[-1]), "gold without work beside it would be known by that"
    assert room.wrong(project) == []


def test_without_gold_in_the_rules_no_gold_is_given(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 5)
    bring_known(room, project, 5)
    assert not any(map(is_known, answer_all(room, "ana", project)))


def test_a_gold_task_looks_like_any_other(room: Any) -> None:
    project = room.project(annotators=("ana",), rules={"gold": {"rate": 0.5}})
    rows = "".join(
        json.dumps({"id": f"t{n}", "text": f"task {n}", "colour": "red"}) + "\n" for n in range(30)
    )
    room.bring(project, rows)
    bring_known(room, project, 30)
    seen: dict[bool, AssignmentOut] = {}
    while len(seen) < 2:
        task = room.take("ana", project)
        seen[is_known(task.task.text)] = task
        room.submit("ana", task)
    gold, other = (seen[known].model_dump(mode="json") for known in (True, False))
    assert gold.keys() == other.keys()
    assert gold["task"].keys() == other["task"].keys()
    assert gold["task"]["data"] == other["task"]["data"] == {"colour": "red"}
    assert (gold["training"], gold["draft"], gold["flag"], gold["revision"]) == (
        other["training"],
        other["draft"],
        other["flag"],
        other["revision"],
    )
    assert len(gold["id"]) == len(other["id"]) == len(gold["task"]["id"]) == len(other["task"]["id"])


def test_what_waits_at_home_falls_by_one_with_every_claim_gold_or_not(room: Any) -> None:
    project = room.project(annotators=("ana",), rules={"gold": {"rate": 0.5}})
    room.rows(project, 20)
    bring_known(room, project, 10)

    def waiting() -> int:
        with room.vault.reading(room.reader("ana")) as session:
            groups = home.home(session).groups
        return groups[0].projects[0].waiting if groups else 0

    before, gold = waiting(), 0
    while gold < 3:
        task = room.take("ana", project)
        gold += is_known(task.task.text)
        assert waiting() == before - 1
        room.submit("ana", task)
        before -= 1


def test_a_gold_task_is_skipped_lost_and_taken_up_as_any_other(room: Any) -> None:
    project = room.project(annotators=("ana",), lease_seconds=60, rules={"gold": {"rate": 0.5}})
    room.rows(project, 40)
    bring_known(room, project, 10)
    verbs = iter(["skip", "submit", "skip", "submit", "submit"])
    for _ in range(40):
        task = room.take("ana", project)
        verb = next(verbs, "submit") if is_known(task.task.text) else "submit"
        if verb == "skip":
            room.skip("ana", task)
        else:
            room.submit("ana", task)
            room.submit("ana", task, {"kind": "none"})
        assert room.wrong(project) == []


def test_training_comes_first_and_says_what_was_right(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"), rules={"training": True})
    room.rows(project, 3)
    bring_known(room, project, 2, "training")
    for login, kind in (("ana", "fire"), ("ben", "spill")):
        for number in range(2):
            task = room.take(login, project)
            assert (task.task.text, task.training) == (f"training {number}", True)
            said = room.submit(login, task, {"kind": kind}).feedback
            assert said is not None
            assert (said.right, said.result, said.explanation) == (
                kind == "fire",
                {"kind": "fire"},
                "It burns.",
            )
    task = room.take("ana", project)
    assert (is_known(task.task.text), task.training) == (False, False)
    assert room.submit("ana", task).feedback is None
    room.refit(project)
    assert len(room.lines(room.export(project))) == 3, "training leaves no trace in a dataset"


def test_the_same_submit_of_a_training_task_is_told_the_same(room: Any) -> None:
    project = room.project(annotators=("ana",), rules={"training": True})
    bring_known(room, project, 1, "training")
    task = room.take("ana", project)
    first = room.submit("ana", task, {"kind": "spill"}, key="k")
    assert room.submit("ana", task, {"kind": "spill"}, key="k") == first


def test_who_fails_the_first_gold_tasks_is_given_no_others(room: Any) -> None:
    rules = {"qualify": {"answers": 4, "score": 0.75}, "gold": {"rate": 0}}
    project = room.project(annotators=("ana", "ben"), overlap=2, rules=rules)
    room.rows(project, 10)
    bring_known(room, project, 6)
    for login, kind in (("ana", "fire"), ("ben", "spill")):
        for _ in range(4):
            task = give(room, login, project)
            assert task is not None
            assert is_known(task.task.text)
            room.submit(login, task, {"kind": kind})
    task = give(room, "ana", project)
    assert task is not None
    assert not is_known(task.task.text)
    for _ in range(2):  # said, and remembered
        with pytest.raises(PausedError):
            give(room, "ben", project)
    with room.vault.reading(room.reader("olga")) as session:
        found = {each.person.login: each for each in standing.of_project(session, project)}
    assert (found["ana"].state, found["ana"].correct, found["ana"].counted) == ("working", 4, 4)
    assert (found["ben"].state, found["ben"].correct, found["ben"].counted) == ("failed", 0, 4)


def paused(room: Any) -> str:
    """A project in which ben is paused."""
    rules = {"gold": {"rate": 0.5, "pause_below": 0.5, "pause_after": 5}}
    project: str = room.project(annotators=("ana", "ben"), overlap=2, rules=rules)
    room.rows(project, 60)
    bring_known(room, project, 40)
    for login, kind in (("ana", "fire"), ("ben", "spill")):
        gold = 0
        while gold < 6:
            task = room.take(login, project)
            gold += is_known(task.task.text)
            room.submit(login, task, {"kind": kind})
    room.refit(project)
    return project


def test_who_gets_gold_wrong_is_paused_until_a_manager_lifts_it(room: Any) -> None:
    project = paused(room)
    assert give(room, "ana", project) is not None
    with pytest.raises(PausedError) as stopped:
        give(room, "ben", project)
    assert "kept" in stopped.value.kept
    lift(room, project, "ben")
    room.refit(project)
    task = give(room, "ben", project)
    assert task is not None, "what was before counts no more"
    room.submit("ben", task)
    gold = 0
    while gold < 5:
        task = room.take("ben", project)
        gold += is_known(task.task.text)
        room.submit("ben", task, {"kind": "none"})
    room.refit(project)
    with pytest.raises(PausedError):
        give(room, "ben", project)


def lift(room: Any, project: str, login: str) -> None:
    with room.vault.writing(room.reader("olga")) as session:
        standing.lift(session, project, room.people[login].person_id)


def test_work_in_hand_is_finished_by_who_is_paused(room: Any) -> None:
    rules = {"gold": {"rate": 0.5, "pause_below": 0.5, "pause_after": 1}}
    project = room.project(annotators=("ben",), rules=rules)
    room.rows(project, 20)
    bring_known(room, project, 20)
    gold = 0
    while not gold:
        task = room.take("ben", project)
        gold = is_known(task.task.text)
        room.submit("ben", task, {"kind": "spill"})
    last = room.take("ben", project)
    room.refit(project)
    again = give(room, "ben", project)
    assert again is not None
    assert again.id == last.id, "what is in hand is given again"
    room.submit("ben", last)
    with pytest.raises(PausedError):
        give(room, "ben", project)


def test_a_pause_at_one_level_holds_above_and_says_nothing_below(room: Any) -> None:
    rules = {"gold": {"rate": 0.5, "pause_below": 0.9, "pause_after": 1}}
    project = room.project(annotators=("ben",), rules=rules)
    for level in ("PUBLIC", "CONFIDENTIAL"):
        rows = "".join(json.dumps({"text": f"{level} {n}", "marking": level}) + "\n" for n in range(30))
        room.bring(project, rows)
    known = json.dumps({"text": "gold", "right": "fire", "marking": "CONFIDENTIAL"})
    room.bring(project, known, level="CONFIDENTIAL", known_as="gold", gold_column="right")
    gold = 0
    while not gold:
        task = room.take("ben", project, level="CONFIDENTIAL")
        gold = task.task.text == "gold"
        room.submit("ben", task, {"kind": "spill"})
    room.refit(project, level="CONFIDENTIAL")
    with pytest.raises(PausedError):
        room.next("ben", project, level="CONFIDENTIAL")
    assert room.next("ben", project) is not None
    with pytest.raises(NotFoundError):
        lift(room, project, "ben")  # at a level where nothing was decided


def test_gold_counts_neither_as_tasks_to_do_nor_beyond_any_overlap(room: Any) -> None:
    project = paused(room)
    with room.vault.reading(room.reader("olga")) as session:
        gold = session.scalars(select(Task).where(Task.project_id == project, Task.role == "gold")).all()
        held = Counter(
            session.scalars(
                select(Assignment.task_id).where(
                    Assignment.project_id == project, Assignment.slot.is_not(None)
                )
            )
        )
    assert all((task.wanted, task.open_slots) == (held[task.id], 0) for task in gold)


@pytest.mark.parametrize(
    ("right", "why"),
    [("smoke", "doesn't fit"), ('{"colour": "red"}', "lacks"), ("{", "not JSON"), (7, "can't be read")],
)
def test_a_known_answer_that_cannot_be_is_rejected(room: Any, right: Any, why: str) -> None:
    project = room.project()
    rows = json.dumps({"text": "one", "right": right}) + "\n" + json.dumps({"text": "two", "right": "fire"})
    found = room.bring(project, rows, gold_column="right")
    ((line, reason),) = room.rejections(found.id)
    assert line == 1
    assert why in reason
    assert str(right) not in reason
    with room.vault.reading(room.reader("olga")) as session:
        assert session.scalar(select(func.count()).select_from(KnownAnswer)) == 1


def test_known_answers_of_a_form_with_several_fields_are_objects(room: Any) -> None:
    form = {
        "fields": [
            {"key": "kind", "kind": "class", "title": "Kind", "labels": [{"id": "a"}, {"id": "b"}]},
            {"key": "more", "kind": "class", "title": "More", "labels": [{"id": "x"}, {"id": "y"}]},
        ]
    }
    project = room.project(form, annotators=("ana",), rules={"training": True})
    rows = [{"text": "one", "right": "a"}, {"text": "two", "right": {"more": "y"}}]
    found = room.bring(
        project, "".join(json.dumps(row) + "\n" for row in rows), gold_column="right", known_as="training"
    )
    assert found.rejected == 1
    task = room.take("ana", project)
    said = room.submit("ana", task, {"kind": "a", "more": "y"}).feedback
    assert said is not None
    assert said.right


def test_rules_of_gold_may_change_without_touching_the_queue(room: Any) -> None:
    project = room.project(annotators=("ana",), overlap=2)
    room.rows(project, 3)
    reader = room.reader("olga")
    with at_its_level(room.vault, reader, project) as (session, found):
        projects.change(session, found, ProjectPatch(rules={"gold": GOLD}))
    overlap.apply(room.vault, reader, project)
    with room.vault.reading(reader) as session:
        assert {task.wanted for task in session.scalars(select(Task))} == {2}

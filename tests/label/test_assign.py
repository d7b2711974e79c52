"""Exactly as many people as asked are given each task."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strongroom.errors import NotFoundError
from strongroom.label.refusals import EnoughClaimedError
from strongroom.vault import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CREW = tuple(f"worker{n}" for n in range(16))


def test_a_task_goes_to_as_many_people_as_asked_and_no_more(room: Any) -> None:
    project = room.project(overlap=2, annotators=("ana", "ben", "cem"))
    room.rows(project, 1)
    assert room.take("ana", project).task.text == "text 0"
    assert room.take("ben", project).task.text == "text 0"
    assert room.next("cem", project) is None
    assert room.wrong(project) == []


def test_sixteen_annotators_at_once_neither_overshoot_nor_leave_a_slot(room: Any) -> None:
    project = room.project(overlap=3, annotators=CREW)
    room.rows(project, 60)
    answers: list[tuple[str, str]] = []
    failures: list[BaseException] = []

    def work(login: str) -> None:
        try:
            while (task := room.next(login, project)) is not None:
                room.submit(login, task)
                answers.append((task.task.id, login))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(login,)) for login in CREW]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(Counter(task for task, _ in answers).values()) == {3}
    assert len(Counter(task for task, _ in answers)) == 60
    assert len(set(answers)) == len(answers)
    assert room.wrong(project) == []


def test_tasks_come_in_the_order_of_their_file(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 5)
    texts = []
    while (task := room.next("ana", project)) is not None:
        texts.append(task.task.text)
        room.submit("ana", task)
    assert texts == [f"text {n}" for n in range(5)]


def test_asking_again_after_a_lost_answer_gives_the_same_task(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 3)
    first = room.take("ana", project)
    assert room.take("ana", project).id == first.id
    assert room.take("ana", project, first).id != first.id


def test_nobody_holds_more_than_four_tasks(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 6)
    held: list[Any] = []
    for _ in range(4):
        held.append(room.take("ana", project, *held))
    with pytest.raises(EnoughClaimedError):
        room.next("ana", project, *held)
    room.submit("ana", held[0])
    assert room.take("ana", project, *held[1:]).task.text == "text 4"


def test_only_the_people_named_are_asked(room: Any) -> None:
    project = room.project(overlap=3, annotators=("ana", "ben", "cem"))
    room.rows(project, 2, people=["ana", "cem"])
    assert room.next("ben", project) is None
    for login in ("ana", "cem"):
        for text in ("text 0", "text 1"):
            task = room.take(login, project)
            assert task.task.text == text
            room.submit(login, task)
        assert room.next(login, project) is None
    assert room.wrong(project) == []


def test_tasks_that_name_me_come_before_those_for_everyone(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 2)
    room.bring(project, '{"text": "for ana", "people": ["ana"]}\n')
    texts = []
    while (task := room.next("ana", project)) is not None:
        texts.append(task.task.text)
        room.submit("ana", task)
    assert texts == ["for ana", "text 0", "text 1"]


def test_a_skipped_task_goes_to_somebody_else_and_never_back(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"))
    room.rows(project, 1)
    room.skip("ana", room.take("ana", project))
    assert room.next("ana", project) is None
    assert room.take("ben", project).task.text == "text 0"
    assert room.wrong(project) == []


def test_a_named_task_that_was_skipped_stays_for_the_others_named(room: Any) -> None:
    project = room.project(overlap=1, annotators=("ana", "ben"))
    room.rows(project, 1, people="ana ben")
    task = room.take("ana", project)
    assert room.next("ben", project) is None
    room.skip("ana", task)
    assert room.next("ana", project) is None
    assert room.take("ben", project).task.id == task.task.id
    assert room.wrong(project) == []


def test_a_silent_lease_gives_its_slot_back(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"), lease_seconds=60)
    room.rows(project, 1)
    with clock.at(NOON):
        task = room.take("ana", project)
        assert room.next("ben", project) is None
    with clock.at(NOON + timedelta(seconds=61)):
        assert room.take("ben", project).task.id == task.task.id
    assert room.wrong(project) == []


def test_a_named_task_that_falls_free_is_given_to_the_one_whose_question_freed_it(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"), lease_seconds=60)
    room.rows(project, 1, people="ana ben")
    with clock.at(NOON):
        task = room.take("ana", project)
        assert room.next("ben", project) is None
    with clock.at(NOON + timedelta(seconds=61)):
        assert room.take("ben", project).task.id == task.task.id
    assert room.wrong(project) == []


def test_a_heartbeat_keeps_the_slot(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"), lease_seconds=60)
    room.rows(project, 1)
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + timedelta(seconds=50)):
        room.renew("ana", task)
    with clock.at(NOON + timedelta(seconds=100)):
        assert room.next("ben", project) is None


def test_a_task_of_mine_that_ran_out_comes_back_to_me_with_its_draft(room: Any) -> None:
    project = room.project(annotators=("ana",), lease_seconds=60)
    room.rows(project, 2)
    with clock.at(NOON):
        task = room.take("ana", project)
        room.draft("ana", task, {"kind": "fire"})
    with clock.at(NOON + timedelta(minutes=5)):
        other = room.take("ana", project)
        again = room.take("ana", project, other)
    assert (other.task.text, again.task.text) == ("text 1", "text 0")
    assert again.id == task.id
    assert again.draft == {"kind": "fire"}
    assert room.wrong(project) == []


def test_a_reopened_slot_is_found_by_someone_who_had_passed_the_whole_queue(room: Any) -> None:
    project = room.project(annotators=("ana", "ben"))
    room.rows(project, 3)
    first = room.take("ana", project)
    for _ in range(2):
        room.submit("ben", room.take("ben", project))
    assert room.next("ben", project) is None
    room.skip("ana", first)
    assert room.take("ben", project).task.text == "text 0"


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(days=-400)])
def test_a_clock_that_jumps_and_is_set_right_holds_no_slot_for_ever(room: Any, ahead: timedelta) -> None:
    project = room.project(annotators=("ana", "ben"), lease_seconds=60)
    room.rows(project, 1)
    with clock.at(NOON + ahead):
        task = room.take("ana", project)
    with clock.at(NOON):
        taken = room.take("ben", project)
    assert taken.task.id == task.task.id
    assert room.wrong(project) == []


def test_a_removed_project_gives_out_nothing(room: Any) -> None:
    from strongroom.label import project as projects

    project = room.project(annotators=("ana",))
    room.rows(project, 1)
    with projects.at_its_level(room.vault, room.reader("olga"), project) as (session, found):
        projects.remove(session, found)
    with pytest.raises(NotFoundError):
        room.next("ana", project)


def test_more_answers_can_be_asked_of_tasks_that_were_done(room: Any) -> None:
    from strongroom.label import overlap
    from strongroom.label import project as projects
    from strongroom.label.schemas import ProjectPatch

    project = room.project(overlap=1, annotators=("ana", "ben"))
    room.rows(project, 3)
    room.bring(
        project, '{"text": "named", "people": ["ana", "ben"]}\n{"text": "only ana", "people": ["ana"]}\n'
    )

    def answer_all(login: str) -> list[str]:
        texts = []
        while (task := room.next(login, project)) is not None:
            texts.append(task.task.text)
            room.submit(login, task)
        return texts

    def ask(answers: int) -> None:
        with projects.at_its_level(room.vault, room.reader("olga"), project) as (session, found):
            projects.change(session, found, ProjectPatch(overlap=answers))
        overlap.apply(room.vault, room.reader("olga"), project)
        assert room.wrong(project) == []

    room.submit("ben", room.take("ben", project))
    assert len(answer_all("ana")) == 4
    assert answer_all("ben") == []
    ask(2)
    assert answer_all("ana") == ["named"]
    assert answer_all("ben") == ["text 0", "text 1", "text 2"]
    ask(1)
    assert room.next("ben", project) is None

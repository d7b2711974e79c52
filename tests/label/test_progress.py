"""What the manager's page says, and that it says it from what the viewer sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from strongroom.label import home, progress
from strongroom.people import set_roles
from strongroom.vault import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def look(room: Any, project_id: str, login: str = "olga") -> progress.ProgressOut:
    with room.vault.reading(room.reader(login)) as session:
        return progress.progress(session, project_id)


def at_home(room: Any, login: str) -> Any:
    with room.vault.reading(room.reader(login)) as session:
        return home.home(session)


def test_tasks_and_answers_are_counted_by_their_state(room: Any) -> None:
    project_id = room.project(overlap=2, annotators=("ana", "ben"))
    room.rows(project_id, 4)
    for login in ("ana", "ben"):
        room.submit(login, room.take(login, project_id))
    room.submit("ana", room.take("ana", project_id))
    room.skip("ana", room.take("ana", project_id))
    room.take("ana", project_id)
    found = look(room, project_id)
    assert found.tasks.model_dump() == {
        "total": 4, "done": 1, "started": 2, "untouched": 1, "flagged": 0, "skipped": 1
    }  # fmt: skip
    assert (found.answers.submitted, found.answers.wanted) == (3, 8)
    assert [(each.open_slots, each.claimed) for each in found.queue] == [(4, 1)]


def test_agreement_confusion_and_annotators(room: Any) -> None:
    project_id = room.project(overlap=3, annotators=("ana", "ben", "cem"))
    room.rows(project_id, 2)
    votes = {"ana": ["spill", "fire"], "ben": ["spill", "fire"], "cem": ["fire", "fire"]}
    for login, kinds in votes.items():
        for kind in kinds:
            room.submit(login, room.take(login, project_id), {"kind": kind}, seconds=4.0)
    found = look(room, project_id)
    (field,) = found.agreement.fields
    assert (field.field, field.n, field.share) == ("kind", 6, round(4 / 6, 4))
    assert found.agreement.percent == 66.7
    (confusion,) = found.confusion
    assert confusion.labels == ["spill", "fire", "none"]
    assert confusion.counts == [[2, 0, 0], [1, 3, 0], [0, 0, 0]]
    assert {each.person.login: each.agreement_with_consensus for each in found.annotators} == {
        "ana": 1.0,
        "ben": 1.0,
        "cem": 0.5,
    }
    assert found.median_seconds == 4.0


def test_the_forecast_is_the_pace_of_the_last_day_and_silent_without_one(room: Any) -> None:
    project_id = room.project(annotators=("ana",))
    room.rows(project_id, 40)
    for minute in range(9):
        with clock.at(NOON + timedelta(minutes=6 * minute)):
            room.submit("ana", room.take("ana", project_id))
    with clock.at(NOON + timedelta(hours=1)):
        assert look(room, project_id).forecast_hours is None
        room.submit("ana", room.take("ana", project_id))
        found = look(room, project_id)
    assert found.forecast_hours == 3.0
    assert [(each.hour, each.answers) for each in found.throughput] == [
        (NOON, 9),
        (NOON + timedelta(hours=1), 1),
    ]
    with clock.at(NOON + timedelta(days=3)):
        assert look(room, project_id).forecast_hours is None


def test_an_empty_project_has_nothing_to_say_and_says_it(room: Any) -> None:
    found = look(room, room.project())
    assert (found.tasks.total, found.agreement.percent, found.forecast_hours) == (0, None, 0.0)


def test_nothing_in_it_moves_with_what_the_viewer_does_not_see(room: Any) -> None:
    project_id = room.project(overlap=2, annotators=("ana", "ben"))
    room.person("pat", "Public")
    with room.vault.writing(room.reader("olga")) as session:
        set_roles(session, project_id, room.people["pat"].person_id, ["reviewer"])
    room.rows(project_id, 3)
    for login in ("ana", "ben"):
        room.submit(login, room.take(login, project_id))
    with clock.at(NOON):
        before = look(room, project_id, "pat"), at_home(room, "pat")
        room.bring(project_id, "".join(f'{{"text": "h{n}", "marking": "(C)"}}\n' for n in range(5)))
        for login in ("ana", "ben"):
            room.submit(login, room.take(login, project_id, level="CONFIDENTIAL"), {"kind": "none"})
        after = look(room, project_id, "pat"), at_home(room, "pat")
        assert look(room, project_id).tasks.total == 8
    assert before == after


def test_home_shows_what_waits_by_marking(room: Any) -> None:
    project_id = room.project(annotators=("ana", "ben"))
    room.bring(
        project_id,
        '{"text": "a"}\n{"text": "b"}\n{"text": "c", "marking": "(I)"}\n{"text": "d", "people": ["ben"]}\n',
    )
    room.submit("ana", room.take("ana", project_id))
    room.take("ana", project_id)
    found = at_home(room, "ana")
    assert [
        (
            group.marking.text,
            [(each.waiting, each.mine_open, each.submitted_by_me) for each in group.projects],
        )
        for group in found.groups
    ] == [("PUBLIC", [(0, 1, 1)]), ("INTERNAL", [(1, 0, 0)])]
    assert found.manages == []
    assert [each.waiting for group in at_home(room, "ben").groups for each in group.projects] == [1, 1]
    assert [each.id for each in at_home(room, "olga").manages] == [project_id]


def test_what_waits_is_what_the_desk_gives(room: Any) -> None:
    project_id = room.project(overlap=2, annotators=("ana", "ben"))
    room.rows(project_id, 5)
    room.skip("ana", room.take("ana", project_id))
    room.submit("ana", room.take("ana", project_id))
    ((group,),) = ([each.projects for each in at_home(room, "ana").groups],)
    given = 0
    while (task := room.next("ana", project_id)) is not None:
        room.submit("ana", task)
        given += 1
    assert group[0].waiting == given == 3

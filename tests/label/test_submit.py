"""Answers come in once, whatever happens on the way, and no work is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from strongroom.errors import ConflictError, InvalidError, NotFoundError
from strongroom.label import assign
from strongroom.label import project as projects
from strongroom.label.refusals import (
    LeaseLostError,
    LevelChangedError,
    NoLongerMemberError,
    ProjectRemovedError,
    UnfitAnswerError,
)
from strongroom.label.tables import Annotation, Assignment
from strongroom.people import set_roles
from strongroom.vault import AuditEntry, clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def desk(room: Any) -> tuple[Any, str]:
    project = room.project(annotators=("ana", "ben"), lease_seconds=60)
    room.rows(project, 2)
    return room, project


def assignment(room: Any, assignment_id: str) -> Assignment:
    with room.vault.reading(room.reader("olga")) as session:
        return session.get_one(Assignment, assignment_id)


def answers(room: Any, assignment_id: str) -> list[tuple[int, bool, dict[str, Any]]]:
    with room.vault.reading(room.reader("olga")) as session:
        found = (
            select(Annotation).where(Annotation.assignment_id == assignment_id).order_by(Annotation.revision)
        )
        return [(each.revision, each.latest, each.result) for each in session.scalars(found)]


def remove(room: Any, project: str) -> None:
    with projects.at_its_level(room.vault, room.reader("olga"), project) as (session, found):
        projects.remove(session, found)


def test_an_answer_is_stored_and_its_draft_is_gone(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.draft("ana", task, {"kind": "fire"})
    assert assignment(room, task.id).draft == {"kind": "fire"}
    assert room.submit("ana", task).revision == 1
    stored = assignment(room, task.id)
    assert (stored.state, stored.draft, stored.revision) == ("submitted", None, 1)
    assert answers(room, task.id) == [(1, True, {"kind": "spill"})]


def test_the_same_request_twice_is_one_answer_and_one_reply(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    assert room.submit("ana", task, key="k1") == room.submit("ana", task, key="k1")
    assert len(answers(room, task.id)) == 1


def test_a_key_used_for_another_answer_is_a_conflict(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.submit("ana", task, key="k1")
    with pytest.raises(ConflictError):
        room.submit("ana", task, {"kind": "fire"}, key="k1")
    assert answers(room, task.id) == [(1, True, {"kind": "spill"})]


def test_a_second_submit_is_a_second_revision_and_the_first_is_kept(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.submit("ana", task, key="k1")
    assert room.submit("ana", task, {"kind": "fire"}, key="k2", lease="").revision == 2
    assert answers(room, task.id) == [(1, False, {"kind": "spill"}), (2, True, {"kind": "fire"})]
    assert room.wrong(project) == []


def test_two_tabs_have_the_same_task_and_the_second_corrects_the_first(desk: tuple[Any, str]) -> None:
    room, project = desk
    one, other = room.take("ana", project), room.take("ana", project)
    assert (one.id, one.lease) == (other.id, other.lease)
    room.submit("ana", one, key="tab one")
    assert room.submit("ana", other, {"kind": "fire"}, key="tab two").revision == 2
    assert room.wrong(project) == []


def test_a_late_answer_counts_while_nobody_else_has_the_slot(desk: tuple[Any, str]) -> None:
    room, project = desk
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + timedelta(hours=3)):
        room.take("ben", project)  # frees silent leases first, then takes the other task
        assert assignment(room, task.id).state == "expired"
        assert room.submit("ana", task).revision == 1
    assert room.wrong(project) == []


def test_a_late_answer_to_a_slot_that_went_is_refused_and_kept(desk: tuple[Any, str]) -> None:
    room, project = desk
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + timedelta(hours=3)):
        first = room.take("ben", project)
        room.take("ben", project, first)
        with pytest.raises(LeaseLostError) as caught:
            room.submit("ana", task, {"kind": "fire"})
    assert "draft" in caught.value.kept
    assert assignment(room, task.id).draft == {"kind": "fire"}
    assert answers(room, task.id) == []
    assert room.wrong(project) == []


def test_a_wrong_lease_is_refused_and_the_work_kept(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    with pytest.raises(LeaseLostError):
        room.submit("ana", task, {"kind": "fire"}, lease="made up")
    assert assignment(room, task.id).draft == {"kind": "fire"}


def test_a_heartbeat_takes_a_lost_lease_up_again_while_the_slot_is_open(desk: tuple[Any, str]) -> None:
    room, project = desk
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + timedelta(hours=3)):
        first = room.take("ben", project)
        room.renew("ana", task)
        assert assignment(room, task.id).state == "claimed"
        assert room.next("ben", project, first) is None
    assert room.wrong(project) == []


def test_a_heartbeat_for_a_slot_that_went_says_so(desk: tuple[Any, str]) -> None:
    room, project = desk
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + timedelta(hours=3)):
        first = room.take("ben", project)
        room.take("ben", project, first)
        with pytest.raises(LeaseLostError):
            room.renew("ana", task)


def test_an_answer_that_does_not_fit_the_form_is_refused_and_kept(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    with pytest.raises(UnfitAnswerError) as caught:
        room.submit("ana", task, {"kind": "flood"})
    assert caught.value.extra["errors"] == [{"where": "kind", "why": "'flood' is not a label of this field"}]
    assert assignment(room, task.id).draft == {"kind": "flood"}


def test_a_project_removed_while_someone_labels_keeps_the_work(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    remove(room, project)
    room.draft("ana", task, {"kind": "none"})
    with pytest.raises(ProjectRemovedError) as caught:
        room.submit("ana", task, {"kind": "fire"})
    assert caught.value.code == "project_removed"
    assert assignment(room, task.id).draft == {"kind": "fire"}


def test_someone_taken_out_of_the_project_submits_nothing_and_loses_nothing(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    with room.vault.writing(room.reader("olga")) as session:
        set_roles(session, project, room.people["ana"].person_id, [])
    with pytest.raises(NoLongerMemberError):
        room.submit("ana", task, {"kind": "fire"})
    assert assignment(room, task.id).draft == {"kind": "fire"}


def test_somebody_elses_assignment_is_absent(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    with pytest.raises(NotFoundError):
        room.submit("ben", task)


def test_a_skipped_task_can_still_be_answered_while_its_slot_is_open(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.skip("ana", task)
    assert room.submit("ana", task).revision == 1
    assert assignment(room, task.id).skip_reason is None
    assert room.wrong(project) == []


def test_an_answered_task_cannot_be_skipped(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.submit("ana", task)
    with pytest.raises(ConflictError):
        room.skip("ana", task)


@pytest.mark.parametrize("jump", [timedelta(days=-900), timedelta(days=900)])
def test_a_clock_that_jumps_between_claim_and_submit_loses_nothing(
    desk: tuple[Any, str], jump: timedelta
) -> None:
    room, project = desk
    with clock.at(NOON):
        task = room.take("ana", project)
    with clock.at(NOON + jump):
        assert room.submit("ana", task).revision == 1
    assert room.wrong(project) == []


def test_what_is_done_at_the_desk_is_on_record_at_the_tasks_marking(desk: tuple[Any, str]) -> None:
    room, project = desk
    task = room.take("ana", project)
    room.draft("ana", task, {})
    room.submit("ana", task)
    room.skip("ana", room.take("ana", project))
    with room.vault.reading(room.reader("olga")) as session:
        recorded = select(AuditEntry).where(AuditEntry.actor_id == room.people["ana"].person_id)
        entries = sorted(session.scalars(recorded), key=lambda entry: entry.at)
        assert {str(session.marking(entry)) for entry in entries} == {"PUBLIC"}
    assert [entry.action for entry in entries] == [
        "task.claim",
        "assignment.draft",
        "annotation.submit",
        "task.claim",
        "task.skip",
    ]


# --- working levels


@pytest.fixture
def marked(room: Any) -> tuple[Any, str]:
    """A public project with a public task and an internal one."""
    project = room.project(annotators=("ana", "ben"))
    room.bring(project, '{"text": "open"}\n{"text": "inside", "marking": "INTERNAL"}\n')
    return room, project


def test_each_level_gives_out_its_own_tasks_only(marked: tuple[Any, str]) -> None:
    room, project = marked
    assert room.take("ana", project).task.text == "open"
    inside = room.take("ana", project, level="INTERNAL")
    assert (inside.task.text, inside.marking.text) == ("inside", "INTERNAL")


def test_work_submitted_at_a_lower_level_is_kept_where_it_belongs(marked: tuple[Any, str]) -> None:
    room, project = marked
    task = room.take("ana", project, level="INTERNAL")
    with pytest.raises(LevelChangedError) as caught:
        room.submit("ana", task, {"kind": "fire"}, level="PUBLIC")
    assert "Switch your working level to INTERNAL" in caught.value.remedy
    assert "draft" in caught.value.kept
    assert assignment(room, task.id).draft == {"kind": "fire"}


def test_work_done_at_a_higher_level_is_not_put_down_at_a_lower_one(marked: tuple[Any, str]) -> None:
    room, project = marked
    task = room.take("ana", project)
    with pytest.raises(LevelChangedError) as caught:
        room.submit("ana", task, {"kind": "fire"}, level="INTERNAL")
    assert "Nothing was stored" in caught.value.kept
    assert assignment(room, task.id).draft is None


def test_an_assignment_above_my_clearance_is_as_absent_as_none(marked: tuple[Any, str]) -> None:
    room, project = marked
    task = room.take("ana", project, level="INTERNAL")
    room.people["ana"] = room.people["ana"].__class__(
        **{**vars(room.people["ana"]), "clearance": room.vault.scheme.clearance({"level": "Public"})}
    )
    attempts: list[Callable[[], Any]] = [
        lambda: room.submit("ana", task, level="PUBLIC"),
        lambda: room.submit("ana", task.model_copy(update={"id": "0" * 32}), level="PUBLIC"),
    ]
    refusals = []
    for attempt in attempts:
        with pytest.raises(NotFoundError) as caught:
            attempt()
        refusals.append(vars(caught.value))
    assert refusals[0] == refusals[1]


@pytest.mark.parametrize("work", [{"note": "\ud800"}, {"note": "x" * 1_000_001}])
def test_a_draft_that_cannot_be_given_back_is_not_taken(desk: tuple[Any, str], work: dict[str, Any]) -> None:
    room, project = desk
    task = room.take("ana", project)
    with pytest.raises(InvalidError):
        room.draft("ana", task, work)
    with pytest.raises(InvalidError):
        room.submit("ana", task, work)
    assert assignment(room, task.id).draft is None


def test_a_level_that_does_not_see_the_project_is_told_to_change(room: Any) -> None:
    project = room.project(level="INTERNAL", annotators=("ana",))
    with pytest.raises(LevelChangedError) as caught:
        assign.give(room.vault, room.reader("ana", "PUBLIC"), project)
    assert "Switch your working level to INTERNAL" in caught.value.remedy
    with pytest.raises(NotFoundError):
        assign.give(room.vault, room.reader("ana", "PUBLIC"), "0" * 32)

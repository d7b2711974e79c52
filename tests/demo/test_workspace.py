"""What a newcomer finds: work under way, figures as stated, and people who don't see the same things."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from strongroom import demo
from strongroom.demo.cast import by_login
from strongroom.demo.texts import incidents, messages
from strongroom.label import Annotation, Assignment, Task, check
from strongroom.people import Clearances, clearances
from strongroom.people.tables import Password, Person
from strongroom.vault import Reader, Vault

from .conftest import Place


def everything(place: Place) -> Reader:
    """A reader with the newcomer's clearance, which covers all there is."""
    with place.vault.registry() as session:
        person = session.scalars(select(Person).where(Person.login == demo.NEWCOMER)).one()
        stored = clearances.in_force(session, [person.id])[person.id]
    clearance = Clearances(place.vault.scheme).read(stored)
    return Reader(person.id, person.login, clearance, place.vault.scheme.bottom, "test", "test")


def answers(place: Place) -> list[tuple[str, str, dict[str, Any]]]:
    """(login, item, latest answer) of everything submitted."""
    with place.vault.reading(everything(place)) as session:
        rows = session.execute(
            select(Person.login, Task.external_id, Annotation.result)
            .join(Task, Task.id == Annotation.task_id)
            .join(Person, Person.id == Annotation.person_id)
            .where(Annotation.latest)
        )
        return [(login, item or "", result) for login, item, result in rows]


def progress(place: Place, login: str, project: str) -> dict[str, Any]:
    answer = place.browser(login).get(f"/api/v1/projects/{place.projects(login)[project]}/progress")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_making_it_takes_less_than_fifteen_seconds(place: Place) -> None:
    assert place.cpu_seconds < 15


def test_all_texts_are_in(place: Place) -> None:
    with place.vault.reading(everything(place)) as session:
        found = {task.external_id: task.text for task in session.scalars(select(Task))}
    assert found == {item.id: item.text for item in (*incidents(), *messages())}


@pytest.mark.parametrize(
    ("project", "least", "most"), [("Port incidents", 0.55, 0.60), ("Relief messages", 0.36, 0.44)]
)
def test_so_much_is_answered(place: Place, project: str, least: float, most: float) -> None:
    answered = progress(place, demo.NEWCOMER, project)["answers"]
    assert least <= answered["submitted"] / answered["wanted"] <= most


@pytest.mark.parametrize("project", ["Port incidents", "Relief messages"])
def test_every_part_of_the_managers_page_has_something_to_show(place: Place, project: str) -> None:
    found = progress(place, demo.NEWCOMER, project)
    tasks = found["tasks"]
    assert min(tasks[each] for each in ("done", "started", "untouched", "flagged", "skipped")) >= 1
    assert len(found["throughput"]) >= 8
    assert found["median_seconds"] > 5
    assert 60 < found["agreement"]["percent"] < 99
    assert len(found["annotators"]) >= 4
    assert len(found["queue"]) >= 5
    assert all(group["open_slots"] >= 1 for group in found["queue"])


def test_confusions_can_be_seen(place: Place) -> None:
    (confusion,) = progress(place, demo.NEWCOMER, "Port incidents")["confusion"]
    counts = confusion["counts"]
    beside = sum(count for i, row in enumerate(counts) for j, count in enumerate(row) if i != j)
    assert len(confusion["labels"]) == 7
    assert beside >= 10


def test_errors_on_record_are_as_frequent_as_stated(place: Place) -> None:
    gold = {incident.id: incident for incident in incidents()}
    stated: dict[str, list[float]] = {}
    wrong: dict[str, int] = {}
    for login, item, result in answers(place):
        if item in gold:
            errors = by_login(login).errors
            assert errors is not None
            stated.setdefault(login, []).append(errors.hard if gold[item].hard else errors.clear)
            wrong[login] = wrong.get(login, 0) + (result["kind"] != gold[item].kind)
    assert set(stated) == {"mehmet", "lucia", "priya", "samir", "wanjiru", "tom"}
    for login, rates in stated.items():
        deviation = sqrt(sum(rate * (1 - rate) for rate in rates))
        assert abs(wrong[login] - sum(rates)) < 2.5 * deviation, login


def test_the_same_seed_at_the_same_time_gives_the_same_answers(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    demo.create(folder, now=place.made_at)
    with Vault.open(folder) as vault:
        again = answers(replace(place, vault=vault))
    assert sorted(again, key=str) == sorted(
        (each for each in answers(place) if each[0] != demo.NEWCOMER), key=str
    )


def test_nobody_has_more_or_fewer_than_asked_for(place: Place) -> None:
    with place.vault.reading(everything(place)) as session:
        for project_id in place.projects(demo.NEWCOMER).values():
            assert check(session, project_id) == []


def test_the_past_lies_in_the_past(place: Place) -> None:
    with place.vault.reading(everything(place)) as session:
        times = session.scalars(select(Annotation.submitted_at)).all()
    assert max(times) < datetime.now(UTC)
    assert timedelta(days=4) < max(times) - min(times) < timedelta(days=7)


def test_flags_skips_and_a_corrected_answer_are_there(place: Place) -> None:
    with place.vault.reading(everything(place)) as session:
        assignments = session.scalars(select(Assignment)).all()
    assert len([each for each in assignments if each.flag]) >= 6
    assert len([each for each in assignments if each.skip_reason]) >= 4
    assert [each.revision for each in assignments if each.revision > 1] == [2]
    assert len([each for each in assignments if each.state == "claimed" and each.draft]) == 2


def test_an_import_with_refused_rows_can_be_looked_at(place: Place) -> None:
    browser = place.browser(demo.NEWCOMER)
    project = place.projects(demo.NEWCOMER)["Port incidents"]
    late, first = browser.get(f"/api/v1/projects/{project}/imports").json()["items"]
    assert (first["rejected"], late["rejected"]) == (0, 5)
    assert sum(tally["already_there"] for tally in late["tallies"]) == 2
    assert sum(tally["added"] for tally in late["tallies"]) == 8
    refused = browser.get(f"/api/v1/imports/{late['id']}/rejections").json()["items"]
    assert len({each["reason"] for each in refused}) == 5


def test_a_dataset_is_in_the_history(place: Place) -> None:
    browser = place.browser("leila")
    project = place.projects("leila")["Port incidents"]
    (dataset,) = browser.get(f"/api/v1/projects/{project}/datasets").json()["items"]
    assert dataset["marking"]["text"] == "INTERNAL"
    lines = browser.get(f"/api/v1/datasets/{dataset['id']}/download?format=jsonl").text.splitlines()
    assert len(lines) == dataset["tasks"] == 84


def test_plenty_waits_for_the_newcomer_at_several_markings(place: Place) -> None:
    groups = place.browser(demo.NEWCOMER).get("/api/v1/home").json()["groups"]
    waiting = {
        group["marking"]["text"]: sum(project["waiting"] for project in group["projects"]) for group in groups
    }
    assert len([count for count in waiting.values() if count >= 5]) >= 8
    assert waiting["PUBLIC"] >= 10


def test_the_newcomer_can_answer_at_once(place: Place) -> None:
    browser = place.browser(demo.NEWCOMER)
    project = place.projects(demo.NEWCOMER)["Port incidents"]
    given = browser.post(f"/api/v1/projects/{project}/next", json={"held": []}).json()
    assert given["marking"]["text"] == "PUBLIC"
    handed_in = browser.post(
        f"/api/v1/assignments/{given['id']}/submit",
        json={"lease": given["lease"], "result": {"kind": "cargo"}, "seconds": 4},
    )
    assert handed_in.status_code == 200, handed_in.text


def test_two_people_see_what_the_other_may_not(place: Place) -> None:
    seen = {}
    for login in ("mehmet", "lucia"):
        groups = place.browser(login).get("/api/v1/home").json()["groups"]
        seen[login] = {group["marking"]["text"] for group in groups}
    assert seen["mehmet"] - seen["lucia"] == {"INTERNAL//FOR HARBOUR", "CONFIDENTIAL//FOR HARBOUR"}
    assert seen["lucia"] - seen["mehmet"] == {"INTERNAL//FOR RELIEF", "CONFIDENTIAL//FOR RELIEF"}


def test_the_same_page_shows_other_figures_to_other_eyes(place: Place) -> None:
    hers = progress(place, "leila", "Port incidents")
    all_ = progress(place, demo.NEWCOMER, "Port incidents")
    assert hers["tasks"]["total"] == 126 < all_["tasks"]["total"] == 167
    assert hers["agreement"] != all_["agreement"]


def test_who_is_cleared_for_what_is_public_does_not_see_the_relief_project(place: Place) -> None:
    assert list(place.projects("tom")) == ["Port incidents"]
    relief = place.projects(demo.NEWCOMER)["Relief messages"]
    hidden = place.browser("tom").get(f"/api/v1/projects/{relief}")
    absent = place.browser("tom").get(f"/api/v1/projects/{'0' * 32}")
    assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_the_administrator_sees_accounts_and_no_work(place: Place) -> None:
    browser = place.browser("henrik")
    assert len(browser.get("/api/v1/people").json()["items"]) == len(demo.characters())
    assert browser.get("/api/v1/home").json() == {"groups": [], "manages": []}


def test_nobody_has_a_password_or_was_cleared_by_themselves(place: Place) -> None:
    with place.vault.registry() as session:
        assert session.scalars(select(Password)).all() == []
        for person in session.scalars(select(Person)):
            history = clearances.history(session, person.id)
            assert len(history) == (0 if person.login == "henrik" else 1)
            assert all(by is not None and by.id != person.id for _, by in history)


def test_it_is_as_full_when_made_at_midnight(place: Place, tmp_path: Path) -> None:
    folder, midnight = tmp_path / "workspace", datetime(2026, 3, 2, 0, 1, tzinfo=UTC)
    demo.create(folder, now=midnight)
    assert demo.made_at(folder) == midnight
    with Vault.open(folder) as vault:
        given = answers(replace(place, vault=vault))
        with vault.reading(everything(replace(place, vault=vault))) as session:
            assert max(session.scalars(select(Annotation.submitted_at))) < midnight
    assert 0.55 <= len([item for _, item, _ in given if item.startswith("PI")]) / (3 * 167) <= 0.60


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear all")
    with pytest.raises(FileExistsError):
        demo.create(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letter"]


def test_cut_short_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strongroom.demo.workspace.Scheme.load", lambda name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo.create(tmp_path / "workspace")
    assert list(tmp_path.iterdir()) == []

"""Traces, other markings and spills in a browser."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from strongroom import jobs
from strongroom.custody import verify
from strongroom.label import assign, export, project
from strongroom.label.desk import at_desk
from strongroom.label.schemas import ExportIn
from strongroom.label.submit import submit
from strongroom.label.tables import Dataset, Task
from strongroom.people import Idempotency, set_roles

from .conftest import CLASSES, Place, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
LEVELS = {"level": "Confidential", "compartments": ["PII"]}
SECRET = "Oil under berth nine, seen from the tug {}."


@pytest.fixture
def tug() -> str:
    """A name of its own for each test: no other project holds what this one holds."""
    return secrets.token_hex(6)


@pytest.fixture
def harbour(place: Place, tug: str) -> str:
    """A project with tasks at two markings, two answers, and a dataset."""
    place.person("ottilie", LEVELS, "security_officer")
    place.person("olla", LEVELS, "security_officer")
    place.person("mirabel", LEVELS)
    made = place.project(
        CLASSES,
        [
            {"id": "berth-9", "text": SECRET.format(tug)},
            {"id": "crane", "text": "A crane on quay four fell silent."},
            {"id": "names", "text": "The crew list of the Maria.", "marking": "CONFIDENTIAL//PII"},
        ],
        annotators=("ana", "bo"),
        name="Port incidents",
        manager="mirabel",
    )
    for login in ("ana", "bo"):
        with place.vault.writing(place.at(login)) as session:
            given = assign.next_task(session, made)
        assert given is not None
        with at_desk(place.vault, place.at(login), given.id, {"kind": "spill"}) as (session, held):
            submit(
                session,
                held,
                lease=given.lease,
                answer={"kind": "spill"},
                seconds=3.0,
                idempotency=Idempotency(None, ""),
            )
    with project.from_above(place.vault, place.at("mirabel", "CONFIDENTIAL//PII"), made) as (session, found):
        export.begin(session, found, ExportIn(name="First export"))
    jobs.run_waiting(place.vault)
    return made


def ids(place: Place, model: type[Task] | type[Dataset], project_id: str) -> dict[str, str]:
    name = Task.external_id if model is Task else Dataset.name
    with place.vault.reading(place.at("mirabel")) as session:
        return dict(session.execute(select(name, model.id).where(model.project_id == project_id)).all())


def test_a_dataset_is_traced_to_its_tasks_by_keyboard(place: Place, enter: Enter, harbour: str) -> None:
    dataset = ids(place, Dataset, harbour)["First export"]
    page = enter("mirabel", f"/trace/dataset/{dataset}")
    drawing = page.get_by_role("group", name="Drawing of where it came from")
    box = drawing.get_by_role("button", name="3 tasks")
    expect(box).to_be_visible()
    expect(drawing.get_by_role("button", name="Project Port incidents")).to_be_visible()
    box.focus()
    page.keyboard.press("Enter")
    toggle = page.get_by_role("button", name="3 tasks", expanded=True)
    expect(toggle).to_be_focused()
    expect(page.get_by_role("link", name="berth-9")).to_be_visible()
    page.get_by_role("link", name="berth-9").click()
    expect(page.get_by_role("heading", name="Task berth-9")).to_be_visible()
    expect(page.get_by_role("cell", name="Was given a task").first).to_be_visible()


def test_who_is_cleared_for_less_sees_a_smaller_trace(place: Place, enter: Enter, harbour: str) -> None:
    imported = place.vault
    with imported.reading(place.at("mirabel")) as session:
        (task,) = session.scalars(select(Task).where(Task.project_id == harbour, Task.external_id == "names"))
        import_id = task.import_id
    place.person("reinhild", "Public")
    with place.vault.writing(place.at("mirabel")) as session:
        set_roles(session, harbour, place.person("reinhild").person_id, ["reviewer"])
    page = enter("reinhild", f"/trace/import/{import_id}")
    drawing = page.get_by_role("group", name="Drawing of where it came from")
    expect(drawing.get_by_role("button", name="2 tasks")).to_be_visible()
    expect(page.get_by_text("Who saw it")).to_have_count(0)
    expect(page.get_by_role("button", name="Marked wrongly?")).to_have_count(0)


def test_an_owner_raises_a_task_and_asks_to_lower_another(place: Place, enter: Enter, harbour: str) -> None:
    tasks = ids(place, Task, harbour)
    page = enter("mirabel", f"/trace/task/{tasks['crane']}")
    page.get_by_role("button", name="Marked wrongly?").click()
    page.get_by_role("menuitem", name="Give it another marking").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Internal").check()
    expect(dialog.get_by_text("This raises it: it holds at once.")).to_be_visible()
    dialog.get_by_label("Reason").fill("It names a place.")
    dialog.get_by_role("button", name="Raise it").click()
    expect(page.get_by_text("It is marked INTERNAL now")).to_be_visible()

    page.goto(f"/trace/task/{tasks['names']}")
    expect(page.get_by_role("heading", name="Task names")).to_be_visible()
    page.keyboard.press("m")
    dialog.get_by_role("radio", name="Internal").check()
    expect(dialog.get_by_text("a second person has to agree")).to_be_visible()
    dialog.get_by_label("Reason").fill("There are no names in it.")
    dialog.get_by_role("button", name="Ask for this marking").click()
    expect(page.get_by_text("Your request waits for a security officer.")).to_be_visible()

    officer = enter("olla", "/custody")
    request = officer.get_by_role("listitem").filter(has_text="There are no names in it.").first
    request.get_by_role("button", name="Agree").click()
    expect(officer.get_by_text("is marked INTERNAL//PII now")).to_be_visible()


def test_a_spill_is_reported_purged_and_proven(
    place: Place, enter: Enter, harbour: str, tug: str, tmp_path: Path
) -> None:
    task = ids(place, Task, harbour)["berth-9"]
    page = enter("ottilie", f"/trace/task/{task}")
    page.get_by_role("button", name="Marked wrongly?").click()
    page.get_by_role("menuitem", name="Report a spill").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="It should not be here at all").check()
    dialog.get_by_label("What happened").fill("It came with the wrong file.")
    dialog.get_by_role("button", name="Take it out of sight").click()
    expect(page.get_by_text("Out of everyone’s sight.")).to_be_visible()
    affected = page.get_by_role("region", name="What is affected")
    expect(affected.get_by_role("row", name="Datasets")).to_be_visible()
    purge = page.get_by_role("button", name="Purge", exact=False).last
    expect(purge).to_be_disabled()
    page.get_by_label("To go on, type").fill("purge")
    purge.click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    jobs.run_waiting(place.vault)
    expect(page.get_by_text("Nothing of it is left in the workspace.")).to_be_visible()
    expect(page.get_by_text("Closed.")).to_be_visible()
    assert not any(
        tug.encode() in file.read_bytes() for file in place.vault.folder.rglob("*") if file.is_file()
    )
    for name, button in (("r.json", "Signed report"), ("r.html", "Report to print")):
        with page.expect_download() as got:
            page.get_by_role("button", name=button).click()
        got.value.save_as(tmp_path / name)
        report = verify((tmp_path / name).read_bytes()).report
        assert report["spill"]["thing_id"] == task
        assert tug not in json.dumps(report)
    page.goto("/custody")
    expect(page.get_by_role("list", name="Spills").get_by_text("closed").first).to_be_visible()


@THEMES
def test_custody_is_accessible(place: Place, enter: Enter, harbour: str, dark: bool) -> None:
    task = ids(place, Task, harbour)["crane"]
    page = enter("ottilie", f"/trace/task/{task}", dark=dark)
    expect(page.get_by_role("group", name="Drawing of where it came from")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Marked wrongly?").click()
    page.get_by_role("menuitem", name="Report a spill").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("out of everyone’s sight with their next click")).to_be_visible()
    expect(page.get_by_role("menu")).to_have_count(0)
    assert axe(page) == []
    dialog.get_by_role("radio", name="It should not be here at all").check()
    dialog.get_by_label("What happened").fill("It came with the wrong file.")
    dialog.get_by_role("button", name="Take it out of sight").click()
    expect(page.get_by_text("Out of everyone’s sight.")).to_be_visible()
    assert axe(page) == []
    page.goto("/custody")
    expect(page.get_by_role("list", name="Spills")).to_be_visible()
    assert axe(page) == []

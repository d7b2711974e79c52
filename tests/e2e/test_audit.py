"""The auditor's page in a browser: three questions, an entry with its proof, an export."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from strongroom.vault.strongroom_verify import check_proof, verify

from .conftest import CLASSES, Place, Watch, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
SHOTS = os.environ.get("STRONGROOM_SHOTS")
EVERYTHING = {
    "level": "Restricted",
    "compartments": ["PII", "PHI", "PCI", "MNPI"],
    "circles": ["FINANCE", "HARBOUR", "LEGAL", "MEDICAL", "PEOPLE", "RELIEF", "SECURITY"],
    "attributes": ["privileged"],
}
THING = "7a" * 16


@pytest.fixture(scope="module")
def watched(place: Place) -> str:
    """People see a thing, at two levels; somebody is refused. Answers the id of the thing."""
    place.person("olga", EVERYTHING, "auditor")
    place.person("orla", "Internal", "auditor")
    place.project(CLASSES, ["A spill at the quay.", "Nothing happened."], annotators=("ana",))
    for login, level, count in (("ana", "PUBLIC", 2), ("lena", "CONFIDENTIAL", 1)):
        for _ in range(count):
            with place.vault.reading(place.at(login, level)) as session:
                session.audit(
                    "task.read", "task", THING, marking=session.level, person=place.person("ana").person_id
                )
    with place.vault.writing(place.at("ana")) as session:
        session.audit("annotation.submit", "assignment", "5b" * 16, "refused", task=THING)
    return THING


def rows(page: Page) -> Locator:
    return page.get_by_role("region", name="Entries").get_by_role("row")


def test_who_saw_this_what_did_they_see_what_failed(place: Place, enter: Enter, watched: str) -> None:
    page = enter("olga", "/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit").click()
    expect(page.get_by_role("textbox", name="Thing")).to_be_focused()
    page.keyboard.type(watched)
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(4)  # with the heads
    expect(rows(page).nth(1)).to_contain_text("Lena Okoro")
    expect(rows(page).nth(1)).to_contain_text("Read a task")
    page.get_by_role("textbox", name="Thing").fill("")
    page.get_by_role("tab", name="What did this person see?").click()
    expect(page.get_by_text("Choose a person")).to_be_visible()
    page.get_by_role("combobox", name="Person").fill("Lena")
    page.get_by_role("option", name="Lena Okoro (lena)").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("tab", name="What failed?").click()
    page.get_by_role("combobox", name="Person").click()
    page.get_by_role("option", name="Anybody").click()
    expect(rows(page).filter(has_text="5b5b5b5b").filter(has_text="refused")).to_have_count(1)


def test_an_auditor_sees_up_to_the_clearance_and_no_numbers(place: Place, enter: Enter, watched: str) -> None:
    page = enter("orla", f"/audit?thing={watched}")
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_text("Entries up to your clearance")).to_be_visible()
    rows(page).nth(1).get_by_role("cell").first.click()  # anywhere in the row
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("A proof tells how many entries there are")).to_be_visible()
    expect(drawer.get_by_role("button", name="Copy for verification")).to_have_count(0)


def test_a_proof_is_copied_and_holds_elsewhere(place: Place, enter: Enter, watched: str) -> None:
    page = enter("olga", f"/audit?thing={watched}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows(page).nth(1).get_by_role("button").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("img", name="hashes lead from it to the root")).to_be_visible()
    drawer.get_by_text("Read a task").first.wait_for()
    page.keyboard.press("c")
    expect(drawer.get_by_text("Copied.")).to_be_visible()
    document = json.loads(page.evaluate("navigator.clipboard.readText()"))
    found = check_proof(json.dumps(document).encode(), place.vault.audit_log.key, [])
    assert found.faults == []
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_an_export_is_taken_along_and_verifies(
    place: Place, enter: Enter, watched: str, tmp_path: Path
) -> None:
    page = enter("olga", "/audit?ask=failed")
    expect(rows(page).first).to_be_visible()
    with page.expect_download() as begun:
        page.keyboard.press("x")
    zipfile.ZipFile(io.BytesIO(Path(begun.value.path()).read_bytes())).extractall(tmp_path)
    found = verify(tmp_path / "strongroom-audit", str(place.vault.audit_log.key), [])
    assert found.faults == []


def test_only_auditors_find_it(place: Place, enter: Enter, watch: Watch) -> None:
    place.person("ana")
    page = enter("ana", "/")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Projects")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit")).to_have_count(0)


@THEMES
def test_it_is_readable(enter: Enter, watched: str, dark: bool) -> None:
    page = enter("olga", "/audit?ask=all", dark=dark, size=(1280, 900))
    expect(rows(page).first).to_be_visible()
    assert axe(page) == []
    _shoot(page, f"audit-{'dark' if dark else 'light'}")
    rows(page).nth(1).get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_role("img", name="hashes lead from it")).to_be_visible()
    assert axe(page, "[role=dialog]") == []
    _shoot(page, f"entry-{'dark' if dark else 'light'}")


def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))

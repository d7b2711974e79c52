"""People, clearances and one's own account in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .conftest import CLASSES, PASSWORD, Place, Watch, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.fixture(scope="module")
def staff(place: Place) -> None:
    place.person("henrik", "Public", "administrator")
    place.person("yuki", "Internal", "security_officer")


def row(page: Page, login: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(login, exact=True))


def test_an_administrator_adds_somebody_who_comes_in_by_a_link_shown_once(
    place: Place, enter: Enter, context: Callable[..., BrowserContext], staff: None
) -> None:
    page = enter("henrik", "/people")
    expect(row(page, "yuki")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Clearance")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Émile Fabre")
    expect(page.get_by_role("textbox", name="Login", exact=True)).to_have_value("emile.fabre")
    page.keyboard.press("Enter")
    link = page.get_by_label("Link for the first sign-in").inner_text()
    assert link.startswith(f"{place.url}/enter#")
    page.get_by_role("button", name="Done").click()
    expect(row(page, "emile.fabre")).to_be_visible()
    assert link not in page.content()
    guest = context().new_page()
    guest.goto(link)
    expect(guest.get_by_role("navigation", name="Main")).to_contain_text("Émile Fabre")
    guest.goto("/account")
    expect(guest.get_by_text("Up to Public.")).to_be_visible()


def test_an_officer_clears_somebody_and_their_next_click_shows_it(
    place: Place, enter: Enter, staff: None
) -> None:
    place.person("linnea", "Public")
    page = enter("yuki", "/people")
    page.get_by_role("button", name="Clearance of Linnea Okoro").click()
    dialog = page.get_by_role("dialog")
    give = dialog.get_by_role("button", name="Give this clearance")
    dialog.get_by_role("radio", name="Confidential").check()
    dialog.get_by_role("combobox", name="Tags").click()
    page.get_by_role("option", name="Personal data").click()
    page.keyboard.press("Tab")
    expect(dialog).to_contain_text("Up to Confidential, with Personal data (PII).")
    expect(dialog).to_contain_text("Gives the level Confidential, Personal data (PII).")
    expect(give).to_be_disabled()
    dialog.get_by_role("textbox", name="Reason").fill("Joins the welfare desk")
    guest = enter("linnea", "/account")
    expect(guest.get_by_text("Up to Public.")).to_be_visible()
    give.click()
    expect(page.get_by_role("status").first).to_contain_text("Linnea Okoro is cleared")
    expect(row(page, "linnea")).to_contain_text("Up to Confidential, with Personal data (PII).")
    guest.reload()
    expect(guest.get_by_text("Up to Confidential, with Personal data (PII).")).to_be_visible()
    page.get_by_role("button", name="Clearance of Linnea Okoro").click()
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("listitem").first).to_contain_text("by Yuki Okoro: Joins the welfare desk")


def test_taking_a_clearance_away_says_what_goes_and_takes_the_project_from_view(
    place: Place, enter: Enter, staff: None, watch: Watch
) -> None:
    watch.allowed.append("404")
    place.person("otto", {"level": "Confidential", "circles": ["RELIEF"]})
    made = place.project(
        CLASSES,
        ["A message."],
        name="Relief",
        manager="otto",
        annotators=(),
        level="CONFIDENTIAL//FOR RELIEF",
    )
    guest = enter("otto", f"/projects/{made}?tab=tasks")
    expect(guest.get_by_role("option")).to_contain_text("A message.")
    page = enter("yuki", "/people")
    page.get_by_role("button", name="Clearance of Otto Okoro").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Internal").check()
    expect(dialog).to_contain_text("Takes away the level Confidential")
    dialog.get_by_role("textbox", name="Reason").fill("Leaves the desk")
    dialog.get_by_role("button", name="Give this clearance").click()
    expect(dialog).to_be_hidden()
    guest.reload()
    expect(guest.get_by_role("alert")).to_contain_text("There is nothing here that you can see.")


def test_nobody_clears_themselves(place: Place, enter: Enter, staff: None, watch: Watch) -> None:
    watch.allowed.append("403")
    page = enter("yuki", "/people")
    mine = row(page, "yuki")
    expect(mine).to_contain_text("Another officer clears you")
    expect(mine.get_by_role("button")).to_have_count(0)
    status = page.evaluate(
        """async (id) => {
            const {csrf_token} = await (await fetch('/api/v1/session')).json();
            const answer = await fetch(`/api/v1/people/${id}/clearance`, {
                method: 'PUT',
                headers: {'Content-Type': 'application/json', 'X-CSRF-Token': csrf_token},
                body: JSON.stringify({clearance: {level: 'Restricted'}, reason: 'because'}),
            });
            return answer.status;
        }""",
        place.person("yuki").person_id,
    )
    assert status == 403


def test_an_account_is_closed_and_its_session_ends(
    place: Place, enter: Enter, staff: None, watch: Watch
) -> None:
    watch.allowed.append("401")
    place.person("gone")
    guest = enter("gone", "/account")
    expect(guest.get_by_role("heading", name="Gone Okoro")).to_be_visible()
    page = enter("henrik", "/people")
    page.get_by_role("button", name="Account of Gone Okoro").click()
    page.get_by_role("button", name="Close the account…").click()
    page.get_by_role("button", name="Close the account", exact=True).click()
    expect(row(page, "gone")).to_contain_text("closed")
    guest.goto("/projects")
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Account of Henrik Okoro").click()
    expect(page.get_by_role("button", name="Close the account…")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_contain_text("another administrator does")


def test_who_has_no_duty_sees_names_and_nothing_to_press(place: Place, enter: Enter, staff: None) -> None:
    page = enter("ana", "/people")
    expect(row(page, "yuki")).to_contain_text("Security officer")
    expect(page.get_by_role("table").get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Clearance")).to_have_count(0)


# --- my own account


def test_a_token_is_shown_once_and_acts_with_its_scopes_until_it_is_withdrawn(
    place: Place, enter: Enter
) -> None:
    page = enter("ana", "/account")
    expect(page.get_by_text("None. A token lets a program")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_label("Name", exact=True).fill("Command line")
    page.keyboard.press("Enter")
    secret = page.get_by_label("API token", exact=True).inner_text()
    assert secret.startswith("srt_")
    page.get_by_role("button", name="Done").click()
    tokens = page.get_by_role("list", name="API tokens")
    expect(tokens).to_contain_text("Command line")
    assert secret not in page.content()
    headers = {"Authorization": f"Bearer {secret}"}
    me = httpx.get(f"{place.url}/api/v1/session", headers=headers)
    assert me.json()["person"]["login"] == "ana"
    page.get_by_role("button", name="Withdraw the token Command line").click()
    expect(page.get_by_text("None. A token lets a program")).to_be_visible()
    assert httpx.get(f"{place.url}/api/v1/session", headers=headers).status_code == 401


def test_the_working_level_is_changed_and_the_banner_follows(place: Place, enter: Enter) -> None:
    page = enter("ben", "/account")
    expect(page.get_by_test_id("banner-top")).to_have_text("PUBLIC")
    page.get_by_role("combobox", name="I work at").click()
    page.get_by_role("option", name="INTERNAL", exact=True).click()
    expect(page.get_by_text("You work at INTERNAL now.")).to_be_visible()
    expect(page.get_by_test_id("banner-top")).to_have_text("INTERNAL")


def test_a_password_is_changed_and_a_wrong_one_is_told(
    place: Place, enter: Enter, watch: Watch, context: Callable[..., BrowserContext]
) -> None:
    watch.allowed.append(r"40[0-9]|422")
    place.person("pia")
    page = enter("pia", "/account")
    page.get_by_role("textbox", name="Present password").fill("not this one at all")
    page.get_by_role("textbox", name="New password").fill("two herons on the mole")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("textbox", name="Present password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    again = context().new_page()
    again.goto("/sign-in")
    again.get_by_label("Login").fill("pia")
    again.get_by_role("textbox", name="Password").fill("two herons on the mole")
    again.keyboard.press("Enter")
    expect(again.get_by_role("navigation", name="Main")).to_contain_text(re.compile("Pia Okoro"))


@THEMES
def test_people_and_account_are_accessible(place: Place, enter: Enter, staff: None, dark: bool) -> None:
    page = enter("yuki", "/people", dark=dark)
    expect(row(page, "henrik")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Clearance of Henrik Okoro").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="History")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.goto("/account")
    expect(page.get_by_role("button", name="Make a token")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe(page) == []
    admin = enter("henrik", "/people", dark=dark)
    expect(row(admin, "yuki")).to_be_visible()
    admin.keyboard.press("n")
    expect(admin.get_by_role("dialog")).to_be_visible()
    assert axe(admin) == []

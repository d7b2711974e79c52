"""Coming in: sign-in, one-time links, the first account, a session that ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from strongroom.markings import Scheme
from strongroom.people import set_up
from strongroom.vault import Vault

from .conftest import CLASSES, PASSWORD, Place, Watch

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def test_a_person_signs_in_with_the_keyboard_alone(
    place: Place, context: Callable[..., BrowserContext]
) -> None:
    place.person("ana")
    page = context().new_page()
    page.goto("/people")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.url}/people")
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("Ana Okoro")


def test_a_wrong_password_is_told_and_the_login_stays(
    place: Place, context: Callable[..., BrowserContext], watch: Watch
) -> None:
    watch.allowed.append("401")
    place.person("ana")
    page = context().new_page()
    page.goto("/sign-in")
    page.get_by_label("Login").fill("ana")
    page.get_by_role("textbox", name="Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Login or password is wrong.")
    expect(page.get_by_label("Login")).to_have_value("ana")


def test_signing_in_never_leads_off_the_site(place: Place, context: Callable[..., BrowserContext]) -> None:
    place.person("ana")
    page = context().new_page()
    page.goto("/sign-in?then=%2F%2Felsewhere.example%2F")
    page.get_by_label("Login").fill("ana")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.url}/")


def test_a_link_opens_once_and_leaves_no_token_in_the_address(
    place: Place, context: Callable[..., BrowserContext], watch: Watch
) -> None:
    watch.allowed.append("40[0-9]")
    link = place.link("ana")
    page = context().new_page()
    page.goto(link)
    expect(page).to_have_url(f"{place.url}/")
    other = context().new_page()
    other.goto(link)
    expect(other.get_by_role("alert")).to_be_visible()
    expect(other).to_have_url(f"{place.url}/enter")


def test_the_first_account_is_made_with_the_link_from_the_console(
    tmp_path: Path, chromium: Browser, watch: Watch
) -> None:
    with Vault.create(tmp_path / "new", Scheme.load("corporate")) as vault:
        new = Place(vault)
        new.start()
        with vault.registry(write=True) as session:
            token = set_up.new_token(session)
        page = chromium.new_page(base_url=new.url)
        watch.follow(page)
        page.goto("/")
        expect(page.get_by_role("heading", name="Set up this place")).to_be_visible()
        page.goto(f"/setup#{token}")
        page.get_by_label("Your name").fill("Ada Brandt")
        page.get_by_label("Login").fill("ada")
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_text("A fresh place")).to_be_visible()
        expect(page.get_by_role("link", name="Add people")).to_be_visible()
        page.close()
        new.stop()


def test_a_session_that_ends_is_taken_up_again_without_losing_what_is_on_screen(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("401")
    made = place.project(CLASSES, ["Oil on the water."])
    page = enter("ana", f"/label/{made}")
    expect(page.get_by_text("Oil on the water.")).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("1")
    expect(page.get_by_role("dialog", name="You were signed out")).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("radio", name="Spill")).to_be_checked()
    expect(page.get_by_test_id("save-state")).to_contain_text("Draft saved")


def test_who_signs_out_is_out(place: Place, enter: Enter) -> None:
    page = enter("ana")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Go somewhere or do something").fill("sign out")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.url}/sign-in")
    page.goto("/")
    expect(page).to_have_url(f"{place.url}/sign-in")


def test_an_address_that_nobody_knows_leads_home(enter: Enter) -> None:
    page = enter("ana", "/nowhere/at/all")
    expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
    expect(page.get_by_test_id("banner-top")).to_be_visible()
    page.get_by_role("link", name="Go home").click()
    expect(page.get_by_role("heading", name="Good")).to_be_visible()


def test_a_view_that_cannot_be_loaded_says_so_and_is_loaded_anew(enter: Enter, watch: Watch) -> None:
    watch.allowed += ["net::ERR_FAILED", "dynamically imported module", "preload CSS"]
    page = enter("ana")
    expect(page.get_by_role("heading", name="Good")).to_be_visible()
    page.route("**/assets/*", lambda route: route.abort())
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("alert")).to_contain_text("This page didn’t load")
    page.unroute("**/assets/*")
    page.get_by_role("button", name="Load anew").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()


def test_a_security_officer_is_shown_to_the_rooms_of_that_duty(place: Place, enter: Enter) -> None:
    place.person("sigrun", "Confidential", "security_officer")
    page = enter("sigrun")
    expect(page.get_by_role("heading", name="Nothing to label")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Clear people").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()


def test_tab_first_offers_to_skip_the_navigation(enter: Enter) -> None:
    page = enter("ana", "/projects")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

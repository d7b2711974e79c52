"""What every view owes its reader: contrast and names in both themes, the banner above all, room on a small screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import CLASSES, SPANS, Place, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
BOTH = {"fields": [*CLASSES["fields"], *SPANS["fields"]]}


@pytest.fixture(scope="session")
def busy_project(place: Place) -> str:
    long = "The vessel Aurora left Rotterdam.\n\n" * 30
    rows = [{"text": long, "id": f"R-{n}", "data": {"source": "radio", "hour": "04:10"}} for n in range(6)]
    return place.project(
        BOTH, rows, guideline="# How\n\nRead. | a | b |\n\n- one\n- `two`", annotators=("ana", "ben")
    )


@THEMES
def test_the_views_before_the_sign_in_are_accessible(
    context: Callable[..., BrowserContext], dark: bool
) -> None:
    page = context(dark=dark).new_page()
    for path, heading in (("/sign-in", "Sign in"), ("/setup", "Set up this place")):
        page.goto(path)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert axe(page) == [], path


@THEMES
def test_home_is_accessible(place: Place, enter: Enter, busy_project: str, dark: bool) -> None:
    page = enter("ana", dark=dark)
    expect(page.get_by_role("link", name="labelling").first).to_be_visible()
    assert axe(page) == []


@THEMES
def test_the_desk_is_accessible_with_all_that_opens_on_it(
    place: Place, enter: Enter, busy_project: str, dark: bool
) -> None:
    page = enter("ben" if dark else "ana", f"/label/{busy_project}", dark=dark)
    expect(
        page.get_by_role("complementary", name="Guideline").get_by_role("heading", name="How")
    ).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("6")
    page.keyboard.press("1")
    expect(page.get_by_test_id("save-state")).to_contain_text("Draft saved")
    assert axe(page) == []
    for key, name in (("s", "Why skip"), ("f", "Flag this task"), ("r", "My recent work"), ("?", "Keys")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        assert axe(page, "[role=dialog]") == [], name
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Go somewhere or do something")).to_be_visible()
    assert axe(page, "[role=dialog]") == []


@pytest.mark.parametrize("opened_with", ["Control+k", "?", "s"])
def test_the_banner_stays_above_whatever_opens(
    place: Place, enter: Enter, busy_project: str, opened_with: str
) -> None:
    page = enter("ana", f"/label/{busy_project}")
    expect(page.get_by_test_id("pane")).to_be_visible()
    page.keyboard.press(opened_with)
    expect(page.get_by_role("dialog")).to_be_visible()
    for at in ("top", "bottom"):
        box = page.get_by_test_id(f"banner-{at}").bounding_box()
        assert box
        for x in (2, 640, 1278):
            on_top = page.evaluate(
                "([x, y]) => document.elementFromPoint(x, y).closest('[data-testid^=banner]')?.dataset.testid",
                [x, box["y"] + box["height"] / 2],
            )
            assert on_top == f"banner-{at}"


def test_the_banner_is_the_join_of_what_is_on_screen(place: Place, enter: Enter) -> None:
    top = {"level": "Restricted", "compartments": ["PII"], "circles": ["HARBOUR", "RELIEF"]}
    for login in ("greta", "pia"):
        place.person(login, top)
    for level in ("INTERNAL//FOR HARBOUR", "CONFIDENTIAL//PII"):
        place.project(CLASSES, ["A text."], level=level, manager="greta", annotators=("pia",), name=level[:8])
    page = enter("pia")
    for at in ("top", "bottom"):
        expect(page.get_by_test_id(f"banner-{at}")).to_contain_text("CONFIDENTIAL//PII//FOR HARBOUR")
    page.goto("/account")
    expect(page.get_by_test_id("banner-top")).not_to_contain_text("CONFIDENTIAL//PII//FOR HARBOUR")


def test_nothing_is_cut_off_on_a_small_laptop(place: Place, enter: Enter, busy_project: str) -> None:
    page = enter("ana", f"/label/{busy_project}", size=(1280, 720))
    expect(page.get_by_test_id("pane")).to_be_visible()
    wider = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0
    for name in ("Submit", "Skip", "Flag"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box
        assert box["x"] + box["width"] <= 1280
    expect(page.get_by_role("textbox", name="Note")).to_be_in_viewport()


def test_everything_is_told_where_its_key_is(place: Place, enter: Enter, busy_project: str) -> None:
    page = enter("ana", f"/label/{busy_project}")
    expect(page.get_by_test_id("pane")).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for label in (
        "Submit and go on",
        "Back to the task before",
        "Undo",
        "Skip, with a reason",
        "Next span",
        "Fire",
    ):
        expect(keys.get_by_text(label, exact=True)).to_be_visible()

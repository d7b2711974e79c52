"""On a telephone's screen: nothing is out of sight, and what keys do elsewhere has a button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import CLASSES, Place, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
PHONE = (390, 844)
TEXTS = ["A hose parted at berth 4.", "The crane stood still all night.", "A gull took the sandwich."]


@pytest.fixture(scope="session")
def pocket(place: Place) -> str:
    return place.project(
        CLASSES, TEXTS, name="From the quay", guideline="# How\n\nRead.", annotators=("pia",)
    )


def in_sight(page: Page, what: Locator) -> None:
    box = what.bounding_box()
    assert box is not None
    width, height = page.evaluate("() => [innerWidth, innerHeight]")
    assert 0 <= box["x"] <= width - box["width"], box
    assert 0 <= box["y"] <= height - box["height"], box


def test_a_task_is_answered_gone_back_to_and_changed_by_touch(
    place: Place, enter: Enter, pocket: str
) -> None:
    page = enter("pia", f"/label/{pocket}", size=PHONE)
    text = page.get_by_test_id("pane").get_by_role("article")
    expect(text).to_contain_text(TEXTS[0])
    in_sight(page, text)
    expect(page.get_by_text("3 left for you")).to_be_visible()
    for name in ("Submit", "Skip", "Flag", "Back", "Undo", "Recent work", "Guideline"):
        in_sight(page, page.get_by_role("button", name=name, exact=True))
    fire = page.get_by_role("radio", name="Fire")
    fire.click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(fire).not_to_be_checked()
    fire.click()
    page.get_by_role("button", name="Submit").click()
    expect(text).to_contain_text(TEXTS[1])
    expect(page.get_by_text("1 answered in this sitting · 2 left for you")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(text).to_contain_text(TEXTS[0])
    expect(page.get_by_role("button", name="Next task")).to_be_visible()
    page.get_by_role("radio", name="Spill").click()
    expect(page.get_by_text("Answered; the change is not sent yet")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(text).to_contain_text(TEXTS[1])
    expect(page.get_by_test_id("save-state")).to_contain_text("sent")
    assert [answer["kind"] for answer in place.answers(pocket, by="pia")] == ["spill"]


@pytest.mark.parametrize("tab", ["progress", "quality", "review", "tasks", "data", "people", "settings"])
def test_nothing_of_a_project_runs_out_of_the_window(enter: Enter, pocket: str, tab: str) -> None:
    page = enter("mira", f"/projects/{pocket}?tab={tab}", size=PHONE)
    expect(page.get_by_role("tabpanel")).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    wide = "main [class*=scroll]:has(> [class*=column])"
    assert page.evaluate("q => document.querySelector(q)?.scrollWidth <= innerWidth", wide)
    assert axe(page) == []

"""Spans with the keyboard alone: selecting, labelling, moving ends, going from span to span; in every script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import SPANS, Place

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def at_the_desk(place: Place, enter: Enter, *texts: str) -> tuple[Page, str]:
    made = place.project(SPANS, list(texts))
    page = enter("ana", f"/label/{made}")
    expect(page.get_by_test_id("pane")).to_contain_text(texts[0][:20])
    return page, made


def hand_in(page: Page) -> None:
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("save-state")).to_contain_text("Answer sent")


def test_words_are_selected_extended_and_labelled(place: Place, enter: Enter) -> None:
    text = "Captain Maria Jensen left Rotterdam on the Aurora."
    page, made = at_the_desk(place, enter, text)
    keys(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight", "1")
    keys(page, "ArrowRight", "ArrowRight", "2")
    keys(page, *["ArrowRight"] * 3, "3")
    hand_in(page)
    assert place.answers(made) == [
        {
            "names": [
                {"start": 8, "end": 20, "label": "PER"},
                {"start": 26, "end": 35, "label": "LOC"},
                {"start": 43, "end": 49, "label": "VES"},
            ]
        }
    ]


def test_offsets_are_code_points_also_behind_emoji(place: Place, enter: Enter) -> None:
    text = "🚢🛢️ Aurora 👩‍👩‍👧 near 港口 today"
    page, made = at_the_desk(place, enter, text)
    keys(page, "ArrowRight", "3")
    hand_in(page)
    [answer] = place.answers(made)
    [span] = answer["names"]
    assert text[span["start"] : span["end"]] == "Aurora"


def test_spans_overlap_and_the_same_stretch_takes_two_labels(place: Place, enter: Enter) -> None:
    page, made = at_the_desk(place, enter, "Port of Rotterdam authority")
    keys(page, "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "2")
    keys(page, "ArrowLeft", "Shift+ArrowRight", "1")
    keys(page, "ArrowLeft", "Shift+ArrowRight", "3")
    expect(page.locator("[data-tag]")).not_to_have_count(0)
    hand_in(page)
    spans = place.answers(made)[0]["names"]
    assert len(spans) == 3
    assert any(a["start"] < b["end"] and b["start"] < a["end"] for a in spans for b in spans if a is not b)


def test_a_span_is_picked_relabelled_and_removed(place: Place, enter: Enter) -> None:
    page, made = at_the_desk(place, enter, "Aurora met Borealis and Capella")
    keys(page, "ArrowRight", "1", "ArrowRight", "ArrowRight", "1", "ArrowRight", "ArrowRight", "1", "Escape")
    keys(page, "n")
    expect(page.locator("[data-current]")).to_have_text("Aurora")
    keys(page, "3", "n")
    expect(page.locator("[data-current]")).to_have_text("Borealis")
    keys(page, "Delete", "n")
    expect(page.locator("[data-current]")).to_have_text("Capella")
    keys(page, "Shift+N")
    expect(page.locator("[data-current]")).to_have_text("Aurora")
    hand_in(page)
    assert place.answers(made) == [
        {"names": [{"start": 0, "end": 6, "label": "VES"}, {"start": 24, "end": 31, "label": "PER"}]}
    ]


def test_both_ends_of_a_span_move_by_words_and_by_characters(place: Place, enter: Enter) -> None:
    page, made = at_the_desk(place, enter, "The motor vessel Aurora-2 sailed")
    keys(page, *["ArrowRight"] * 4, "3", "n")
    keys(page, "Shift+ArrowRight")
    expect(page.locator("[data-current]").first).to_have_text("Aurora-2")
    keys(page, "Control+Shift+ArrowLeft", "Control+Shift+ArrowRight")
    keys(page, "x", "Shift+ArrowLeft", "Shift+ArrowLeft", "Control+Shift+ArrowLeft")
    expect(page.locator("[data-current]").first).to_have_text(" motor vessel Aurora-2")
    keys(page, "Control+z")
    hand_in(page)
    assert place.answers(made) == [{"names": [{"start": 4, "end": 25, "label": "VES"}]}]


def test_arrows_move_by_lines_too(place: Place, enter: Enter) -> None:
    page, made = at_the_desk(place, enter, "alpha beta gamma\ndelta epsilon zeta\neta theta iota")
    keys(page, "ArrowRight", "ArrowDown", "ArrowDown", "1")
    hand_in(page)
    assert place.answers(made)[0]["names"] == [{"start": 36, "end": 39, "label": "PER"}]


def test_arrows_follow_the_direction_of_the_script(place: Place, enter: Enter) -> None:
    text = "غادرت السفينة ميناء روتردام صباح اليوم"
    page, made = at_the_desk(place, enter, text)
    keys(page, "ArrowLeft", "ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "2")
    hand_in(page)
    [span] = place.answers(made)[0]["names"]
    assert text[span["start"] : span["end"]] == "ميناء روتردام"


def test_undo_of_spans_has_no_end(place: Place, enter: Enter) -> None:
    text = " ".join(f"word{n}" for n in range(40))
    page, _ = at_the_desk(place, enter, text)
    for _ in range(40):
        keys(page, "ArrowRight", "1")
    expect(page.locator("[data-span]")).to_have_count(40)
    for _ in range(45):
        keys(page, "Control+z")
    expect(page.locator("[data-span]")).to_have_count(0)
    for _ in range(45):
        keys(page, "Control+Shift+z")
    expect(page.locator("[data-span]")).to_have_count(40)


def test_the_mouse_marks_whole_words_with_the_label_taken_up(place: Place, enter: Enter) -> None:
    page, made = at_the_desk(place, enter, "Seen near Rotterdam harbour at noon")
    page.get_by_role("button", name="Place").click()
    pane = page.get_by_test_id("pane").get_by_text("Seen near")
    box = pane.bounding_box()
    assert box
    page.mouse.move(box["x"] + 90, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 190, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    hand_in(page)
    [span] = place.answers(made)[0]["names"]
    assert span["label"] == "LOC"
    assert span["start"] in (5, 10)
    assert span["end"] in (19, 27)

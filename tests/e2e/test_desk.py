"""The desk: classes by key, drafts, undo, what happens when things go wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import CLASSES, Place, Watch

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]

REPORTS = [
    "Oil on the water by pier 4.",
    "Smoke from a container.",
    "A quiet night.",
    "Paint spilt on deck 2.",
    "Fog.",
]


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_contain_text("Draft saved")


def sent(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_contain_text("Answer sent")


def shows(page: Page, text: str) -> None:
    expect(page.get_by_test_id("pane")).to_contain_text(text)


def with_the_next_one_ready(enter: Enter, project: str) -> Page:
    """Opens the desk and waits until it has fetched the task after the first."""
    page = enter("ana")
    with page.expect_response(
        lambda given: given.url.endswith(f"{project}/next") and given.request.post_data_json["held"]
    ) as given:
        page.goto(f"/label/{project}")
    given.value.finished()
    return page


def test_three_tasks_are_labelled_from_home_by_keys_alone(place: Place, enter: Enter) -> None:
    place.person("kofi")
    made = place.project(CLASSES, REPORTS, annotators=("kofi",), name="Night reports")
    page = enter("kofi")
    expect(page.get_by_role("heading", name="Night reports")).to_be_visible()
    page.keyboard.press("Enter")
    for report, key in zip(REPORTS, "123", strict=False):
        shows(page, report)
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    shows(page, REPORTS[3])
    sent(page)
    assert place.answers(made, "kofi") == [{"kind": "spill"}, {"kind": "fire"}, {"kind": "none"}]


def test_the_last_task_leads_to_a_page_that_says_so(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, ["Only this."])
    page = enter("ana", f"/label/{made}")
    shows(page, "Only this.")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done: nothing is left here for you")).to_be_visible()
    page.keyboard.press("Backspace")
    shows(page, "Only this.")


def test_a_required_field_left_empty_keeps_the_task(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a label")
    shows(page, REPORTS[0])


def test_undo_leads_back_across_a_submit_and_enter_sends_the_correction(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    shows(page, REPORTS[1])
    sent(page)
    page.keyboard.press("Control+z")
    shows(page, REPORTS[0])
    expect(page.get_by_role("radio", name="Fire")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", name="Spill")).to_be_checked()
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("radio", name="Fire")).to_be_checked()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    shows(page, REPORTS[1])
    sent(page)
    assert place.answers(made) == [{"kind": "none"}]
    assert place.revisions(made) == [1, 2]


def test_a_reload_keeps_the_draft(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("2")
    page.keyboard.press("w")
    page.keyboard.type("Seen from the bridge 🚢")
    saved(page)
    page.reload()
    shows(page, REPORTS[0])
    expect(page.get_by_role("radio", name="Fire")).to_be_checked()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Seen from the bridge 🚢")


def test_leaving_with_work_that_is_only_here_asks_first(place: Place, enter: Enter, watch: Watch) -> None:
    watch.allowed.append("ERR_")
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("save-state")).to_contain_text("not sent")
    with page.expect_event("dialog") as asking:
        page.evaluate("() => void setTimeout(() => location.assign('/people'))")
    assert asking.value.type == "beforeunload"
    asking.value.dismiss()


def test_answers_given_offline_go_out_once_when_the_line_is_back(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("ERR_")
    made = place.project(CLASSES, REPORTS)
    page = with_the_next_one_ready(enter, made)
    shows(page, REPORTS[0])
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    shows(page, REPORTS[1])
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("save-state")).to_contain_text("2 answers not sent")
    expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
    page.context.set_offline(False)
    sent(page)
    shows(page, REPORTS[2])
    assert place.answers(made) == [{"kind": "spill"}, {"kind": "fire"}]
    assert place.revisions(made) == [1, 1]


def test_an_answer_whose_acknowledgement_got_lost_is_stored_once(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("ERR_")
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    cut = [True]

    def cut_once(route: Route) -> None:
        if cut and cut.pop():
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/submit", cut_once)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    sent(page)
    assert place.revisions(made) == [1]


def test_work_on_a_task_that_went_to_somebody_else_is_kept_and_told(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("409")
    made = place.project(CLASSES, REPORTS[:2])
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("1")
    saved(page)
    place.lose(made, to="ben")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="went to somebody else")).to_contain_text(
        "kept as a draft"
    )
    page.get_by_role("button", name="Look at it").click()
    shows(page, "kept as a draft that a reviewer can take up")
    expect(page.get_by_role("radio", name="Spill")).to_be_checked()
    kept = [each.draft for each in place.assignments(made) if each.person_id == place.person("ana").person_id]
    assert {"kind": "spill"} in kept
    assert place.answers(made) == []


def test_two_tabs_get_two_tasks(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    first = with_the_next_one_ready(enter, made)
    shows(first, REPORTS[0])
    second = first.context.new_page()
    second.goto(f"/label/{made}")
    shows(second, REPORTS[2])
    for page, key in ((first, "1"), (second, "2")):
        page.bring_to_front()
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        sent(page)
    assert place.answers(made) == [{"kind": "spill"}, {"kind": "fire"}]


def test_skip_takes_a_reason_and_can_be_thought_better_of(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Why skip this task?")).to_be_visible()
    with page.expect_response("**/skip"):
        page.keyboard.press("4")
    shows(page, REPORTS[1])
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Backspace")
    shows(page, REPORTS[0])
    expect(page.get_by_text("Skipped; it can still be answered")).to_be_visible()
    assert [each.skip_reason for each in place.assignments(made) if each.state == "skipped"] == [
        "I can’t decide"
    ]
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    sent(page)
    assert place.answers(made) == [{"kind": "spill"}]


def test_a_flag_carries_a_note_and_shows_on_the_task(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("f")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("Two incidents in one report")
    page.keyboard.press("Enter")
    shows(page, "Flagged: Two incidents in one report")


def test_earlier_work_is_found_again_and_revised(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, REPORTS)
    page = enter("ana", f"/label/{made}")
    for report in REPORTS[:2]:
        shows(page, report)
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    shows(page, REPORTS[2])
    sent(page)
    page.reload()
    shows(page, REPORTS[2])
    page.keyboard.press("r")
    expect(
        page.get_by_role("dialog", name="My recent work").get_by_role("button", name=REPORTS[0])
    ).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    shows(page, REPORTS[0])
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    shows(page, REPORTS[2])
    sent(page)
    assert place.answers(made) == [{"kind": "none"}, {"kind": "spill"}]


def test_a_project_deleted_meanwhile_keeps_the_work_and_says_so(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("40[0-9]")
    made = place.project(CLASSES, REPORTS[:1])
    page = enter("ana", f"/label/{made}")
    shows(page, REPORTS[0])
    page.keyboard.press("1")
    saved(page)
    place.remove(made)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="This project was removed")).to_contain_text(
        "kept as a draft"
    )


def test_the_guideline_is_open_at_the_first_visit_and_one_key_away_later(place: Place, enter: Enter) -> None:
    made = place.project(
        CLASSES, REPORTS, guideline="# Reports\n\nRead **twice**. See [the manual](https://x.example/)."
    )
    page = enter("ana", f"/label/{made}")
    guideline = page.get_by_role("complementary", name="Guideline")
    expect(guideline.get_by_role("heading", name="Reports")).to_be_visible()
    expect(guideline.get_by_role("link")).to_have_count(0)
    page.keyboard.press("g")
    expect(guideline).to_be_hidden()
    page.reload()
    shows(page, REPORTS[0])
    expect(guideline).to_be_hidden()
    page.keyboard.press("g")
    expect(guideline).to_be_visible()


def test_a_group_above_the_working_level_is_labelled_at_its_own_marking(place: Place, enter: Enter) -> None:
    place.person("hugo", {"level": "Restricted", "compartments": ["PII"], "circles": ["HARBOUR"]})
    place.person("hana", {"level": "Confidential", "compartments": ["PII"], "circles": ["HARBOUR"]})
    made = place.project(
        CLASSES,
        REPORTS[:2],
        level="CONFIDENTIAL//PII//FOR HARBOUR",
        manager="hugo",
        annotators=("hana",),
        name="Harbour desk",
    )
    page = enter("hana")
    page.get_by_role("article").filter(has_text="Harbour desk").get_by_role("link").click()
    shows(page, REPORTS[0])
    for at in ("top", "bottom"):
        expect(page.get_by_test_id(f"banner-{at}")).to_contain_text("CONFIDENTIAL//PII//FOR HARBOUR")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    sent(page)
    assert place.answers(made, "hana") == [{"kind": "spill"}]

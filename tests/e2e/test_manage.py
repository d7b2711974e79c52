"""The manager's pages in a browser: a project made, texts brought in, progress read, a dataset taken out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from strongroom import jobs
from strongroom.label import project as projects

from .conftest import CLASSES, SPANS, Place, Watch, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])

ROWS = """id,text,marking
a1,"A hose parted at berth 4, and diesel reached the water.",P
a2,The pilot boat Alma touched the quay.,I
a3,,P
a4,Somebody climbed the fence by gate 7.,SECRETISH
"""

ANSWER_ALL = """async ({project, results}) => {
    const {csrf_token} = await (await fetch('/api/v1/session')).json();
    const post = (path, body) => fetch('/api/v1' + path, {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'X-CSRF-Token': csrf_token,
                  'Idempotency-Key': crypto.randomUUID()},
        body: JSON.stringify(body),
    });
    let given = 0;
    for (;;) {
        const next = await post(`/projects/${project}/next`, {held: []});
        if (next.status === 204) return given;
        const {id, lease, task} = await next.json();
        const result = results[task.external_id] ?? results[''];
        const sent = await post(`/assignments/${id}/submit`, {lease, result, seconds: 12});
        if (!sent.ok) throw new Error(await sent.text());
        given++;
    }
}"""


def answer_all(enter: Enter, login: str, project_id: str, results: Mapping[str, Any]) -> int:
    """Lets somebody answer all that waits for them: by the task's own id, or as "" says."""
    given: int = enter(login).evaluate(ANSWER_ALL, {"project": project_id, "results": dict(results)})
    return given


def open_tab(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()
    expect(page.get_by_role("tab", name=tab, selected=True)).to_be_visible()


def bring_in(place: Place, page: Page, content: str = ROWS, name: str = "rows.csv") -> None:
    page.get_by_test_id("import-file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    )
    expect(page.get_by_role("button", name="Bring in")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Stop the import")).to_be_visible()
    jobs.run_waiting(place.vault)


# --- making a project


def test_a_project_is_made_in_the_builder_with_the_keyboard_alone(place: Place, enter: Enter) -> None:
    place.person("nell")
    page = enter("nell", "/projects")
    expect(page.get_by_role("heading", name="No project yet that you can see")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Berth log")
    page.get_by_role("button", name="Choice", exact=True).press("Enter")
    expect(page.get_by_label("Question of field 1")).to_be_focused()
    page.keyboard.type("What happened?")
    page.get_by_label("Title of label 1 of").focus()
    page.keyboard.type("Spill")
    page.keyboard.press("Enter")
    page.keyboard.type("Nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title of label 3 of")).to_be_focused()
    page.keyboard.type("Fire")
    page.keyboard.press("Alt+ArrowUp")
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview.get_by_role("button")).to_have_text(
        [re.compile("Spill"), re.compile("Fire"), re.compile("Nothing")]
    )
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/projects/[0-9a-f]{32}\?tab=data"))
    with place.vault.reading(place.at("nell")) as session:
        (made,) = projects.mine(session, None, 10).items
    field = made.form.fields[0]
    assert (made.name, made.overlap, made.roles) == ("Berth log", 3, ["owner"])
    assert (field.key, field.title) == ("what_happened", "What happened?")
    assert [label.id for label in field.labels] == ["spill", "fire", "nothing"]  # type: ignore[union-attr]


def test_what_is_missing_is_said_where_it_stands(place: Place, enter: Enter) -> None:
    page = enter("mira", "/projects/new")
    page.get_by_role("button", name="Create project").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Give the project a name.")
    expect(alert).to_contain_text("Ask at least one question")
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_mistake_in_the_yaml_is_shown_at_its_line(place: Place, enter: Enter) -> None:
    page = enter("mira", "/projects/new")
    page.get_by_role("button", name="Incident classes").click()
    page.get_by_role("tab", name="YAML").click()
    editor = page.get_by_label("The project as YAML")
    text = editor.input_value()
    line = text.split("kind: class")[0].count("\n") + 1
    editor.fill(text.replace("kind: class", "kind: klass"))
    expect(page.get_by_role("button", name=f"Line {line}")).to_be_visible()
    expect(page.get_by_text("No field is of the kind “klass”. Known: class, spans, text.")).to_be_visible()
    editor.fill(text.replace("title: Spill", "title: Oil spill").replace('name: ""', "name: From YAML"))
    page.get_by_role("tab", name="Builder").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("From YAML")
    expect(page.get_by_label("Title of label 1 of")).to_have_value("Oil spill")


def test_a_project_is_marked_as_was_chosen_and_a_typed_marking_errs_at_its_place(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("422")
    place.person("hilda", {"level": "Confidential", "circles": ["HARBOUR"]})
    page = enter("hilda", "/projects/new")
    page.get_by_label("Name", exact=True).fill("For the harbour")
    page.get_by_role("button", name="Sentiment").click()
    page.get_by_role("button", name="Another marking…").click()
    page.get_by_text("Type", exact=True).click()
    page.get_by_label("Another marking, as text").fill("CONFIDENTIAL//PIX")
    expect(page.get_by_text("At character 15: “PIX” can’t stand here.")).to_be_visible()
    expect(page.get_by_role("button", name="Use this marking")).to_be_disabled()
    page.get_by_label("Another marking, as text").fill("C//FOR HARBOUR")
    page.get_by_text("Pick", exact=True).click()
    expect(page.get_by_role("radio", name="Confidential")).to_be_checked()
    page.get_by_role("button", name="Use this marking").click()
    expect(page.get_by_test_id("banner-top")).to_have_text("CONFIDENTIAL//FOR HARBOUR")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("tab=data"))
    expect(page.get_by_test_id("banner-top")).to_have_text("CONFIDENTIAL//FOR HARBOUR")


def test_a_draft_is_not_left_behind_unasked(place: Place, enter: Enter) -> None:
    page = enter("mira", "/projects/new")
    page.get_by_label("Name", exact=True).fill("Half a thought")
    page.get_by_role("link", name="Home").click()
    page.get_by_role("button", name="Stay here").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half a thought")
    page.get_by_role("link", name="Home").click()
    page.get_by_role("button", name="Leave it").click()
    expect(page).to_have_url(f"{place.url}/")


# --- data in


def test_a_file_goes_in_and_its_bad_rows_are_listed_one_by_one(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Berths")
    page = enter("mira", f"/projects/{made}?tab=data")
    page.get_by_test_id("import-file").set_input_files(
        {"name": "rows.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    expect(page.get_by_role("combobox", name="Text column")).to_have_attribute(
        "placeholder", "text (by its name)"
    )
    page.keyboard.press("Escape")
    bring_in(place, page)
    record = page.get_by_role("listitem", name="Import of rows.csv").first
    expect(record).to_contain_text("2 tasks added · 2 rows rejected")
    expect(record.get_by_role("list", name="By marking")).to_contain_text("INTERNAL")
    rejected = record.get_by_role("region", name="Rejected rows").get_by_role("row")
    expect(rejected.nth(1)).to_contain_text("4")
    expect(rejected.nth(1)).to_contain_text("the text is empty")
    expect(rejected.nth(2)).to_contain_text("5")
    expect(rejected.nth(2)).to_contain_text("RESTRICTED")
    expect(page.get_by_test_id("banner-top")).to_have_text("INTERNAL")


def test_the_same_file_again_says_what_was_there_and_adds_nothing(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Twice")
    page = enter("mira", f"/projects/{made}?tab=data")
    bring_in(place, page)
    expect(page.get_by_text("2 tasks added")).to_be_visible()
    bring_in(place, page)
    again = page.get_by_role("listitem", name="Import of rows.csv").first
    expect(again).to_contain_text("0 tasks added · 2 rows were there already, nothing was added twice")
    open_tab(page, "Tasks")
    expect(page.get_by_role("option")).to_have_count(2)


def test_an_import_that_waits_can_be_stopped_and_gone_on_with(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Stopped")
    page = enter("mira", f"/projects/{made}?tab=data")
    page.get_by_test_id("import-file").set_input_files(
        {"name": "rows.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    page.get_by_role("button", name="Bring in").click()
    page.get_by_role("button", name="Stop the import").click()
    expect(page.get_by_text("The import was stopped")).to_be_visible()
    page.get_by_role("button", name="Go on where it stopped").click()
    expect(page.get_by_role("button", name="Stop the import")).to_be_visible()
    jobs.run_waiting(place.vault)
    expect(page.get_by_text("2 tasks added")).to_be_visible()


def test_a_file_without_a_known_text_column_asks_for_one(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Columns")
    page = enter("mira", f"/projects/{made}?tab=data")
    page.get_by_test_id("import-file").set_input_files(
        {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"nr,bericht\n1,Nebel\n"}
    )
    expect(page.get_by_role("button", name="Bring in")).to_be_disabled()
    page.get_by_role("combobox", name="Text column").click()
    page.get_by_role("option", name="bericht").click()
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_role("button", name="Stop the import")).to_be_visible()
    jobs.run_waiting(place.vault)
    expect(page.get_by_text("1 task added")).to_be_visible()


# --- progress, tasks, data out


@pytest.fixture(scope="module")
def answered(place: Place) -> str:
    rows = [{"text": f"Report number {n}.", "id": f"R-{n}"} for n in range(4)]
    return place.project(CLASSES, rows, name="Answered", overlap=2, annotators=("ana", "ben"))


@pytest.fixture
def two_have_answered(enter: Enter, answered: str) -> str:
    """All four tasks have the answers of two people, who differ on the first. The second time nothing waits."""
    answer_all(enter, "ana", answered, {"": {"kind": "spill", "note": "seen <b>twice</b>"}})
    answer_all(enter, "ben", answered, {"": {"kind": "spill"}, "R-0": {"kind": "fire"}})
    return answered


def test_progress_counts_answers_agreement_and_people(enter: Enter, two_have_answered: str) -> None:
    page = enter("mira", f"/projects/{two_have_answered}")
    expect(page.get_by_text("8 of 8")).to_be_visible()
    expect(page.get_by_role("img", name="Progress of 4 tasks")).to_contain_text("Done 4 (100%)")
    expect(page.get_by_text("every wanted answer is there", exact=True)).to_be_visible()
    expect(page.get_by_text("75%").first).to_be_visible()
    mixed = page.get_by_role("region", name="Confusions in What happened?")
    # The first label of the form is the consensus of a tie: Fire was answered once where it is Spill.
    expect(mixed.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(["7", "1", "0"])
    people = page.get_by_role("region", name="Annotators").get_by_role("row")
    expect(people.nth(1)).to_contain_text("Ana Okoro")
    expect(people.nth(1)).to_contain_text("100%")
    expect(people.nth(2)).to_contain_text("12 s")


def test_a_task_shows_all_its_answers_side_by_side(enter: Enter, two_have_answered: str) -> None:
    page = enter("mira", f"/projects/{two_have_answered}?tab=tasks")
    expect(page.get_by_role("option")).to_have_count(4)
    page.get_by_role("listbox", name="Tasks").focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Answers side by side")
    expect(table.get_by_role("row", name="Consensus")).to_contain_text("1 of 2")
    expect(table.get_by_role("row", name="Ben Okoro")).to_contain_text("differs")
    expect(table.get_by_role("row", name="Ana Okoro")).to_contain_text("seen <b>twice</b>")
    page.keyboard.press("j")
    expect(page.get_by_text("2 of 4")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Tasks")).to_be_visible()


def test_the_list_of_tasks_is_searched_and_filtered(enter: Enter, two_have_answered: str) -> None:
    page = enter("mira", f"/projects/{two_have_answered}?tab=tasks")
    expect(page.get_by_role("option")).to_have_count(4)
    page.keyboard.press("/")
    page.keyboard.type("number 2")
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("textbox", name="Search").fill("")
    page.get_by_role("combobox", name="Which tasks").click()
    page.get_by_role("option", name="Untouched").click()
    expect(page.get_by_role("heading", name="No task matches")).to_be_visible()


def test_spans_of_each_person_are_drawn_where_they_are(place: Place, enter: Enter) -> None:
    made = place.project(SPANS, [{"text": "🚢 Ana Reis left Setúbal.", "id": "S-1"}], name="Spans", overlap=1)
    answer_all(
        enter,
        "ana",
        made,
        {"": {"names": [{"start": 2, "end": 10, "label": "PER"}, {"start": 16, "end": 23, "label": "LOC"}]}},
    )
    page = enter("mira", f"/projects/{made}?tab=tasks")
    page.get_by_role("option").first.click()
    drawn = page.get_by_role("region", name="Names: spans of each person").locator("mark")
    expect(drawn).to_have_text(["PersonAna Reis", "PlaceSetúbal"])


def test_a_dataset_is_made_and_the_file_is_the_one_whose_hash_is_shown(
    place: Place, enter: Enter, two_have_answered: str
) -> None:
    page = enter("mira", f"/projects/{two_have_answered}?tab=data")
    expect(page.get_by_role("heading", name="No dataset yet")).to_be_visible()
    page.keyboard.press("e")
    page.get_by_label("Name", exact=True).fill("First harvest")
    page.keyboard.press("Control+Enter")
    record = page.get_by_role("listitem", name="First harvest, version 1")
    expect(record).to_be_visible()
    jobs.run_waiting(place.vault)
    expect(record).to_contain_text("4 tasks · 8 answers · guideline version 1")
    with page.expect_download() as started:
        record.get_by_role("button", name="JSON lines").click()
    content = started.value.path().read_bytes()
    assert hashlib.sha256(content).hexdigest() == record.locator("code").inner_text()
    lines = [json.loads(line) for line in content.splitlines()]
    assert len(lines) == 4
    assert {len(line["answers"]) for line in lines} == {2}


# --- people and settings of a project


def test_somebody_is_added_by_login_and_works_there_from_then_on(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, ["One report."], name="Invited")
    place.person("cleo")
    page = enter("mira", f"/projects/{made}?tab=people")
    expect(page.get_by_role("cell", name="owner")).to_be_visible()
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Login", exact=True).fill("cle")
    page.get_by_role("button", name="cleo").click()
    page.get_by_role("button", name="Add", exact=False).last.click()
    expect(page.get_by_role("status").first).to_contain_text("Cleo Okoro was added as annotator.")
    guest = enter("cleo", "/projects")
    expect(guest.get_by_role("listitem")).to_contain_text("You are annotator")


def test_a_title_may_change_while_the_id_stays_and_makes_a_new_version(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Renamed")
    page = enter("mira", f"/projects/{made}?tab=settings")
    page.get_by_label("Title of label 1 of").fill("Oil spill")
    expect(page.get_by_label("Id of Oil spill")).to_have_attribute("readonly", "")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Annotators see guideline version 2")).to_be_visible()
    with place.vault.reading(place.at("mira")) as session:
        label = projects.out(session, projects.present(session, made)).form.fields[0].labels[0]  # type: ignore[union-attr]
    assert (label.id, label.title) == ("spill", "Oil spill")


def test_a_label_that_answers_hold_is_kept_and_one_more_may_come(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("409")
    made = place.project(CLASSES, ["One report."], name="Grown", overlap=1)
    answer_all(enter, "ana", made, {"": {"kind": "fire"}})
    page = enter("mira", f"/projects/{made}?tab=settings")
    page.get_by_role("button", name="Remove label Fire").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("1 answer holds the label 'fire' of 'kind'")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Add a label").click()
    page.keyboard.type("Smoke")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Annotators see guideline version 2")).to_be_visible()
    expect(page.get_by_label("Id of Smoke")).to_have_value("smoke")


def test_deleting_wants_the_name_typed(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, [], name="Short-lived")
    page = enter("mira", f"/projects/{made}?tab=settings")
    page.get_by_role("button", name="Delete this project…").click()
    confirm = page.get_by_role("button", name="Delete the project")
    page.get_by_label("Name of the project").fill("Short")
    expect(confirm).to_be_disabled()
    page.get_by_label("Name of the project").fill("Short-lived")
    confirm.click()
    expect(page).to_have_url(f"{place.url}/projects")
    expect(page.get_by_text("Short-lived")).to_have_count(0)


# --- what is not for everyone


def test_who_is_not_cleared_sees_nothing_of_a_project_not_even_that_it_is_there(
    place: Place, enter: Enter, watch: Watch
) -> None:
    watch.allowed.append("404")
    place.person("vera", {"level": "Confidential", "circles": ["HARBOUR"]})
    hidden = place.project(
        CLASSES,
        ["Nobody may know."],
        name="Veiled",
        manager="vera",
        annotators=(),
        level="CONFIDENTIAL//FOR HARBOUR",
    )
    insider = enter("vera", f"/projects/{hidden}?tab=tasks")
    expect(insider.get_by_role("option")).to_contain_text("Nobody may know.")
    place.person("tom", "Public")
    page = enter("tom", f"/projects/{hidden}")
    expect(page.get_by_role("alert")).to_contain_text("There is nothing here that you can see.")
    told = page.get_by_role("alert").inner_text()
    page.goto(f"/projects/{'0' * 32}")
    expect(page.get_by_role("alert")).to_have_text(told, use_inner_text=True)
    page.goto("/projects")
    expect(page.get_by_role("heading", name="No project yet that you can see")).to_be_visible()
    assert "Veiled" not in page.content()


def test_an_annotator_sees_no_tab_of_the_managers_page(place: Place, enter: Enter, answered: str) -> None:
    page = enter("ana", f"/projects/{answered}?tab=data")
    expect(page.get_by_role("heading", name="has nothing here for your roles")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


INJECTIONS = (
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "javascript:document.title='owned'",
    "{{constructor.constructor('document.title=1')()}}",
    "<svg/onload=document.title='owned'>",
)


def test_what_people_write_is_text_wherever_a_manager_sees_it(place: Place, enter: Enter) -> None:
    text = " ".join(INJECTIONS)
    form = {
        "fields": [
            {
                "key": "kind",
                "kind": "class",
                "title": text[:290],
                "labels": [{"id": "a", "title": text[:290]}],
            },
            {"key": "note", "kind": "text", "title": INJECTIONS[0]},
        ]
    }
    rows = [{"text": text, "id": text, "data": {INJECTIONS[0]: text}}]
    made = place.project(form, rows, name=text[:200], guideline=text, overlap=1)
    answer_all(enter, "ana", made, {"": {"kind": "a", "note": text}})
    page = enter("mira", "/projects")
    for view in (
        "/projects",
        *(f"/projects/{made}?tab={tab}" for tab in ("progress", "tasks", "data", "settings")),
    ):
        page.goto(view)
        expect(page.get_by_text("onerror").first).to_be_visible()
        assert page.locator("img, script:not([src]):not([nonce]), main svg[onload]").count() == 0, view
        assert "owned" not in page.title().replace(text[:200], ""), view
    page.goto(f"/projects/{made}?tab=tasks")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("region", name="Answers side by side")).to_contain_text("<script>")
    assert page.locator("img").count() == 0


# --- for everyone's eyes and hands


@THEMES
def test_the_managers_pages_are_accessible(
    place: Place, enter: Enter, two_have_answered: str, dark: bool
) -> None:
    page = enter("mira", "/projects", dark=dark)
    expect(page.get_by_role("list", name="Projects")).to_be_visible()
    assert axe(page) == []
    page.goto(f"/projects/{two_have_answered}")
    for tab, ready in (
        ("Progress", page.get_by_role("img", name="Progress of")),
        ("Tasks", page.get_by_role("option").first),
        ("Data", page.get_by_role("button", name="Choose a file")),
        ("People", page.get_by_role("button", name="Add a person")),
        ("Settings", page.get_by_role("heading", name="Guideline")),
    ):
        open_tab(page, tab)
        expect(ready).to_be_visible()
        assert axe(page) == [], tab
    open_tab(page, "Tasks")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("region", name="Answers side by side")).to_be_visible()
    assert axe(page) == []
    page.goto("/projects/new")
    page.get_by_role("button", name="Entities").click()
    page.get_by_role("button", name="Another marking…").click()
    expect(page.get_by_role("radio", name="Restricted")).to_be_visible()
    assert axe(page) == []


def test_every_tab_has_its_key(place: Place, enter: Enter, two_have_answered: str) -> None:
    page = enter("mira", f"/projects/{two_have_answered}")
    expect(page.get_by_role("img", name="Progress of")).to_be_visible()
    for number, tab in enumerate(("Progress", "Quality", "Review", "Tasks", "Data", "People", "Settings"), 1):
        page.keyboard.press(str(number))
        expect(page.get_by_role("tab", name=tab, selected=True)).to_be_visible()

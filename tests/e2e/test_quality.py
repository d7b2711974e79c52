"""Quality and review in a browser: charts that can be read, disputes decided by key, training at the desk."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from strongroom import jobs
from strongroom.label import assign, imports, project, refit, submit, uploads
from strongroom.label.desk import at_desk
from strongroom.label.rules import rules_of
from strongroom.label.schemas import ImportOptions
from strongroom.label.tables import Project
from strongroom.people import Idempotency, set_roles
from strongroom.vault import load

from .conftest import CLASSES, SPANS, Place, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
CREW = ("ana", "ben", "cem")
Answer = Callable[[str, str], dict[str, Any]]


def work(place: Place, project_id: str, answer: Answer, crew: tuple[str, ...] = CREW) -> None:
    """Everyone answers all that is given to them, and the worker looks."""
    for _ in range(6):
        given = 0
        for login in crew:
            while (task := assign.give(place.vault, place.at(login), project_id)) is not None:
                result = answer(login, task.task.text)
                with at_desk(place.vault, place.at(login), task.id, result) as (session, held):
                    submit.submit(
                        session,
                        held,
                        lease=task.lease,
                        answer=result,
                        seconds=4.0,
                        idempotency=Idempotency(None, ""),
                    )
                given += 1
        look(place, project_id)
        if not given:
            return


def look(place: Place, project_id: str) -> None:
    with place.vault.writing(place.at("mira")) as session:
        rules = rules_of(load(session, Project, project_id).rules)
        refit.ask(session, project_id, rules, at_once=True)
    jobs.run_waiting(place.vault)


def noisy(login: str, text: str) -> dict[str, Any]:
    chance = random.Random(f"{login} {text}")
    kinds = ["spill", "fire", "none"]
    right = kinds[sum(text.encode()) % 3]
    skill = {"ana": 0.95, "ben": 0.8, "cem": 0.75}[login]
    return {"kind": right if chance.random() < skill else chance.choice(kinds)}


@pytest.fixture(scope="module")
def busy(place: Place) -> str:
    """A project under a rule of confidence, with work done."""
    rules = {"ask": {"confidence": 0.9, "least": 2, "most": 3}, "review": {"below": 0.9}}
    made = place.project(CLASSES, [f"Report {n}" for n in range(70)], annotators=CREW, rules=rules)
    work(place, made, noisy)
    return made


@THEMES
def test_the_charts_of_quality_say_in_words_what_they_show(
    place: Place, enter: Enter, busy: str, dark: bool
) -> None:
    page = enter("mira", f"/projects/{busy}?tab=quality", dark=dark)
    expect(page.get_by_role("heading", name="What the rule has saved")).to_be_visible()
    expect(page.get_by_text(re.compile(r"answers spared so far: \d+ tasks settled with"))).to_be_visible()
    for chart, says in (
        ("Tasks by confidence", r"under 50%: \d+"),
        ("Agreement over time", r"α \d\.\d\d"),
        ("Skill of annotators: What happened?", r"Ana Okoro: \d+% right"),
        ("Settled tasks by the answers they took", r"2: \d+"),
    ):
        picture = page.get_by_role("img", name=chart)
        expect(picture).to_be_visible()
        expect(picture).to_have_accessible_name(re.compile(says))
    expect(page.get_by_role("region", name="Confusions in What happened?")).to_be_visible()
    assert axe(page) == []


@THEMES
def test_a_dispute_is_decided_with_the_keys_alone(place: Place, enter: Enter, dark: bool) -> None:
    made = place.project(CLASSES, ["One", "Two"], annotators=CREW, overlap=3)
    work(place, made, lambda login, _: {"kind": {"ana": "spill", "ben": "fire", "cem": "none"}[login]})
    page = enter("mira", f"/projects/{made}?tab=review", dark=dark)
    expect(page.get_by_text("2 tasks on which people don’t agree")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Enter")
    bench = page.get_by_role("region", name="Answer of Ben Okoro")
    expect(bench).to_contain_text("Fire")
    assert axe(page) == []
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name=re.compile("Fire"))).to_be_checked()
    expect(bench.get_by_role("button", name="Taken over")).to_be_visible()
    page.keyboard.press("w")
    page.keyboard.type("The smoke is in the picture.")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("1 task on which people don’t agree").or_(page.get_by_text("1 of 1"))
    ).to_be_visible()
    page.get_by_role("radio", name=re.compile("Nothing")).click()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="Nothing is disputed")).to_be_visible()
    page.goto(f"{place.url}/projects/{made}?tab=tasks")
    page.get_by_role("option", name=re.compile("One|Two")).first.click()
    expect(page.get_by_text("decided by a reviewer")).to_be_visible()


def test_spans_are_put_together_from_what_people_marked(place: Place, enter: Enter) -> None:
    text = "Ana Reis called the Alma."
    marks = {
        "ana": [{"start": 0, "end": 8, "label": "PER"}],
        "ben": [{"start": 20, "end": 24, "label": "VES"}],
        "cem": [{"start": 0, "end": 3, "label": "PER"}],
    }
    made = place.project(SPANS, [text], annotators=CREW, overlap=3)
    work(place, made, lambda login, _: {"names": marks[login]})
    page = enter("mira", f"/projects/{made}?tab=review")
    expect(page.get_by_text("1 task on which people don’t agree")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("Person: “Ana Reis”")).check()
    page.get_by_label(re.compile("Vessel: “Alma”")).check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="Nothing is disputed")).to_be_visible()
    page.goto(f"{place.url}/projects/{made}?tab=tasks")
    page.get_by_role("option").first.click()
    expect(page.get_by_text("1 Person, 1 Vessel").first).to_be_visible()


def test_whoever_answered_a_task_is_told_that_somebody_else_decides_it(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, ["One"], annotators=CREW, overlap=3)
    work(place, made, lambda login, _: {"kind": {"ana": "spill", "ben": "fire", "cem": "none"}[login]})
    with place.vault.writing(place.at("mira")) as session:
        set_roles(session, made, place.person("ben").person_id, ["annotator", "reviewer"])
    page = enter("ben", f"/projects/{made}?tab=review")
    expect(page.get_by_text("1 of them you answered yourself: somebody else decides those.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("One"))).to_be_disabled()


def bring_known(place: Place, project_id: str, known_as: str) -> None:
    row = {"id": "k1", "text": "Smoke over the quay.", "right": "fire", "why": "Smoke means fire."}
    upload = uploads.stage(place.vault, BytesIO(json.dumps(row).encode()))
    options = ImportOptions(gold_column="right", explanation_column="why", known_as=known_as)  # type: ignore[arg-type]
    examined = imports.examine(upload, "rows.jsonl", "jsonl", options)
    with project.from_above(place.vault, place.at("mira"), project_id) as (session, found):
        imports.begin(session, place.vault, found, examined)
    jobs.run_waiting(place.vault)


def test_training_tells_what_was_right_and_why(place: Place, enter: Enter) -> None:
    made = place.project(CLASSES, ["A quiet day."], rules={"training": True})
    bring_known(place, made, "training")
    page = enter("ana", f"/label/{made}")
    expect(page.get_by_text("Training: it counts for nothing")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Not quite")
    expect(dialog).to_contain_text("Smoke means fire.")
    expect(dialog).to_contain_text("you answered: Spill")
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("A quiet day.")).to_be_visible()


def test_who_is_paused_is_told_plainly_and_let_on_by_a_manager(
    place: Place, enter: Enter, watch: Any
) -> None:
    rules = {"gold": {"rate": 0.5, "pause_below": 0.9, "pause_after": 1}}
    made = place.project(CLASSES, [f"Report {n}" for n in range(40)], annotators=("ana", "zoe"), rules=rules)
    bring_known(place, made, "gold")
    while True:
        task = assign.give(place.vault, place.at("zoe"), made)
        assert task is not None
        answer = {"kind": "spill"}
        with at_desk(place.vault, place.at("zoe"), task.id, answer) as (session, held):
            submit.submit(
                session, held, lease=task.lease, answer=answer, seconds=1.0, idempotency=Idempotency(None, "")
            )
        if task.task.text.startswith("Smoke"):
            break
    look(place, made)
    watch.allowed.append("409")
    page = enter("zoe", f"/label/{made}")
    expect(page.get_by_text("You are given no tasks here for now")).to_be_visible()
    expect(page.get_by_text(re.compile("Everything you submitted is kept"))).to_be_visible()
    manager = enter("mira", f"/projects/{made}?tab=quality")
    expect(manager.get_by_text(re.compile("Paused: 0 of 1 gold tasks right"))).to_be_visible()
    manager.get_by_role("button", name="Let Zoe go on").click()
    expect(manager.get_by_text(re.compile("Let on by Mira"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Try again|Look again")).first.click()
    expect(page.get_by_text(re.compile(r"Report \d+"))).to_be_visible()


@THEMES
def test_the_rules_of_a_project_are_set_in_its_settings(place: Place, enter: Enter, dark: bool) -> None:
    made = place.project(CLASSES, ["One"], overlap=2)
    page = enter("mira", f"/projects/{made}?tab=settings", dark=dark)
    page.get_by_text("Until it is sure enough").click()
    page.get_by_label("At most", exact=True).fill("4")
    page.get_by_label("Budget").fill("500")
    page.get_by_role("switch", name="Mix in gold tasks").press("Space")
    page.get_by_label("Pause who gets too many wrong").check()
    assert axe(page) == []
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Everything is saved.")).to_be_visible()
    expect(page.get_by_text("2 to 4 answers per task, until 95% sure")).to_be_visible()
    with place.vault.reading(place.at("mira")) as session:
        rules = rules_of(load(session, Project, made).rules)
    assert rules.ask is not None
    assert (rules.ask.least, rules.ask.most, rules.ask.budget, rules.ask.confidence) == (2, 4, 500, 0.95)
    assert rules.gold is not None
    assert (rules.gold.rate, rules.gold.pause_below) == (0.1, 0.6)

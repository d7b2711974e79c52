"""Forms: what is taken, and where a mistake is said to be."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InvalidError
from strongroom.label import form
from strongroom.label.form import ClassField, Form, SpansField, TextField

PORT = """\
name: Port incidents
overlap: 3
guideline: |
  Read **all** of it.
fields:
  - {key: kind, kind: class, title: What happened?, labels: [{id: spill, title: Oil spill, key: "1"}, {id: no}]}
  - {key: entities, kind: spans, title: Who and where, labels: [{id: PER}]}
  - {key: note, kind: text, title: Anything else?, max_length: 100}
"""


def errors_of(source: Any) -> list[dict[str, str]]:
    with pytest.raises(InvalidError) as caught:
        form.load(source)
    found = caught.value.extra.get("errors", [])
    assert isinstance(found, list)
    return found


def test_a_form_is_read_with_its_defaults() -> None:
    read = form.load(PORT)
    kind, entities, note = read.fields
    assert (read.name, read.overlap, read.lease_seconds) == ("Port incidents", 3, 900)
    assert isinstance(kind, ClassField)
    assert kind.required
    assert not kind.multiple
    assert isinstance(entities, SpansField)
    assert not entities.required
    assert isinstance(note, TextField)
    assert note.max_length == 100


def test_a_label_called_no_stays_no_and_007_stays_007() -> None:
    read = form.load("fields: [{key: k, kind: class, title: T, labels: [{id: no}, {id: 007}, {id: 1.0}]}]")
    assert isinstance(read.fields[0], ClassField)
    assert [label.id for label in read.fields[0].labels] == ["no", "007", "1.0"]
    assert [label.title for label in read.fields[0].labels] == ["no", "007", "1.0"]


def test_yaml_json_and_objects_say_the_same() -> None:
    read = form.load(PORT)
    assert form.load(read.model_dump_json()) == read
    assert form.load(read.model_dump()) == read


def test_a_key_written_twice_is_refused_with_its_line() -> None:
    assert errors_of("name: a\nfields: []\nname: b\n") == [
        {"where": "name (line 3)", "why": "the key 'name' is written twice"}
    ]


def test_a_key_written_twice_in_json_is_refused() -> None:
    assert errors_of('{"name": "a", "fields": [], "name": "b"}')[0]["where"] == "name"


def test_fields_labels_and_hotkeys_are_unique_and_each_repetition_is_named() -> None:
    twice = (
        PORT
        + "  - {key: kind, kind: class, title: X, labels: [{id: a, key: '1'}, {id: a}, {id: b, key: '?'}]}\n"
    )
    assert [(each["where"].split(" ")[0], each["why"]) for each in errors_of(twice)] == [
        ("fields[3].key", "the key 'kind' is used by an earlier field"),
        ("fields[3].labels[0].key", "the key '1' already chooses 'spill'"),
        ("fields[3].labels[1].id", "the label 'a' is here twice"),
        ("fields[3].labels[2].key", "the key ? shows the list of keys"),
    ]
    assert all("(line 9)" in each["where"] for each in errors_of(twice))


@pytest.mark.parametrize(
    ("source", "where", "why"),
    [
        ("fields:\n  - {key: k, title: T}\n", "fields[0] (line 2)", "needs a kind: class, spans or text"),
        ("fields:\n  - {key: k, kind: box}\n", "fields[0] (line 2)", "has an unknown kind; expected class, spans or text"),
        ("fields:\n  - {key: k, kind: text}\n", "fields[0].title (line 2)", "is missing"),
        ("fields:\n  - {key: k, kind: text, title: T, colour: red}\n", "fields[0].colour (line 2)", "is not known here"),
        ("name: x\n", "fields (line 1)", "is missing"),
        ("fields: [\n", "form (line 2)", "expected the node content, but found '<stream end>'"),
        ("fields: *a\n", "form (line 1)", "references (*name) are not taken"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place(source: str, where: str, why: str) -> None:
    assert errors_of(source)[0] == {"where": where, "why": why}


def test_a_form_that_repeats_itself_by_reference_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'},1]\n" for n in range(50)
    )
    assert "references" in errors_of(bomb)[0]["why"]


@pytest.mark.parametrize(
    "source", ["[" * 100_000, "{" * 100_000, '{"a":' * 100_000, "- " * 50_000, "\0", "a: b: c", "x" * 600_000]
)
def test_hostile_text_is_refused_and_nothing_breaks(source: str) -> None:
    with pytest.raises(InvalidError):
        form.load(source)


@given(st.text(max_size=200))
def test_any_text_is_a_form_or_a_clear_refusal(source: str) -> None:
    with suppress(InvalidError):
        assert isinstance(form.load(source), Form)


def test_the_schema_describes_every_kind_of_field() -> None:
    assert {"ClassField", "SpansField", "TextField", "Label"} <= form.json_schema()["$defs"].keys()


RULED = """\
fields:
  - {key: kind, kind: class, title: Kind, labels: [{id: a}]}
rules:
  ask: {confidence: 0.9, least: 3, most: 7, budget: 500}
  gold: {rate: 0.2, pause_below: 0.5}
  training: yes
"""


def test_a_form_may_say_how_its_answers_are_asked_for() -> None:
    rules = form.load(RULED).rules
    assert rules.ask is not None
    assert (rules.ask.confidence, rules.ask.least, rules.ask.most, rules.ask.budget) == (0.9, 3, 7, 500)
    assert rules.gold is not None
    assert (rules.gold.rate, rules.gold.pause_below, rules.gold.pause_after) == (0.2, 0.5, 10)
    assert (rules.training, rules.consensus, rules.qualify) == (True, "model", None)


@pytest.mark.parametrize(
    ("wrong", "right", "where", "why"),
    [
        ("most: 2", "most: 7", "rules.ask (line 4)", "least must not be above most"),
        ("rate: 0.9", "rate: 0.2", "rules.gold.rate (line 5)", "less than or equal to 0.5"),
        ("confidence: sure", "confidence: 0.9", "rules.ask.confidence (line 4)", "valid number"),
        ("trainings: yes", "training: yes", "rules.trainings (line 6)", "is not known here"),
        ("consensus: majority", "training: yes", "rules (line 3)", "`ask` needs `consensus: model`"),
    ],
)
def test_a_mistake_in_the_rules_is_told_with_its_line(wrong: str, right: str, where: str, why: str) -> None:
    with pytest.raises(InvalidError) as refused:
        form.load(RULED.replace(right, wrong))
    (mistake,) = refused.value.extra["errors"]  # type: ignore[misc]
    assert mistake["where"] == where
    assert why in mistake["why"]
    assert not mistake["why"].startswith("Value error")

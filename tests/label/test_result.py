"""Answers against their form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InvalidError
from strongroom.label import result
from strongroom.label.form import Questions

FORM = Questions.model_validate(
    {
        "fields": [
            {"key": "kind", "kind": "class", "title": "K", "labels": [{"id": "a"}, {"id": "b"}]},
            {"key": "many", "kind": "class", "title": "M", "multiple": True, "required": False,
             "labels": [{"id": "x"}, {"id": "y"}]},
            {"key": "spans", "kind": "spans", "title": "S", "labels": [{"id": "PER", "title": "Person"}]},
            {"key": "note", "kind": "text", "title": "N", "max_length": 5},
        ]
    }
)  # fmt: skip
TEXT = "Åsa 👩‍🚒 met Bo"


def refused(answer: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        result.check(FORM, len(TEXT), answer)
    errors = caught.value.extra["errors"]
    assert isinstance(errors, list)
    return [(each["where"], each["why"]) for each in errors]


def test_an_answer_becomes_canonical() -> None:
    spans = [{"start": 12, "end": 14, "label": "PER"}, {"start": 0, "end": 3, "label": "PER"}]
    given_ = {"kind": "b", "many": ["y", "x"], "spans": spans, "note": "  "}
    assert result.check(FORM, len(TEXT), given_) == {
        "kind": "b",
        "many": ["x", "y"],
        "spans": [{"start": 0, "end": 3, "label": "PER"}, {"start": 12, "end": 14, "label": "PER"}],
    }


def test_nothing_marked_is_an_answer_too() -> None:
    nothing = {"kind": "a", "many": [], "spans": []}
    assert result.check(FORM, len(TEXT), {"kind": "a"}) == nothing
    assert result.check(FORM, len(TEXT), nothing) == nothing


def test_offsets_count_code_points_so_emoji_are_what_python_says_they_are() -> None:
    fighter = {"start": 4, "end": 7, "label": "PER"}
    assert TEXT[4:7] == "👩‍🚒"
    assert result.check(FORM, len(TEXT), {"kind": "a", "spans": [fighter]})["spans"] == [fighter]
    assert (
        refused({"kind": "a", "spans": [{"start": 0, "end": len(TEXT) + 1, "label": "PER"}]})[0][0]
        == "spans[0]"
    )


def test_overlapping_spans_are_welcome_and_the_same_span_twice_is_not() -> None:
    one, other = {"start": 0, "end": 5, "label": "PER"}, {"start": 2, "end": 8, "label": "PER"}
    assert len(result.check(FORM, 20, {"kind": "a", "spans": [one, other]})["spans"]) == 2
    assert refused({"kind": "a", "spans": [one, dict(one)]}) == [("spans[1]", "this span is here twice")]


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({}, "kind"),
        ({"kind": "c"}, "kind"),
        ({"kind": ["a"]}, "kind"),
        ({"kind": "a", "many": "x"}, "many"),
        ({"kind": "a", "many": ["x", "x"]}, "many"),
        ({"kind": "a", "many": ["z"]}, "many[0]"),
        ({"kind": "a", "spans": [{"start": 3, "end": 3, "label": "PER"}]}, "spans[0]"),
        ({"kind": "a", "spans": [{"start": True, "end": 3, "label": "PER"}]}, "spans[0]"),
        ({"kind": "a", "spans": [{"start": 0, "end": 3}]}, "spans[0]"),
        ({"kind": "a", "spans": [{"start": 0, "end": 3, "label": "LOC"}]}, "spans[0]"),
        ({"kind": "a", "spans": {}}, "spans"),
        ({"kind": "a", "note": "longer"}, "note"),
        ({"kind": "a", "note": 5}, "note"),
        ({"kind": "a", "note": "\0"}, "note"),
        ({"kind": "a", "note": "\ud800"}, "note"),
        ({"kind": "a", "other": 1}, "other"),
    ],
)
def test_what_does_not_fit_is_named(answer: dict[str, Any], where: str) -> None:
    assert refused(answer)[0][0] == where


def test_every_mistake_is_listed_not_only_the_first() -> None:
    assert [where for where, _ in refused({"many": ["z"], "note": 5})] == ["kind", "many[0]", "note"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "label"]), x),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["kind", "many", "spans", "note", "else"]), values))
def test_any_answer_is_taken_whole_or_refused_and_what_is_taken_stays_as_it_is(
    answer: dict[str, Any],
) -> None:
    try:
        checked = result.check(FORM, 10, answer)
    except InvalidError:
        return
    assert result.check(FORM, 10, checked) == checked


def test_a_summary_speaks_in_titles() -> None:
    spans = [{"start": 0, "end": 1, "label": "PER"}, {"start": 1, "end": 2, "label": "PER"}]
    assert (
        result.summary(FORM, {"kind": "a", "many": ["x", "y"], "spans": spans, "note": "hm"})
        == "a · x, y · 2 spans · “hm”"
    )


@given(st.text(max_size=500), st.integers(2, 50))
def test_an_excerpt_is_one_short_line(text: str, length: int) -> None:
    found = result.excerpt(text, length)
    assert len(found) <= length
    assert "\n" not in found

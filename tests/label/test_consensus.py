"""What answers say together."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from strongroom.label.consensus import Agreed, consensus, likeness
from strongroom.label.form import ClassField, Questions, SpansField

FORM = Questions.model_validate(
    {
        "fields": [
            {"key": "kind", "kind": "class", "title": "K", "labels": [{"id": "b"}, {"id": "a"}, {"id": "c"}]},
            {
                "key": "many",
                "kind": "class",
                "title": "M",
                "multiple": True,
                "labels": [{"id": "x"}, {"id": "y"}],
            },
            {"key": "spans", "kind": "spans", "title": "S", "labels": [{"id": "P"}]},
            {"key": "note", "kind": "text", "title": "N"},
        ]
    }
)
KIND, MANY, SPANS = FORM.fields[0], FORM.fields[1], FORM.fields[2]
assert isinstance(KIND, ClassField)
assert isinstance(MANY, ClassField)
assert isinstance(SPANS, SpansField)


def span(start: int, end: int, label: str = "P") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def test_the_most_frequent_label_wins_with_its_share() -> None:
    answers = [{"kind": "a"}, {"kind": "c"}, {"kind": "a"}]
    assert consensus(FORM, answers)["kind"] == Agreed("a", 2 / 3, 2, 3)


def test_a_tie_goes_to_the_label_that_the_form_lists_first() -> None:
    assert consensus(FORM, [{"kind": "a"}, {"kind": "b"}])["kind"].value == "b"


def test_a_label_that_left_the_form_still_counts_and_loses_ties() -> None:
    assert consensus(FORM, [{"kind": "old"}, {"kind": "c"}])["kind"].value == "c"
    assert consensus(FORM, [{"kind": "old"}])["kind"].value == "old"


def test_of_several_labels_each_needs_more_than_half() -> None:
    answers = [{"many": ["x"]}, {"many": ["x", "y"]}, {"many": ["x", "y"]}, {}]
    assert consensus(FORM, answers)["many"] == Agreed(["x"], 0.75, 1, 4)


def test_spans_agree_only_when_start_end_and_label_do() -> None:
    answers = [{"spans": [span(0, 3), span(5, 9)]}, {"spans": [span(0, 3)]}, {"spans": [span(0, 4)]}]
    agreed = consensus(FORM, answers)["spans"]
    assert (agreed.value, agreed.votes, agreed.answers) == ([span(0, 3)], 1, 3)
    assert agreed.share == 2 / 3


def test_nothing_marked_by_most_is_an_empty_value_with_the_share_of_the_empty() -> None:
    assert consensus(FORM, [{}, {}, {"spans": [span(0, 3)]}])["spans"] == Agreed([], 2 / 3, 2, 3)


def test_of_texts_the_most_frequent_wins_and_then_the_first_submitted() -> None:
    assert consensus(FORM, [{"note": "q"}, {"note": "p"}, {"note": "p"}])["note"].value == "p"
    assert consensus(FORM, [{"note": "q"}, {"note": "p"}])["note"].value == "q"


def test_a_field_that_nobody_answered_has_no_consensus() -> None:
    assert consensus(FORM, []) == {}
    assert "note" not in consensus(FORM, [{"kind": "a"}])


kinds = st.lists(st.sampled_from("abc"), min_size=1, max_size=9)


@given(kinds)
def test_no_label_has_more_votes_than_the_consensus(given_: list[str]) -> None:
    agreed = consensus(FORM, [{"kind": kind} for kind in given_])["kind"]
    counts = Counter(given_)
    assert agreed.votes == counts[agreed.value] == max(counts.values())
    assert agreed.share == agreed.votes / len(given_)


@given(kinds, st.randoms())
def test_the_order_of_answers_does_not_matter_to_a_class(given_: list[str], random: Any) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)
    assert (
        consensus(FORM, [{"kind": k} for k in given_])["kind"]
        == consensus(FORM, [{"kind": k} for k in shuffled])["kind"]
    )


sets = st.lists(st.tuples(st.integers(0, 3), st.integers(4, 6)), unique=True, max_size=4)


@given(sets, sets)
def test_likeness_is_symmetric_and_one_only_for_equals(one: list[Any], other: list[Any]) -> None:
    a, b = ({"spans": [span(*each) for each in spans]} for spans in (one, other))
    assert likeness(SPANS, a, b) == likeness(SPANS, b, a)
    assert (likeness(SPANS, a, b) == 1.0) == (set(one) == set(other))


def test_likeness_of_classes() -> None:
    assert likeness(KIND, {"kind": "a"}, {"kind": "a"}) == 1.0
    assert likeness(KIND, {"kind": "a"}, {}) == 0.0
    assert likeness(MANY, {"many": ["x", "y"]}, {"many": ["x"]}) == 2 / 3

"""The texts of the demonstration fit the forms they are shown with."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from strongroom import markings
from strongroom.demo.annotators import FOLLOW_UPS, KINDS
from strongroom.demo.markup import LETTERS
from strongroom.demo.texts import incidents, messages, stored
from strongroom.label import form

CORPORATE = markings.Scheme.load("corporate")


def labels(name: str, key: str) -> set[str]:
    field = form.load(stored(name)).field(key)
    assert isinstance(field, form.ClassField | form.SpansField)
    return {label.id for label in field.labels}


def test_there_are_enough_of_them() -> None:
    assert len(incidents()) >= 160
    assert len(messages()) >= 100


def test_no_text_and_no_id_is_there_twice() -> None:
    for texts in (incidents(), messages()):
        assert len({item.text for item in texts}) == len({item.id for item in texts}) == len(texts)


def test_every_right_answer_is_on_the_form() -> None:
    assert labels("port.yaml", "kind") == set(KINDS)
    assert labels("port.yaml", "follow_up") == set(FOLLOW_UPS)
    assert labels("relief.yaml", "entities") == set(LETTERS.values())
    for incident in incidents():
        assert {incident.kind, incident.mistaken_for or incident.kind} <= set(KINDS)
        assert set(incident.follow_up) <= set(FOLLOW_UPS)


def test_every_label_has_its_share() -> None:
    kinds = Counter(incident.kind for incident in incidents())
    assert min(kinds[kind] for kind in KINDS) >= 20
    follow_ups = Counter(label for incident in incidents() for label in incident.follow_up)
    assert min(follow_ups[label] for label in FOLLOW_UPS) >= 20
    spans = Counter(span.label for message in messages() for span in message.spans)
    assert min(spans[label] for label in LETTERS.values()) >= 40


def test_an_ambiguous_report_is_mistaken_for_something_else() -> None:
    hard = [incident for incident in incidents() if incident.hard]
    assert len(hard) >= 30
    assert all(incident.mistaken_for != incident.kind for incident in hard)


def test_spans_are_trimmed_and_none_is_there_twice() -> None:
    for message in messages():
        assert len(set(message.spans)) == len(message.spans), message.id
        for span in message.spans:
            piece = message.text[span.start : span.end]
            assert piece == piece.strip(" .,;:!?"), (message.id, piece)
        assert not set("[]|") & set(message.text), message.id


def test_the_messages_are_hard_on_offsets() -> None:
    """Spans inside spans and across, characters beyond the BMP, combining marks, right-to-left, Cyrillic, Han."""
    pairs = [
        (one, other)
        for message in messages()
        for one in message.spans
        for other in message.spans
        if one < other and other.start < one.end
    ]
    assert any(one.end < other.end for one, other in pairs if one.start < other.start)
    assert any(other.end <= one.end for one, other in pairs if one.start < other.start)
    characters = set("".join(message.text for message in messages()))
    assert any(ord(character) > 0xFFFF for character in characters)
    assert any(unicodedata.combining(character) for character in characters)
    assert any(unicodedata.bidirectional(character) == "AL" for character in characters)
    scripts = {unicodedata.name(character, "").split()[0] for character in characters}
    assert {"CYRILLIC", "CJK", "ARABIC", "LATIN"} <= scripts


def test_every_marking_is_one_of_the_scheme_and_in_canonical_words() -> None:
    for item in (*incidents(), *messages()):
        assert str(CORPORATE.parse(item.marking)) == item.marking


@pytest.mark.parametrize("texts", [incidents, messages])
def test_the_markings_are_mixed(texts: object) -> None:
    assert callable(texts)
    assert len({item.marking for item in texts()}) >= 5

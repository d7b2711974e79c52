"""Spans are written into the texts of the demonstration and turned into offsets by code."""

from __future__ import annotations

import pytest

from strongroom.demo.markup import Span, read


def test_text_without_marks_is_itself() -> None:
    assert read("Nothing to see.") == ("Nothing to see.", [])


def test_offsets_are_code_points_whatever_the_script() -> None:
    text, spans = read("🙏 [P|𠮷浜], [P|نهر الزيتون] and [P|e\u0301-ville]")
    assert [text[span.start : span.end] for span in spans] == ["𠮷浜", "نهر الزيتون", "e\u0301-ville"]
    assert spans[0] == Span(2, 4, "place")


def test_marks_may_lie_inside_one_another() -> None:
    text, spans = read("The [O|[P|Karsenné] Guild].")
    assert text == "The Karsenné Guild."
    assert spans == [Span(4, 12, "place"), Span(4, 18, "organisation")]


def test_marks_may_cross() -> None:
    text, spans = read("[Q|twenty [N|jerrycans|Q] of diesel]")
    assert [(span.label, text[span.start : span.end]) for span in spans] == [
        ("quantity", "twenty jerrycans"),
        ("need", "jerrycans of diesel"),
    ]


@pytest.mark.parametrize("marked", ["[P|open", "closed]", "[P|a|Q]", "[X|a]", "[P|]"])
def test_marks_that_do_not_pair_are_refused(marked: str) -> None:
    with pytest.raises(ValueError, match=r"mark|letter"):
        read(marked)

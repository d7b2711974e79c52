"""Spans written into the text they belong to: `The [O|[P|Karsenné] Bakers' Guild] needs [N|flour].`

`[` opens a span with the letter of its label, `]` closes the one opened last, and `|Q]` closes the last one opened
with Q, so that spans can cross: `[Q|twenty [N|jerrycans|Q] of diesel]`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LETTERS = {"P": "place", "O": "organisation", "N": "need", "Q": "quantity", "T": "when"}

_MARK = re.compile(r"\[([A-Z])\||(?:\|([A-Z]))?\]")


class Span(NamedTuple):
    """Code points, end exclusive; `label` is an id of the form."""

    start: int
    end: int
    label: str


def read(marked: str) -> tuple[str, list[Span]]:
    """The plain text, and its spans sorted. Raises ValueError for marks that do not pair or stand around nothing."""
    text = ""
    spans: list[Span] = []
    opened: list[tuple[str, int]] = []
    behind = 0
    for mark in _MARK.finditer(marked):
        text += marked[behind : mark.start()]
        behind = mark.end()
        if letter := mark[1]:
            if letter not in LETTERS:
                raise ValueError(f"no label has the letter {letter}: {marked}")
            opened.append((letter, len(text)))
            continue
        closing = mark[2] or (opened[-1][0] if opened else "")
        at = next((place for place in reversed(range(len(opened))) if opened[place][0] == closing), None)
        if at is None:
            raise ValueError(f"a mark closes that was not opened: {marked}")
        letter, start = opened.pop(at)
        if start == len(text):
            raise ValueError(f"a mark stands around nothing: {marked}")
        spans.append(Span(start, len(text), LETTERS[letter]))
    if opened:
        raise ValueError(f"a mark is not closed: {marked}")
    return text + marked[behind:], sorted(spans)

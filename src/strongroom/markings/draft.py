"""What has been read of a text so far, before its rules are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from strongroom.markings.algebra import Names
from strongroom.markings.errors import MarkingError


@dataclass(slots=True)
class Place:
    """Where a token stands in the text."""

    position: int
    token: str


@dataclass(slots=True)
class Draft:
    """The tokens of one text, each with its place, so that a broken rule can be pointed at."""

    text: str
    level: int = 0
    compartments: set[str] = field(default_factory=set)
    clauses: set[Names] = field(default_factory=set)
    named: Names | None = None
    caveats: dict[str, Place] = field(default_factory=dict)
    origins: set[str] = field(default_factory=set)
    concealed: bool = False
    nobody: Place | None = None
    release: Names | None = None
    release_at: Place | None = None
    display: Names | None = None
    display_at: Place | None = None
    relido: Place | None = None
    floors: list[tuple[int, str, Place]] = field(default_factory=list)
    """(lowest level, what needs it, where) of what was written."""

    def fail(self, position: int, expected: str, found: str = "") -> NoReturn:
        raise MarkingError(self.text, position, expected, found)


def pieces(text: str, separator: str, position: int) -> list[Place]:
    """The parts of `text` between separators; `position` is where `text` begins."""
    if separator not in text:
        return [Place(position, text)]
    places = []
    for token in text.split(separator):
        places.append(Place(position, token))
        position += len(token) + len(separator)
    return places


def some(names: list[str], most: int = 8) -> str:
    """A list for an error message: the first few, and an ellipsis where there are more."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")

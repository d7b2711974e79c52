"""The blocks a marking is written in, one file for each kind.

A scheme is a list of blocks. Each knows how to read its tokens, write them, and put them into JSON; parser,
printer and JSON form only walk the list.
"""

from __future__ import annotations

from typing import Protocol

from strongroom.markings.algebra import Parts
from strongroom.markings.draft import Draft, Place


class Block(Protocol):
    """One `//…` stretch of a marking."""

    @property
    def title(self) -> str: ...

    def hint(self) -> str:
        """What could stand here, for an error message."""
        ...

    def opens(self, token: str) -> bool:
        """Whether this token is one of the block's, right or wrong."""
        ...

    def read(self, places: list[Place], draft: Draft) -> None:
        """Takes the tokens of the block into the draft; raises MarkingError at the first that is wrong."""
        ...

    def write(self, parts: Parts, short: bool) -> list[str]:
        """The tokens, in the order in which they are written; none where there is nothing to say."""
        ...

    def to_json(self, parts: Parts) -> dict[str, object]:
        """The block's keys; empty values are left out."""
        ...

    def json_keys(self) -> tuple[str, ...]: ...

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        """The tokens that the JSON stands for, to be read as text; raises ValueError for a wrong shape."""
        ...

    def samples(self, few: bool) -> list[str]:
        """Tokens for the laws to be tried on: all that are listed, or `few` of those that behave alike."""
        ...

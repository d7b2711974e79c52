"""A marking: what a thing carries that says who may have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strongroom.markings import ism, render
from strongroom.markings.algebra import Parts
from strongroom.markings.level import Level

if TYPE_CHECKING:
    from strongroom.markings.scheme import Scheme


class Marking:
    """One marking of one scheme. Immutable; equal markings are the same object, so comparing costs nothing.

    Made by `Scheme.parse`, `Scheme.from_json` and `|`, never directly. `a | b` is the join: the least marking
    that is at least as restrictive as both. `a <= b` says that b is at least as restrictive as a. Both raise
    SchemeError for markings of two schemes.
    """

    __slots__ = ("__weakref__", "_portion", "_text", "parts", "scheme")

    scheme: Scheme
    parts: Parts
    _text: str
    _portion: str

    def __init__(self, scheme: Scheme, parts: Parts) -> None:
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "_text", "")
        object.__setattr__(self, "_portion", "")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a marking does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a marking does not change")

    @property
    def level(self) -> Level:
        return self.scheme.levels[self.parts.level]

    @property
    def portion(self) -> str:
        """The short form in brackets, `(S//NF)`."""
        if not self._portion:
            object.__setattr__(self, "_portion", render.portion(self.parts, self.scheme.lexicon))
        return self._portion

    def __str__(self) -> str:
        if not self._text:
            object.__setattr__(self, "_text", render.banner(self.parts, self.scheme.lexicon))
        return self._text

    def __repr__(self) -> str:
        return f"<{self.scheme.name} {self}>"

    def __or__(self, other: Marking) -> Marking:
        if self is other:
            return self
        if not isinstance(other, Marking):
            return NotImplemented
        return self.scheme.joined(self, other)

    def __le__(self, other: Marking) -> bool:
        if not isinstance(other, Marking):
            return NotImplemented
        return self is other or self.scheme.joined(self, other) is other

    def __ge__(self, other: Marking) -> bool:
        if not isinstance(other, Marking):
            return NotImplemented
        return other <= self

    def __lt__(self, other: Marking) -> bool:
        return self is not other and self <= other

    def __gt__(self, other: Marking) -> bool:
        return self is not other and self >= other

    def to_json(self) -> dict[str, object]:
        """The marking in the shape of ISM's JSON form; `Scheme.from_json` reads it back."""
        return ism.to_json(self.parts, self.scheme.lexicon)

    def __reduce__(self) -> tuple[object, tuple[Scheme, str]]:
        return _revive, (self.scheme, str(self))


def _revive(scheme: Scheme, text: str) -> Marking:
    return scheme.parse(text)

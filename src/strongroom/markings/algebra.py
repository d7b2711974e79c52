"""The lattice itself: what a marking is made of, the join, and nothing else.

Everything here is a pure function of values. `everyone` is written as None: the set that has all readers in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

Names = frozenset[str]
Clauses = frozenset[Names]

T = TypeVar("T")

NOTHING: Names = frozenset()


class Parts(NamedTuple):
    """The parts of a marking in normal form: two markings that mean the same have equal parts.

    level         rank of the level, 0 the lowest
    compartments  closed upward: with `SI-G ABCD` also `SI-G` and `SI`
    release       nations it may be given to besides home; None is everyone
    display       nations it may be shown to, never fewer than `release`; None is everyone
    audiences     any-of clauses of circles; no clause contains another
    named         logins that may see it; None is everyone
    caveats       long names, closed under what they imply
    origins       foreign sources; empty where `concealed` absorbed them
    concealed     there is a foreign source that may not be told
    relido        an official may release it further
    plain         nothing was said about dissemination
    """

    level: int
    compartments: Names = NOTHING
    release: Names | None = None
    display: Names | None = None
    audiences: Clauses = frozenset()
    named: Names | None = None
    caveats: Names = NOTHING
    origins: Names = NOTHING
    concealed: bool = False
    relido: bool = True
    plain: bool = True

    @property
    def size(self) -> int:
        """How many names it holds."""
        listed = (
            self.compartments,
            self.release,
            self.display,
            *self.audiences,
            self.named,
            self.caveats,
            self.origins,
        )
        return sum(map(len, filter(None, listed)))


def join(a: Parts, b: Parts, ceilings: Mapping[str, int]) -> Parts:
    """The least marking that is at least as restrictive as both.

    `ceilings` holds the highest level of each caveat that has one: above it the level itself says more than the
    caveat did (`(U//FOUO)` with `(S//NF)` is `SECRET//NOFORN`).
    """
    level = max(a.level, b.level)
    concealed = a.concealed or b.concealed
    return Parts(
        level=level,
        compartments=together(a.compartments, b.compartments),
        release=common(a.release, b.release),
        display=common(a.display, b.display),
        audiences=_both(a.audiences, b.audiences),
        named=common(a.named, b.named),
        caveats=lasting(together(a.caveats, b.caveats), level, ceilings),
        origins=NOTHING if concealed else together(a.origins, b.origins),
        concealed=concealed,
        relido=a.relido and b.relido,
        plain=a.plain and b.plain,
    )


def common(a: Names | None, b: Names | None) -> Names | None:
    """The intersection, None being everyone."""
    if a is None or a is b:
        return b
    return a if b is None else a & b


def together(a: frozenset[T], b: frozenset[T]) -> frozenset[T]:
    """The union; one of the two where it can be, so that markings share their sets."""
    if a is b or not b:
        return a
    return a | b if a else b


def lasting(caveats: Names, level: int, ceilings: Mapping[str, int]) -> Names:
    """The caveats that still say something at `level`."""
    gone = [caveat for caveat in caveats if ceilings.get(caveat, level) < level]
    return caveats.difference(gone) if gone else caveats


def least_clauses(clauses: Iterable[Names]) -> Clauses:
    """The clauses that say something the others don't: with `HARBOUR`, `HARBOUR OR RELIEF` says nothing more."""
    kept: list[Names] = []
    for clause in sorted(set(clauses), key=len):
        if not any(smaller <= clause for smaller in kept):
            kept.append(clause)
    return frozenset(kept)


def _both(a: Clauses, b: Clauses) -> Clauses:
    joined = together(a, b)
    return joined if joined is a or joined is b else least_clauses(joined)

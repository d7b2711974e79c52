"""What hangs on what: foreign keys, and what rooms declare besides.

What refers to something without a foreign key says so with `follows`, `together` or `quotes`: else a thing that is raised
or purged would leave that part of it behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, Table

from strongroom.vault.layout import Layout

_loose: dict[tuple[str, str], tuple[str, bool]] = {}
_quoting: set[tuple[str, str]] = set()
_implied: dict[tuple[str, str], Implied] = {}
_aside: set[str] = {"derivation_edge", "audit_entry"}


@dataclass(frozen=True)
class Tie:
    """A row of `child` names a row of `parent` in `column`.

    `derives`: the column is one of the child's sources. `hard`: a foreign key, so that the child can't be there without
    the parent. `both`: what happens to the child happens to the parent too.
    """

    child: Table
    column: str
    parent: Table
    derives: bool
    hard: bool
    both: bool


def follows(kind: str, column: str, parent: str) -> None:
    """Rows of the table `kind` belong to the row of `parent` whose id `column` holds, without a foreign key."""
    _loose[kind, column] = (parent, False)


def together(kind: str, column: str, parent: str) -> None:
    """As `follows`, and the other way round: a dataset and its file, an answer and the hand that it lay in. What
    happens to one happens to the other."""
    _loose[kind, column] = (parent, True)


def quotes(kind: str, column: str) -> None:
    """The text in `column` may repeat what things hold that it names by their ids."""
    _quoting.add((kind, column))


def quoting() -> list[tuple[str, str]]:
    """(kind, column) of what was declared with `quotes`."""
    return sorted(_quoting)


def aside(*kinds: str) -> None:
    """These rows only keep count, or say who may: they go where their things go, and no trace shows them."""
    _aside.update(kinds)


def bookkeeping() -> frozenset[str]:
    """Kinds that a trace doesn't show."""
    return frozenset(_aside)


@dataclass(frozen=True)
class Implied:
    """A derivation that neither a foreign key nor an edge says, since others say it: answers are in every dataset that
    was made of their task afterwards. Each way a query takes ids of one end and gives those of the other."""

    source: str
    derived: str
    to: Callable[[Collection[str]], Select[str]]
    back: Callable[[Collection[str]], Select[str]]
    pairs: Callable[[Collection[str]], Select[str, str]]
    """Ids of derived things -> (derived, source)."""


def implies(implied: Implied) -> None:
    """See `Implied`. The queries run in readers' sessions too."""
    _implied[implied.source, implied.derived] = implied


def implications(layout: Layout) -> list[Implied]:
    known = layout.metadata.tables.keys()
    return [each for each in _implied.values() if {each.source, each.derived} <= known]


@lru_cache(maxsize=16)
def ties(layout: Layout) -> tuple[Tie, ...]:
    """All ties between marked tables of a layout."""
    tables = {table.name: table for table in layout.marked}
    found = []
    for table in layout.marked:
        loose = {column: end for (kind, column), end in _loose.items() if kind == table.name}
        for fk in sorted(table.foreign_keys, key=lambda fk: fk.parent.name):
            column, parent = fk.parent.name, fk.column.table
            if parent.name in tables:
                both = loose.pop(column, ("", False))[1]
                found.append(Tie(table, column, parent, column in table.info["sources"], True, both))
        for column, (name, both) in sorted(loose.items()):
            if name in tables:
                found.append(Tie(table, column, tables[name], True, False, both))
    return tuple(found)

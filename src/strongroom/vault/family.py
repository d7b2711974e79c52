"""All that comes of things, and what they came from, at every marking: what is raised, held or purged together.

Asked by the system engine alone; a reader's view of the same is `trace.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain

from sqlalchemy import Connection, Table, Text, select, type_coerce

from strongroom.vault.layout import Layout
from strongroom.vault.lineage import EDGES
from strongroom.vault.listed import batched
from strongroom.vault.ties import implications, quoting, ties

_AN_ID = re.compile(r"[0-9a-f]{32}")
Dominates = Callable[[int, int], bool]
"""Whether one marking id is at least as restrictive as another."""


class Family(dict[str, dict[str, int]]):
    """Things by kind: id -> marking id. No edges, they go where their derived ends go."""

    def has(self, kind: str, thing_id: str) -> bool:
        return thing_id in self.get(kind, ())

    @property
    def size(self) -> int:
        return sum(map(len, self.values()))


def everything_from(
    connection: Connection, layout: Layout, roots: Mapping[str, Collection[str]], dominates: Dominates
) -> Family:
    """The roots and everything that was derived from them, or belongs to them, or quotes them, at every marking.

    What is implied is taken for derived only where the markings allow it: what lies lower than a thing was made without
    it, and must not move with it, or it would tell of it. `connection` is one that sees everything.
    """
    return _walk(connection, layout, roots, dominates)


def hard_family(connection: Connection, layout: Layout, roots: Mapping[str, Collection[str]]) -> Family:
    """The roots and only what can't be there without them, and what quotes it."""
    return _walk(connection, layout, roots, None)


def _walk(
    connection: Connection,
    layout: Layout,
    roots: Mapping[str, Collection[str]],
    dominates: Dominates | None,
) -> Family:
    """Without `dominates` only what is hard."""
    found = Family()
    new: defaultdict[str, set[str]] = defaultdict(set)
    for kind, thing_ids in roots.items():
        new[kind].update(thing_ids)
    while new:
        kind, thing_ids = new.popitem()
        known = found.setdefault(kind, {})
        table = layout.metadata.tables[kind]
        rows = [
            row
            for some in batched(sorted(thing_ids - known.keys()))
            for row in connection.execute(select(table.c.id, table.c.marking_id).where(table.c.id.in_(some)))
        ]
        if not rows:
            continue
        here = {row.id: row.marking_id for row in rows}
        known.update(here)
        following = _next(connection, layout, table, list(here), hard_only=dominates is None)
        if dominates is not None:
            following = chain(following, _implied(connection, layout, table, here, dominates))
        for next_kind, next_id in following:
            if not found.has(next_kind, next_id):
                new[next_kind].add(next_id)
    _add_quoting(connection, layout, found)
    return Family({kind: things for kind, things in found.items() if things})


def _next(
    connection: Connection, layout: Layout, table: Table, thing_ids: list[str], *, hard_only: bool
) -> Iterator[tuple[str, str]]:
    """What is one step on from things of a table, but for what is implied."""
    every = select(layout.interned.c.id)  # so that an index that begins with the marking is of use
    for some in batched(thing_ids):
        for tie in ties(layout):
            if tie.parent is table and (tie.hard or tie.both or not hard_only):
                child = tie.child.c
                named = child[tie.column].in_(some)
                query = select(child.id).where(child.marking_id.in_(every), named)
                yield from ((tie.child.name, each) for each in connection.scalars(query))
            if tie.both and tie.child is table:
                column = table.c[tie.column]
                query = select(column).where(table.c.id.in_(some), column.is_not(None))
                yield from ((tie.parent.name, each) for each in connection.scalars(query))
        if hard_only:
            continue
        if EDGES in layout.metadata.tables:
            edge = layout.metadata.tables[EDGES].c
            rows = connection.execute(
                select(edge.derived_kind, edge.derived_id).where(
                    edge.marking_id.in_(every), edge.source_id.in_(some), edge.source_kind == table.name
                )
            )
            yield from ((kind, each) for kind, each in rows)


def _implied(
    connection: Connection, layout: Layout, table: Table, here: Mapping[str, int], dominates: Dominates
) -> Iterator[tuple[str, str]]:
    """What others say was derived from things (id -> marking id) of a table, where it lies no lower than they do."""
    at: defaultdict[int, list[str]] = defaultdict(list)
    for thing_id, number in here.items():
        at[number].append(thing_id)
    for implied in implications(layout):
        if implied.source != table.name:
            continue
        for number, thing_ids in at.items():
            for some in batched(thing_ids):
                derived = connection.scalars(implied.to(some)).all()
                lying = _marking_ids(connection, layout.metadata.tables[implied.derived], derived)
                yield from (
                    (implied.derived, each) for each, lies in lying.items() if dominates(lies, number)
                )


def _marking_ids(connection: Connection, table: Table, thing_ids: Collection[str]) -> dict[str, int]:
    return {
        id_: number
        for some in batched(sorted(set(thing_ids)))
        for id_, number in connection.execute(
            select(table.c.id, table.c.marking_id).where(table.c.id.in_(some))
        )
    }


def _add_quoting(connection: Connection, layout: Layout, found: Family) -> None:
    everything = {each for things in found.values() for each in things}
    for kind, column in quoting():
        table = layout.metadata.tables.get(kind)
        if table is None:
            continue
        rows = connection.execute(select(table.c.id, table.c.marking_id, type_coerce(table.c[column], Text)))
        for id_, marking_id, text in rows:
            if not everything.isdisjoint(_AN_ID.findall(text or "")):
                found.setdefault(kind, {})[id_] = marking_id


def sources_in_store(
    connection: Connection, layout: Layout, kind: str, thing_ids: Collection[str], dominates: Dominates
) -> dict[str, set[tuple[str, str]]]:
    """The direct sources of things of a kind, wherever they lie: thing id -> (kind, id) of each. As in `everything_from`
    nothing is implied by what lies higher."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    table = layout.metadata.tables[kind]
    for some in batched(sorted(thing_ids)):
        for tie in ties(layout):
            if tie.child is table and (tie.derives or tie.hard):
                column = table.c[tie.column]
                query = select(table.c.id, column).where(table.c.id.in_(some), column.is_not(None))
                for id_, source_id in connection.execute(query):
                    found[id_].add((tie.parent.name, source_id))
        for implied in implications(layout):
            if implied.derived == kind:
                pairs = connection.execute(implied.pairs(some)).all()
                lies = _marking_ids(connection, table, some)
                ends = layout.metadata.tables[implied.source]
                source_lies = _marking_ids(connection, ends, [source_id for _, source_id in pairs])
                for id_, source_id in pairs:
                    if dominates(lies[id_], source_lies[source_id]):
                        found[id_].add((implied.source, source_id))
        if EDGES in layout.metadata.tables:
            edge = layout.metadata.tables[EDGES].c
            rows = connection.execute(
                select(edge.derived_id, edge.source_kind, edge.source_id).where(
                    edge.marking_id.in_(select(layout.interned.c.id)),
                    edge.derived_id.in_(some),
                    edge.derived_kind == kind,
                )
            )
            for id_, source_kind, source_id in rows:
                found[id_].add((source_kind, source_id))
    return found

"""All that comes of things, and what they came from, at every marking: what is raised, held or purged together.

Asked by the system engine alone; a reader's view of the same is `trace.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, Table, Text, select, type_coerce

from strongroom.vault.layout import Layout
from strongroom.vault.lineage import EDGES
from strongroom.vault.listed import batched
from strongroom.vault.ties import implications, quoting, ties

_AN_ID = re.compile(r"[0-9a-f]{32}")


class Family(dict[str, dict[str, int]]):
    """Things by kind: id -> marking id. No edges, they go where their derived ends go."""

    def has(self, kind: str, thing_id: str) -> bool:
        return thing_id in self.get(kind, ())

    @property
    def size(self) -> int:
        return sum(map(len, self.values()))


def everything_from(
    connection: Connection, layout: Layout, roots: Mapping[str, Collection[str]], *, hard_only: bool = False
) -> Family:
    """The roots and everything that was derived from them, or belongs to them, or quotes them, at every marking.

    With `hard_only` only what can't be there without them, and what quotes it. `connection` is one that sees everything.
    """
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
        known.update((id_, marking_id) for id_, marking_id in rows)
        for next_kind, next_id in _next(connection, layout, table, [row.id for row in rows], hard_only):
            if not found.has(next_kind, next_id):
                new[next_kind].add(next_id)
    _add_quoting(connection, layout, found)
    return Family({kind: things for kind, things in found.items() if things})


def _next(
    connection: Connection, layout: Layout, table: Table, thing_ids: list[str], hard_only: bool
) -> Iterator[tuple[str, str]]:
    """What is one step on from things of a table."""
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
        for implied in implications(layout):
            if implied.source == table.name:
                yield from ((implied.derived, each) for each in connection.scalars(implied.to(some)))
        if EDGES in layout.metadata.tables:
            edge = layout.metadata.tables[EDGES].c
            rows = connection.execute(
                select(edge.derived_kind, edge.derived_id).where(
                    edge.marking_id.in_(every), edge.source_id.in_(some), edge.source_kind == table.name
                )
            )
            yield from ((kind, each) for kind, each in rows)


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
    connection: Connection, layout: Layout, kind: str, thing_ids: Collection[str]
) -> dict[str, set[tuple[str, str]]]:
    """The direct sources of things of a kind, wherever they lie: thing id -> (kind, id) of each."""
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
                for id_, source_id in connection.execute(implied.pairs(some)):
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

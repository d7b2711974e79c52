"""Where things came from: what was derived from what, over foreign keys and over edges.

Most derivation is a foreign key (an answer refers to its task) and `Marked.sources` names it. What has many sources (a
dataset and its tasks) gets edges with `derive`. Both hold by structure: a session at a level reads nothing above it and
writes exactly at it, so nothing is ever below its sources. `check` walks the whole database and proves it.

What refers to something without a foreign key says so with `follows`, `together` or `quotes`: else a thing that is raised
or purged would leave that part of it behind.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Index, Select, Table, Text, and_, func, insert, select, type_coerce
from sqlalchemy.orm import Mapped

from strongroom.errors import NotFoundError
from strongroom.vault import clock, ids
from strongroom.vault.layout import Layout
from strongroom.vault.session import ReaderSession
from strongroom.vault.tables import Base, Marked, core

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault

_TOGETHER = 500
"""Ids in one statement."""
_AN_ID = re.compile(r"[0-9a-f]{32}")
_loose: dict[tuple[str, str], tuple[str, bool]] = {}
_quoting: set[tuple[str, str]] = set()
_implied: dict[tuple[str, str], Implied] = {}
_aside: set[str] = {"derivation_edge", "audit_entry"}


class DerivationEdge(Marked, Base):
    """`derived` was made from `source`. A kind is the name of a table. The edge is marked as the derived thing is."""

    __tablename__ = "derivation_edge"
    __table_args__ = (
        Index(None, "marking_id", "derived_id"),
        Index(None, "marking_id", "source_id"),
    )
    append_only = True

    derived_kind: Mapped[str]
    derived_id: Mapped[str]
    source_kind: Mapped[str]
    source_id: Mapped[str]
    how: Mapped[str]
    at: Mapped[datetime]


EDGES = "derivation_edge"


@dataclass(frozen=True)
class Related:
    """A thing at the other end of a derivation; `how` is the name of the foreign key column, or what `derive` said."""

    kind: str
    id: str
    how: str


@dataclass(frozen=True)
class Violation:
    """A derived thing whose marking is not at least as restrictive as its source's."""

    derived_kind: str
    derived_id: str
    source_kind: str
    source_id: str
    how: str


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


def derive(session: ReaderSession, derived: Marked, sources: Iterable[Marked], how: str) -> None:
    """Record that `derived`, written in this session, was made from `sources`.

    NotFoundError for a source that can't be seen in this session (so none is above its level), ValueError when
    `derived` isn't at the session's level.
    """
    by_kind: defaultdict[type[Marked], list[str]] = defaultdict(list)
    session.flush()
    for source in sources:
        by_kind[type(source)].append(source.id)
    for model, source_ids in by_kind.items():
        derive_from_ids(session, derived, model, source_ids, how)


def derive_from_ids(
    session: ReaderSession, derived: Marked, model: type[Marked], source_ids: Iterable[str], how: str
) -> None:
    """As `derive`, for sources of one kind by their ids: ten thousand need no objects."""
    session.flush()
    if derived.marking_id != session.level_id:
        raise ValueError("a derivation is recorded in the session that writes the derived thing")
    wanted = list(dict.fromkeys(source_ids))
    source = core(model)
    for some in batched(wanted):
        seen = session.scalar(select(func.count()).select_from(source).where(source.c.id.in_(some)))
        if seen != len(some):
            raise NotFoundError
    if not wanted:
        return
    same = {
        "derived_kind": core(type(derived)).name,
        "derived_id": derived.id,
        "source_kind": source.name,
        "how": how,
        "at": clock.now(),
    }
    rows = [{"id": ids.new_id(), "source_id": each, **same} for each in wanted]
    session.connection().execute(insert(core(DerivationEdge)), rows)


def sources_of(session: ReaderSession, thing: Marked) -> list[Related]:
    """What `thing` was directly made from."""
    session.flush()
    table = core(type(thing))
    found = []
    for name in table.info["sources"]:
        source_id = getattr(thing, name)
        if source_id is not None:
            found.append(Related(_parent(table, name).name, source_id, name))
    edge = core(DerivationEdge).c
    rows = session.execute(
        select(edge.source_kind, edge.source_id, edge.how)
        .where(edge.derived_id == thing.id, edge.derived_kind == table.name)
        .order_by(edge.source_kind, edge.source_id)
    )
    return found + [Related(*row) for row in rows]


def derived_from(session: ReaderSession, thing: Marked) -> list[Related]:
    """What was directly made from `thing`, as far as this session sees it."""
    session.flush()
    table = core(type(thing))
    found = []
    for child in session.vault.layout.marked:
        for name in child.info["sources"]:
            if _parent(child, name).name == table.name:
                made = select(child.c.id).where(child.c[name] == thing.id).order_by(child.c.id)
                found += [Related(child.name, each, name) for each in session.scalars(made)]
    edge = core(DerivationEdge).c
    rows = session.execute(
        select(edge.derived_kind, edge.derived_id, edge.how)
        .where(edge.source_id == thing.id, edge.source_kind == table.name)
        .order_by(edge.derived_kind, edge.derived_id)
    )
    return found + [Related(*row) for row in rows]


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
    for kind, column in sorted(_quoting):
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


Step = Callable[[int, int, str], object]
"""Done, total, what is being looked at."""


@dataclass(frozen=True)
class Fault:
    """Something that isn't as it should be, about one thing."""

    kind: str
    id: str
    what: Literal["below its source", "an edge to nothing", "a file that is missing or damaged"]
    more: str = ""


def check(vault: Vault, *, on_step: Step | None = None) -> list[Violation]:
    """Every derivation in the database whose derived end isn't at least as restrictive as its source. None, always.

    What is in quarantine counts as higher than everything, so nothing may be derived from it that isn't there too.
    """
    violations: list[Violation] = []
    vault.markings.refresh()
    columns = [(table, name) for table in vault.layout.marked for name in table.info["sources"]]
    with vault._system.reading() as connection:
        for number, (table, name) in enumerate(columns):
            if on_step is not None:
                on_step(number, len(columns) + 1, f"{table.name}.{name}")
            violations += _check_column(vault, connection, table, name)
        if on_step is not None:
            on_step(len(columns), len(columns) + 1, EDGES)
        violations += _check_edges(vault, connection)
    return violations


def check_all(vault: Vault, *, blobs: bool = False, on_step: Step | None = None) -> list[Fault]:
    """`check`, edges whose ends are gone (but not purged), and with `blobs` each file's bytes against its hash."""
    faults = [
        Fault(
            each.derived_kind,
            each.derived_id,
            "below its source",
            f"{each.source_kind} {each.source_id} by {each.how}",
        )
        for each in check(vault, on_step=on_step)
    ]
    faults += _orphans(vault)
    if blobs:
        if on_step is not None:
            on_step(0, 1, "every file")
        faults += [Fault("blob", each, "a file that is missing or damaged") for each in vault.blobs.damaged()]
    return faults


def _orphans(vault: Vault) -> Iterator[Fault]:
    from strongroom.vault.purge import purged_ids  # which itself walks lineage

    edge = core(DerivationEdge)
    with vault._system.reading() as connection:
        purged = purged_ids(connection) if "purged" in vault.layout.metadata.tables else frozenset()
        for end in ("derived", "source"):
            kinds = connection.scalars(select(edge.c[f"{end}_kind"]).distinct()).all()
            for kind in kinds:
                table = vault.layout.metadata.tables[kind]
                named = edge.c[f"{end}_id"]
                gone = (
                    select(edge.c.id, named)
                    .outerjoin(table, table.c.id == named)
                    .where(edge.c[f"{end}_kind"] == kind, table.c.id.is_(None))
                )
                for edge_id, thing_id in connection.execute(gone):
                    if thing_id not in purged:
                        yield Fault(EDGES, edge_id, "an edge to nothing", f"{kind} {thing_id}")


def _check_column(vault: Vault, connection: Connection, table: Table, name: str) -> list[Violation]:
    child, parent = table.alias("child"), _parent(table, name).alias("parent")
    together = child.c[name] == parent.c.id
    pairs = connection.execute(
        select(child.c.marking_id, parent.c.marking_id).select_from(child.join(parent, together)).distinct()
    )
    found = []
    for derived_marking, source_marking in pairs.all():
        if _dominates(vault, derived_marking, source_marking):
            continue
        rows = connection.execute(
            select(child.c.id, parent.c.id)
            .select_from(child.join(parent, together))
            .where(child.c.marking_id == derived_marking, parent.c.marking_id == source_marking)
        )
        found += [Violation(table.name, one, _parent(table, name).name, other, name) for one, other in rows]
    return found


def _check_edges(vault: Vault, connection: Connection) -> list[Violation]:
    edge = core(DerivationEdge)
    kinds = connection.execute(select(edge.c.derived_kind, edge.c.source_kind).distinct()).all()
    found = []
    for derived_kind, source_kind in kinds:
        derived = vault.layout.metadata.tables[derived_kind].alias("derived")
        source = vault.layout.metadata.tables[source_kind].alias("source")
        rows = connection.execute(
            select(edge.c.derived_id, edge.c.source_id, edge.c.how, derived.c.marking_id, source.c.marking_id)
            .join(derived, derived.c.id == edge.c.derived_id)
            .join(source, source.c.id == edge.c.source_id)
            .where(and_(edge.c.derived_kind == derived_kind, edge.c.source_kind == source_kind))
        )
        for derived_id, source_id, how, derived_marking, source_marking in rows:
            if not _dominates(vault, derived_marking, source_marking):
                found.append(Violation(derived_kind, derived_id, source_kind, source_id, how))
    return found


def _dominates(vault: Vault, derived_marking: int, source_marking: int) -> bool:
    if derived_marking == source_marking or vault.markings.in_quarantine(derived_marking):
        return True
    if vault.markings.in_quarantine(source_marking):
        return False
    return vault.markings.marking(source_marking) <= vault.markings.marking(derived_marking)


def batched(things: Collection[str]) -> Iterator[list[str]]:
    """Some at a time, as many as fit one statement."""
    listed = list(things)
    return (listed[at : at + _TOGETHER] for at in range(0, len(listed), _TOGETHER))


def _parent(table: Table, column: str) -> Table:
    (fk,) = table.c[column].foreign_keys
    return fk.column.table

"""Where things came from: what was derived from what, over foreign keys and over edges.

Most derivation is a foreign key (an answer refers to its task) and `Marked.sources` names it. What has many sources (a
dataset and its tasks) gets edges with `derive`. Both hold by structure: a session at a level reads nothing above it and
writes exactly at it, so nothing is ever below its sources. `check` walks the whole database and proves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Index, Table, and_, func, insert, literal, select
from sqlalchemy.orm import Mapped

from strongroom.errors import NotFoundError
from strongroom.vault import clock, ids
from strongroom.vault.session import ReaderSession
from strongroom.vault.tables import Base, Marked
from strongroom.vault.utc import UtcDateTime

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault


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
    source = _table(model)
    given = orjson.dumps(wanted).decode()
    seen = session.scalar(select(func.count()).select_from(source).where(source.c.id.in_(_listed(given))))
    if seen != len(wanted):
        raise NotFoundError
    if not wanted:
        return
    pairs = func.json_each(literal(orjson.dumps({ids.new_id(): each for each in wanted}).decode()))
    pair = pairs.table_valued("key", "value").c
    values = {
        "id": pair.key,
        "marking_id": literal(session.level_id),
        "derived_kind": literal(_table(type(derived)).name),
        "derived_id": literal(derived.id),
        "source_kind": literal(source.name),
        "source_id": pair.value,
        "how": literal(how),
        "at": literal(clock.now(), UtcDateTime()),
    }
    session.execute(insert(DerivationEdge).from_select(list(values), select(*values.values())))


def sources_of(session: ReaderSession, thing: Marked) -> list[Related]:
    """What `thing` was directly made from."""
    session.flush()
    table = _table(type(thing))
    found = []
    for name in table.info["sources"]:
        source_id = getattr(thing, name)
        if source_id is not None:
            found.append(Related(_parent(table, name).name, source_id, name))
    edge = _table(DerivationEdge).c
    rows = session.execute(
        select(edge.source_kind, edge.source_id, edge.how)
        .where(edge.derived_id == thing.id, edge.derived_kind == table.name)
        .order_by(edge.source_kind, edge.source_id)
    )
    return found + [Related(*row) for row in rows]


def derived_from(session: ReaderSession, thing: Marked) -> list[Related]:
    """What was directly made from `thing`, as far as this session sees it."""
    session.flush()
    table = _table(type(thing))
    found = []
    for child in session.vault.layout.marked:
        for name in child.info["sources"]:
            if _parent(child, name).name == table.name:
                made = select(child.c.id).where(child.c[name] == thing.id).order_by(child.c.id)
                found += [Related(child.name, each, name) for each in session.scalars(made)]
    edge = _table(DerivationEdge).c
    rows = session.execute(
        select(edge.derived_kind, edge.derived_id, edge.how)
        .where(edge.source_id == thing.id, edge.source_kind == table.name)
        .order_by(edge.derived_kind, edge.derived_id)
    )
    return found + [Related(*row) for row in rows]


def check(vault: Vault) -> list[Violation]:
    """Every derivation in the database whose derived end isn't at least as restrictive as its source. None, always."""
    violations: list[Violation] = []
    vault.markings.refresh()
    with vault._system.reading() as connection:
        for table in vault.layout.marked:
            for name in table.info["sources"]:
                violations += _check_column(vault, connection, table, name)
        violations += _check_edges(vault, connection)
    return violations


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
    edge = _table(DerivationEdge)
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
    return derived_marking == source_marking or vault.markings.marking(
        source_marking
    ) <= vault.markings.marking(derived_marking)


def _listed(given: str) -> Any:
    listed = func.json_each(literal(given)).table_valued("value")
    return select(listed.c.value)


def _table(model: type[Any]) -> Table:
    table: Table = model.__table__
    return table


def _parent(table: Table, column: str) -> Table:
    (fk,) = table.c[column].foreign_keys
    return fk.column.table

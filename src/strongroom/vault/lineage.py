"""Where things came from: what was derived from what, over foreign keys and over edges.

Most derivation is a foreign key (an answer refers to its task) and `Marked.sources` names it. What has many sources (a
dataset and its tasks) gets edges with `derive`. Both hold by structure: a session at a level reads nothing above it and
writes exactly at it, so nothing is ever below its sources. `lineage_check.py` walks the whole database and proves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, Table, func, insert, select
from sqlalchemy.orm import Mapped

from strongroom.errors import NotFoundError
from strongroom.vault import clock, ids
from strongroom.vault.listed import batched
from strongroom.vault.session import ReaderSession
from strongroom.vault.tables import Base, Marked, core


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
    require_seen(session, model, wanted)
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


def require_seen(session: ReaderSession, model: type[Marked], thing_ids: Iterable[str]) -> None:
    """NotFoundError unless all of these are there and in sight, each named once. For what was read in one session and
    is written in another: something may have been raised, held or purged in between."""
    source = core(model)
    for some in batched(list(thing_ids)):
        seen = session.scalar(select(func.count()).select_from(source).where(source.c.id.in_(some)))
        if seen != len(some):
            raise NotFoundError


def sources_of(session: ReaderSession, thing: Marked) -> list[Related]:
    """What `thing` was directly made from."""
    session.flush()
    table = core(type(thing))
    found = []
    for name in table.info["sources"]:
        source_id = getattr(thing, name)
        if source_id is not None:
            found.append(Related(parent_of(table, name).name, source_id, name))
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
            if parent_of(child, name).name == table.name:
                made = select(child.c.id).where(child.c[name] == thing.id).order_by(child.c.id)
                found += [Related(child.name, each, name) for each in session.scalars(made)]
    edge = core(DerivationEdge).c
    rows = session.execute(
        select(edge.derived_kind, edge.derived_id, edge.how)
        .where(edge.source_id == thing.id, edge.source_kind == table.name)
        .order_by(edge.derived_kind, edge.derived_id)
    )
    return found + [Related(*row) for row in rows]


def parent_of(table: Table, column: str) -> Table:
    """The table that a foreign key column refers to."""
    (fk,) = table.c[column].foreign_keys
    return fk.column.table

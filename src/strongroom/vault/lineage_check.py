"""Walking the whole database: nothing derived is below its source, no edge leads to nothing, files are what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Table, and_, select

from strongroom.vault.lineage import EDGES, DerivationEdge, parent_of
from strongroom.vault.purge import purged_ids
from strongroom.vault.tables import core

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault


@dataclass(frozen=True)
class Violation:
    """A derived thing whose marking is not at least as restrictive as its source's."""

    derived_kind: str
    derived_id: str
    source_kind: str
    source_id: str
    how: str


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
    child, parent = table.alias("child"), parent_of(table, name).alias("parent")
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
        found += [Violation(table.name, one, parent_of(table, name).name, other, name) for one, other in rows]
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

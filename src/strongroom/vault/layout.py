"""Which tables there are and how each is guarded, taken from the metadata; and what no table may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import JSON, Computed, Index, MetaData, Table, UniqueConstraint

INTERNED = "marking"
AUDIT = "audit_entry"


class LayoutError(TypeError):
    """A table is declared in a way that would leak or could not be guarded. For the author of the table."""


@dataclass(frozen=True)
class Layout:
    """The tables of a metadata by kind."""

    metadata: MetaData

    @cached_property
    def marked(self) -> tuple[Table, ...]:
        return tuple(t for t in self.metadata.sorted_tables if t.info.get("marked"))

    @cached_property
    def through(self) -> tuple[Table, ...]:
        return tuple(t for t in self.metadata.sorted_tables if t.info.get("through"))

    @cached_property
    def interned(self) -> Table:
        return self.metadata.tables[INTERNED]

    @cached_property
    def guarded(self) -> tuple[Table, ...]:
        """Everything that a reader sees through a view only."""
        return (self.interned, *self.marked, *self.through)

    @cached_property
    def plain(self) -> tuple[Table, ...]:
        apart = {*self.guarded, *self.system}
        return tuple(t for t in self.metadata.sorted_tables if t not in apart)

    @cached_property
    def system(self) -> tuple[Table, ...]:
        """Tables that no session knows of: what the vault keeps for itself."""
        return tuple(t for t in self.metadata.sorted_tables if t.info.get("access") == "system")

    @cached_property
    def open_to_readers(self) -> tuple[Table, ...]:
        """Plain tables that every reader may read."""
        return tuple(t for t in self.plain if t.info.get("access") == "reader")

    @cached_property
    def open_to_additions(self) -> tuple[Table, ...]:
        """Plain tables that readers add rows to and can't read: what they say to the program in their transaction."""
        return tuple(t for t in self.plain if t.info.get("access") == "append")

    @cached_property
    def referred_to(self) -> frozenset[str]:
        """Names of tables that a foreign key points at: a reader's delete there would tell of hidden dependents."""
        return frozenset(fk.column.table.name for t in self.metadata.tables.values() for fk in t.foreign_keys)

    def check(self) -> None:
        """Raise LayoutError for the first table that can't be guarded."""
        for table in self.metadata.sorted_tables:
            if "marking_id" in table.c and not table.info.get("marked"):
                raise LayoutError(f"{table.name} has a marking_id, but its class is not Marked")
        for table in (*self.marked, *self.through, *self.open_to_additions):
            self._check_guarded(table)
        for table in self.marked:
            _check_marked(table)
            self._check_sources(table)
        for table in self.through:
            self._check_ends(table)
        for table in self.plain:
            if table.info.get("access") not in (None, "reader", "append"):
                raise LayoutError(f"{table.name}: access is reader, append, or not given")
            for fk in table.foreign_keys:
                if fk.column.table in self.guarded:
                    raise LayoutError(
                        f"{table.name}.{fk.parent.name}: a plain table can't refer to a guarded one"
                    )

    def _check_guarded(self, table: Table) -> None:
        if not table.primary_key.columns:
            raise LayoutError(f"{table.name}: a guarded table needs a primary key")
        for column in table.columns:
            if column.server_default is not None or isinstance(column.server_default, Computed):
                raise LayoutError(f"{table.name}.{column.name}: no server default; a view can't give it back")
        for fk in table.foreign_keys:
            if fk.ondelete or fk.onupdate:
                raise LayoutError(f"{table.name}.{fk.parent.name}: no cascades; the engine can't guard them")
            parent = fk.column.table
            if parent in self.plain and parent not in self.open_to_readers:
                raise LayoutError(f"{table.name}.{fk.parent.name}: {parent.name} isn't open to readers")

    def _check_sources(self, table: Table) -> None:
        for name in table.info["sources"]:
            parents = [fk.column.table for fk in table.c[name].foreign_keys] if name in table.c else []
            if len(parents) != 1 or parents[0] not in self.marked:
                raise LayoutError(f"{table.name}.{name}: a source is a foreign key to a marked table")

    def _check_ends(self, table: Table) -> None:
        for name, end in table.info["through"].items():
            parents = [fk.column.table.name for fk in table.c[name].foreign_keys] if name in table.c else []
            if parents != [end] or self.metadata.tables[end] not in self.marked:
                raise LayoutError(f"{table.name}.{name}: an end is a foreign key to the marked table {end}")
        unnamed = {fk.parent.name for fk in table.foreign_keys if fk.column.table in self.marked} - set(
            table.info["through"]
        )
        if unnamed:
            raise LayoutError(
                f"{table.name}: {', '.join(sorted(unnamed))} refers to a marked table, so it is an end"
            )


def _check_marked(table: Table) -> None:
    if [c.name for c in table.primary_key] != ["id"]:
        raise LayoutError(f"{table.name}: the primary key of a marked table is id")
    ordered: list[Index | UniqueConstraint] = [*table.indexes]
    ordered += [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    for each in ordered:
        names = [getattr(c, "name", None) for c in each.columns]
        if names[:1] != ["marking_id"]:
            raise LayoutError(
                f"{table.name}: index or unique constraint over {names} must begin with marking_id, "
                "else a caller's condition may run on hidden rows, or a hidden row may refuse a visible one"
            )


def uniques(table: Table) -> list[list[str]]:
    """The column sets that may not repeat, besides the primary key."""
    constraints = [[c.name for c in u.columns] for u in table.constraints if isinstance(u, UniqueConstraint)]
    indexes = [[c.name for c in i.columns] for i in table.indexes if i.unique]
    return sorted(constraints + indexes)


def json_columns(table: Table) -> frozenset[str]:
    return frozenset(c.name for c in table.columns if isinstance(c.type, JSON))

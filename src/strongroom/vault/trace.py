"""Where a thing came from and where it went, as far as its reader sees: read in the reader's session, so that nothing hints
at what isn't shown.

Things of a kind are one group, however many they are. A walk ends at 20,000 things of a kind; such a group says that there
are more (of what the reader sees).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select, Table, select

from strongroom.errors import NotFoundError
from strongroom.markings import Marking
from strongroom.vault.lineage import EDGES, Related
from strongroom.vault.listed import batched, listed
from strongroom.vault.page import Page, page
from strongroom.vault.session import ReaderSession
from strongroom.vault.ties import Tie, bookkeeping, implications, ties

Direction = Literal["from", "to"]
MOST = 20_000
"""Things of one kind that a walk looks at."""
_NAMES = ("name", "title", "file_name", "external_id")


@dataclass(frozen=True)
class Thing:
    """`name` is what people call it, where they call it something."""

    kind: str
    id: str
    name: str | None
    marking_id: int


@dataclass
class Group:
    """The things of a kind at one side of a trace. `steps` is how far away the farthest of them is."""

    kind: str
    side: Direction
    steps: int
    markings: dict[int, int] = field(default_factory=dict)
    """Marking id -> how many."""
    more: bool = False
    alone: str | None = None
    """The id of the thing, where the group has just one."""

    @property
    def things(self) -> int:
        return sum(self.markings.values())


@dataclass(frozen=True)
class Link:
    """Things of `derived` were made from things of `source`."""

    source: str
    derived: str
    side: Direction
    how: str


@dataclass(frozen=True)
class Trace:
    thing: Thing
    groups: list[Group]
    links: list[Link]


def trace(session: ReaderSession, kind: str, thing_id: str) -> Trace:
    """NotFoundError for what is absent, hidden, or of no kind that there is."""
    thing = find(session, kind, thing_id)
    groups: list[Group] = []
    links: list[Link] = []
    for side in ("from", "to"):
        walk = _Walk(session, side)
        walk.start(thing)
        groups += walk.groups()
        links += walk.links()
    return Trace(thing, groups, links)


def members(
    session: ReaderSession,
    kind: str,
    thing_id: str,
    side: Direction,
    of_kind: str,
    cursor: str | None,
    limit: int,
) -> Page[Thing]:
    """The things of one group of a trace, page by page. NotFoundError as in `trace`, and where there is no such group."""
    thing = find(session, kind, thing_id)
    walk = _Walk(session, side)
    walk.start(thing)
    if of_kind not in walk.found:
        raise NotFoundError
    table = session.vault.layout.metadata.tables[of_kind]
    query = _columns(table).where(table.c.id.in_(listed(sorted(walk.found[of_kind]))))
    found: Page[Any] = page(session, query, table.c.id, cursor, limit)
    return Page([_thing(table, row) for row in found.items], found.next)


def find(session: ReaderSession, kind: str, thing_id: str) -> Thing:
    """A thing by its kind and id. NotFoundError for what is absent, hidden, or of no kind that there is."""
    table = session.vault.layout.metadata.tables.get(kind)
    if table is None or not table.info.get("marked") or kind in bookkeeping():
        raise NotFoundError
    row = session.execute(_columns(table).where(table.c.id == thing_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _thing(table, row)


def sources(session: ReaderSession, thing: Thing) -> list[Thing]:
    """What a thing was directly made from, as far as it is still there; all of that is in sight of who sees the thing."""
    walk = _Walk(session, "from")
    table = session.vault.layout.metadata.tables[thing.kind]
    found = []
    for end in sorted({(kind, id_) for kind, id_, _ in walk.steps(table, [thing.id])}):
        with suppress(NotFoundError):  # purged, or held while this was put back
            found.append(find(session, *end))
    return found


def floor(session: ReaderSession, thing: Thing) -> Marking:
    """The join of what a thing was directly made from."""
    return session.vault.scheme.join(session.marking(each.marking_id) for each in sources(session, thing))


def near(session: ReaderSession, thing: Thing, most: int) -> list[Related]:
    """What was directly made from a thing, bookkeeping included; `most` of it."""
    walk = _Walk(session, "to")
    table = session.vault.layout.metadata.tables[thing.kind]
    found = []
    for kind, id_, how in walk.steps(table, [thing.id], aside=True):
        found.append(Related(kind, id_, how))
        if len(found) == most:
            break
    return found


class _Walk:
    """To one side, breadth first, kind by kind."""

    def __init__(self, session: ReaderSession, side: Direction) -> None:
        self._session = session
        self._side = side
        self._layout = session.vault.layout
        self._aside = bookkeeping()
        self.found: dict[str, dict[str, int]] = {}
        self._far: dict[str, int] = {}
        self._full: set[str] = set()
        self._links: dict[tuple[str, str], str] = {}

    def start(self, thing: Thing) -> None:
        new = {thing.kind: {thing.id}}
        root = (thing.kind, thing.id)
        distance = 0
        while new:
            distance += 1
            following: defaultdict[str, set[str]] = defaultdict(set)
            for kind, thing_ids in new.items():
                table = self._layout.metadata.tables[kind]
                for next_kind, next_id, how in self.steps(table, sorted(thing_ids)):
                    if (next_kind, next_id) != root and next_id not in self.found.get(next_kind, ()):
                        following[next_kind].add(next_id)
                    self._links.setdefault((kind, next_kind), how)
            new = {kind: self._seen(kind, ids, distance) for kind, ids in following.items()}
            new = {kind: ids for kind, ids in new.items() if ids}

    def groups(self) -> Iterator[Group]:
        for kind, things in self.found.items():
            group = Group(kind, self._side, self._far[kind], more=kind in self._full)
            group.alone = next(iter(things)) if len(things) == 1 else None
            for marking_id in things.values():
                group.markings[marking_id] = group.markings.get(marking_id, 0) + 1
            yield group

    def links(self) -> Iterator[Link]:
        for (near_kind, far_kind), how in self._links.items():
            if far_kind in self.found:
                ends = (far_kind, near_kind) if self._side == "from" else (near_kind, far_kind)
                yield Link(*ends, self._side, how)

    def steps(
        self, table: Table, thing_ids: list[str], *, aside: bool = False
    ) -> Iterator[tuple[str, str, str]]:
        """(kind, id, how) of everything one step on; ids that the reader doesn't see are sorted out afterwards."""
        for tie in ties(self._layout):
            for near_table, near_column, far_table, far_column in self._ways(tie):
                if near_table is table and (aside or far_table.name not in self._aside):
                    query = select(far_column).where(
                        near_column.in_(listed(thing_ids)), far_column.is_not(None)
                    )
                    for each in self._session.scalars(query.distinct()):
                        yield far_table.name, each, tie.column
        for implied in implications(self._layout):
            near_kind, far_kind = (
                (implied.derived, implied.source)
                if self._side == "from"
                else (implied.source, implied.derived)
            )
            if near_kind == table.name and (aside or far_kind not in self._aside):
                ask = implied.back if self._side == "from" else implied.to
                for some in batched(thing_ids):
                    for each in self._session.scalars(ask(some)):
                        yield far_kind, each, "implied"
        edge = self._layout.metadata.tables[EDGES].c
        here, there = ("derived", "source") if self._side == "from" else ("source", "derived")
        query = select(edge[f"{there}_kind"], edge[f"{there}_id"], edge.how).where(
            edge[f"{here}_id"].in_(listed(thing_ids)), edge[f"{here}_kind"] == table.name
        )
        for kind, each, how in self._session.execute(query.distinct()):
            if aside or kind not in self._aside:
                yield kind, each, how

    def _ways(self, tie: Tie) -> Iterator[tuple[Table, Any, Table, Any]]:
        """(table where one stands, its column, table where one gets, its column). A file belongs to what names it."""
        if not tie.derives:
            return
        child, parent = tie.child, tie.parent
        up = (child, child.c.id, parent, child.c[tie.column])
        down = (parent, child.c[tie.column], child, child.c.id)
        made_from_child = tie.both and not tie.hard
        yield up if (self._side == "from") is not made_from_child else down

    def _seen(self, kind: str, thing_ids: set[str], distance: int) -> set[str]:
        """Those that are in sight; noted down."""
        known = self.found.get(kind, {})
        new = sorted(thing_ids - known.keys())
        room = MOST - len(known)
        if len(new) > room:
            self._full.add(kind)
            new = new[:room]
        table = self._layout.metadata.tables[kind]
        rows = self._session.execute(
            select(table.c.id, table.c.marking_id).where(table.c.id.in_(listed(new)))
        ).all()
        if not rows:
            return set()
        self.found.setdefault(kind, {}).update((id_, marking_id) for id_, marking_id in rows)
        self._far[kind] = distance
        return {id_ for id_, _ in rows}


def _columns(table: Table) -> Select[Any]:
    name = next((table.c[each] for each in _NAMES if each in table.c), None)
    return select(table.c.id, table.c.marking_id, *([] if name is None else [name]))


def _thing(table: Table, row: Any) -> Thing:
    return Thing(table.name, row[0], row[2] if len(row) > 2 else None, row[1])

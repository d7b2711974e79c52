"""Giving a thing another marking, and with it everything that was made from it: raised, lowered, or put in quarantine.

A reader's session can't do that: a marking stays. It is done here, by the system engine, in one transaction with its audit
entries, while nobody else writes. Whoever calls this has checked who may; here is checked what may be:

* nothing that was derived ends below what it was derived from;
* things that meet others at the new marking with the same unique key get out of their way;
* what a room counts it counts again (`after_moving`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Integer, String, Table, and_, delete, func, select, text, update

from strongroom.errors import ConflictError, InvalidError, NotFoundError
from strongroom.markings import Marking
from strongroom.vault import audit
from strongroom.vault.audit import Fact
from strongroom.vault.blobs import Blob
from strongroom.vault.family import Family, everything_from, hard_family, sources_in_store
from strongroom.vault.layout import uniques
from strongroom.vault.lineage import EDGES
from strongroom.vault.listed import batched
from strongroom.vault.markings_table import Quarantined
from strongroom.vault.reader import Reader
from strongroom.vault.session import who_acts
from strongroom.vault.tables import core
from strongroom.vault.ties import ties

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault


@dataclass(frozen=True)
class Move:
    """From one marking id to another; to None for what is gone."""

    before: int
    after: int | None


class Moved(dict[str, dict[str, Move]]):
    """What changed its marking or went away: kind -> id -> from where to where. `hidden`: marking ids of a quarantine,
    where nobody looks."""

    def __init__(self, things: Mapping[str, dict[str, Move]] | None = None) -> None:
        super().__init__(things or {})
        self.hidden: set[int] = set()

    @property
    def size(self) -> int:
        return sum(map(len, self.values()))

    def groups(self, kind: str) -> Iterator[tuple[Move, list[str]]]:
        """The things of a kind that make the same move."""
        together: defaultdict[Move, list[str]] = defaultdict(list)
        for thing_id, move in self.get(kind, {}).items():
            together[move].append(thing_id)
        yield from together.items()


Also = Callable[[Connection, Moved], None]
"""What else belongs into the transaction."""
Chosen = Callable[[Connection], Mapping[str, Collection[str]]]
"""Chooses things, within the transaction: kind -> ids."""
End = tuple[str, str]
"""Kind and id."""
Merge = Callable[[Connection, str, str], None]
DISPLACED = "displaced"
_hooks: list[Also] = []
_merges: dict[str, Merge] = {}


def after_moving(hook: Also) -> Also:
    """For a room that repeats in one place what rows say in another: called in the transaction, after every move and
    every purge, with a connection that sees everything. A room thinks only of things of its own."""
    _hooks.append(hook)
    return hook


def merging(kind: str) -> Callable[[Merge], Merge]:
    """For rows that are sums: `merge(connection, coming id, staying id)` adds one to the other and deletes it, when both
    meet at a marking with the same unique key."""

    def register(merge: Merge) -> Merge:
        _merges[kind] = merge
        return merge

    return register


def tell(connection: Connection, moved: Moved) -> None:
    """Call the rooms' hooks."""
    for hook in _hooks:
        hook(connection, moved)


def raise_to(
    vault: Vault, reader: Reader, kind: str, thing_id: str, to: Marking, also: Also | None = None
) -> Moved:
    """Mark a thing at least `to`, and everything derived from it too, whoever sees it.

    NotFoundError when it is gone or was put in quarantine meanwhile.
    """
    with vault._system.writing() as connection:
        keep_writers_out(vault, connection)
        family = _family(vault, connection, kind, thing_id)
        _require_seen(vault, family, kind, thing_id)
        joined = _Joins(vault, connection)
        moved = Moved()
        for each, things in family.items():
            for id_, before in things.items():
                after = joined.raised(before, to)
                if after != before:
                    moved.setdefault(each, {})[id_] = Move(before, after)
        _carry_out(vault, connection, reader, moved, "marking.raise", (kind, thing_id), also)
    return moved


def set_to(
    vault: Vault,
    reader: Reader,
    kind: str,
    thing_id: str,
    before: int,
    to: Marking,
    also: Also | None = None,
) -> Moved:
    """Mark a thing that has the marking id `before` as `to`, lower or aside. What hangs on it by foreign keys, was marked
    like it and has no source above `to` goes with it; everything else that was derived stays, or rises to the join.

    InvalidError when `to` is below what the thing was made from; NotFoundError as in `raise_to`, and when the thing was
    given another marking than `before` meanwhile: whoever agreed did not agree to that.
    """
    with vault._system.writing() as connection:
        keep_writers_out(vault, connection)
        family = _family(vault, connection, kind, thing_id)
        if _require_seen(vault, family, kind, thing_id) != before:
            raise NotFoundError
        require_above(floor(vault, connection, kind, thing_id), to)
        joined = _Joins(vault, connection)
        target = vault.markings.interned(connection, to)
        moved = Moved()
        for each, things in _belonging(vault, connection, kind, thing_id, before, to).items():
            moved[each] = {id_: Move(before, target) for id_ in things}
        for each, things in family.items():
            for id_, was in things.items():
                after = joined.raised(was, to)
                if after != was and id_ not in moved.get(each, {}):
                    moved.setdefault(each, {})[id_] = Move(was, after)
        _carry_out(vault, connection, reader, moved, "marking.lower", (kind, thing_id), also)
    return moved


def require_above(least: Marking, wanted: Marking) -> None:
    if not least <= wanted:
        raise InvalidError(f"What this was made from is marked {least}: it can't be marked lower than that.")


def floor(vault: Vault, connection: Connection, kind: str, thing_id: str) -> Marking:
    """The join of what a thing was directly made from, but for what goes along with it."""
    along = {tie.parent.name for tie in ties(vault.layout) if tie.both and tie.child.name == kind}
    found = _sources(vault, connection, kind, [thing_id]).get(thing_id, set())
    sources = {end for end in found if end[0] not in along}
    return vault.scheme.join(
        vault.markings.marking(number)
        for number in _markings_of(vault, connection, sources).values()
        if not vault.markings.in_quarantine(number)
    )


def quarantine(
    vault: Vault, reader: Reader, kind: str, thing_id: str, case: str, also: Also | None = None
) -> Moved:
    """Take a thing and everything derived from it out of everyone's sight, from the next request on.

    What lies in quarantine for another case stays there.
    """
    with vault._system.writing() as connection:
        keep_writers_out(vault, connection)
        family = _family(vault, connection, kind, thing_id)
        _require_seen(vault, family, kind, thing_id)
        moved = Moved()
        hidden: dict[int, int] = {}
        for each, things in family.items():
            for id_, before in things.items():
                if not vault.markings.in_quarantine(before):
                    if before not in hidden:
                        hidden[before] = vault.markings.quarantined(connection, case, before)
                    moved.setdefault(each, {})[id_] = Move(before, hidden[before])
        moved.hidden.update(hidden.values())
        _carry_out(vault, connection, reader, moved, "spill.quarantine", (kind, thing_id), also)
    return moved


def settle(
    vault: Vault,
    reader: Reader,
    root: tuple[str, str],
    case: str,
    things: Chosen,
    to: Marking | None,
    also: Also | None = None,
) -> Moved:
    """Bring things out of the quarantine of a case: each at the marking that it had, joined with `to` and with those of
    its sources.

    ConflictError when something that one of them was made from stays in quarantine. Where the reader can't see the one,
    it stays too, and nothing is said: what is held up there must not be noticed down here.
    """
    with vault._system.writing() as connection:
        keep_writers_out(vault, connection)
        here = _in_case(vault, connection, case, things(connection))
        after: dict[End, Marking] = {}
        for (kind, id_), number in here.items():
            was = vault.markings.marking(number)
            after[kind, id_] = was if to is None else was | to
        sources = _sources_of(vault, connection, after)
        for thing in _held_back(vault, connection, sources):
            if reader.clearance.permits(vault.markings.marking(here[thing])):
                raise ConflictError(
                    "Something that one of these was made from stays in quarantine.",
                    remedy="Decide about what it was made from first, or about both together.",
                )
            del after[thing]
        _lift_to_sources(vault, connection, after, sources)
        moved = Moved()
        lying = {
            number: vault.markings.quarantined(connection, case, number) for number in set(here.values())
        }
        numbers = {each: vault.markings.interned(connection, each) for each in set(after.values())}
        for thing, marking in after.items():
            moved.setdefault(thing[0], {})[thing[1]] = Move(lying[here[thing]], numbers[marking])
        action = "spill.release" if to is None else "spill.remark"
        _carry_out(vault, connection, reader, moved, action, root, also)
    return moved


def keep_writers_out(vault: Vault, connection: Connection) -> None:
    """SQLite lets one writer in at a time. PostgreSQL would let others add to what is being walked."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in (vault.layout.interned, *vault.layout.marked))
        connection.execute(text(f"lock table {names} in share row exclusive mode"))


def record(
    vault: Vault,
    connection: Connection,
    reader: Reader,
    moved: Moved,
    action: str,
    root: tuple[str, str],
) -> None:
    """An audit entry at each marking that things left or came to, with how many did, and nothing of other markings."""
    numbers = {
        number
        for things in moved.values()
        for move in things.values()
        for number in (move.before, move.after)
    }
    known = vault.markings.within(connection, [number for number in numbers if number is not None])
    counts: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for things in moved.values():
        for move in things.values():
            lay = known[move.before]
            before = lay.of if isinstance(lay, Quarantined) else move.before
            after = None if move.after is None else known[move.after]
            if isinstance(after, Marking):
                counts[before, "left", str(after)] += 1
                if move.after is not None and move.after != before:
                    counts[move.after, "came", ""] += 1
            else:
                counts[before, "purged" if after is None else "left", ""] += 1
    known |= vault.markings.within(connection, {number for number, _, _ in counts} - known.keys())
    for (number, how, to), things_count in sorted(counts.items()):
        marking = known[number]
        assert isinstance(marking, Marking)
        facts: dict[str, Fact] = {"how": how, "things": things_count}
        if to:
            facts["to"] = to[:200]
        entry = audit.entry(action, root[0], root[1], "done", facts, **who_acts(reader, marking))
        values = {**entry, "marking_id": number}
        audit.write(connection, [values], marking, vault.audit_log.secret)


def move_all(vault: Vault, connection: Connection, moved: Moved) -> None:
    """Write the new markings, of the edges too."""
    for table in vault.layout.marked:
        for move, thing_ids in moved.groups(table.name):
            for some in batched(thing_ids):
                for displaced in _make_room(vault, connection, table, some, move.after):
                    moved[table.name][displaced] = _displaced(vault, connection, move)
        for move, thing_ids in moved.groups(table.name):
            for some in batched(thing_ids):
                connection.execute(update(table).where(table.c.id.in_(some)).values(marking_id=move.after))
                _move_edges(vault, connection, table.name, some, move)


def _move_edges(vault: Vault, connection: Connection, kind: str, thing_ids: list[str], move: Move) -> None:
    edge = vault.layout.metadata.tables.get(EDGES)
    if edge is not None:
        connection.execute(
            update(edge)
            .where(
                edge.c.marking_id == move.before,
                edge.c.derived_id.in_(thing_ids),
                edge.c.derived_kind == kind,
            )
            .values(marking_id=move.after)
        )


def _displaced(vault: Vault, connection: Connection, move: Move) -> Move:
    """Two that may not be at one marking, and can't be told apart by anything of their own (a sum of one thing): the one
    that comes is kept where nobody sees it."""
    if vault.markings.in_quarantine(move.before):
        return Move(move.before, move.before)
    return Move(move.before, vault.markings.quarantined(connection, DISPLACED, move.before))


def _carry_out(
    vault: Vault,
    connection: Connection,
    reader: Reader,
    moved: Moved,
    action: str,
    root: tuple[str, str],
    also: Also | None,
) -> None:
    move_all(vault, connection, moved)
    tell(connection, moved)
    record(vault, connection, reader, moved, action, root)
    if also is not None:
        also(connection, moved)


def _family(vault: Vault, connection: Connection, kind: str, thing_id: str) -> Family:
    return everything_from(connection, vault.layout, {kind: [thing_id]}, vault.markings.dominates)


def _sources(
    vault: Vault, connection: Connection, kind: str, thing_ids: Collection[str]
) -> dict[str, set[tuple[str, str]]]:
    return sources_in_store(connection, vault.layout, kind, thing_ids, vault.markings.dominates)


def _require_seen(vault: Vault, family: Family, kind: str, thing_id: str) -> int:
    number = family.get(kind, {}).get(thing_id)
    if number is None or vault.markings.in_quarantine(number):
        raise NotFoundError
    return number


class _Joins:
    """Marking ids joined with a marking, each asked once."""

    def __init__(self, vault: Vault, connection: Connection) -> None:
        self._vault = vault
        self._connection = connection
        self._known: dict[tuple[int, Marking], int] = {}

    def raised(self, number: int, to: Marking) -> int:
        """What is in quarantine stays there, and remembers to be higher when it comes out."""
        known = self._known.get((number, to))
        if known is None:
            markings = self._vault.markings
            lay = markings.quarantine(number)
            was = markings.marking(number if lay is None else lay.of)
            known = markings.interned(self._connection, was | to)
            if lay is not None:
                known = markings.quarantined(self._connection, lay.case, known)
            self._known[number, to] = known
        return known


def _belonging(
    vault: Vault, connection: Connection, kind: str, thing_id: str, before: int, to: Marking
) -> Family:
    """What hangs on a thing, is marked like it, and has no source that is above `to` and stays there."""
    family = hard_family(connection, vault.layout, {kind: [thing_id]})
    going = Family(
        {each: {id_: at for id_, at in things.items() if at == before} for each, things in family.items()}
    )
    while True:
        staying = []
        for each, things in going.items():
            found = _sources(vault, connection, each, things)
            marks = _markings_of(vault, connection, {one for ends in found.values() for one in ends})
            for id_, ends in found.items():
                outside = [marks[end] for end in ends if end in marks and not going.has(*end)]
                if (each, id_) != (kind, thing_id) and not all(
                    not vault.markings.in_quarantine(number) and vault.markings.marking(number) <= to
                    for number in outside
                ):
                    staying.append((each, id_))
        if not staying:
            return going
        for each, id_ in staying:
            del going[each][id_]


def _in_case(
    vault: Vault, connection: Connection, case: str, things: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], int]:
    """Those of the things that lie in the quarantine of a case, with the marking id that each had."""
    found = {}
    for end, number in _markings_of(
        vault, connection, {(kind, each) for kind, ids in things.items() for each in ids}
    ).items():
        lay = vault.markings.quarantine(number)
        if lay is not None and lay.case == case:
            found[end] = lay.of
    return found


def _sources_of(vault: Vault, connection: Connection, things: Collection[End]) -> dict[End, set[End]]:
    """The direct sources of each of the things."""
    by_kind: defaultdict[str, set[str]] = defaultdict(set)
    for kind, id_ in things:
        by_kind[kind].add(id_)
    found: dict[End, set[End]] = {thing: set() for thing in things}
    for kind, ids in by_kind.items():
        for id_, ends in _sources(vault, connection, kind, ids).items():
            found[kind, id_] = ends
    return found


def _held_back(vault: Vault, connection: Connection, sources: Mapping[End, set[End]]) -> set[End]:
    """Those of the things that come of something which stays in quarantine."""
    outside = {end for ends in sources.values() for end in ends if end not in sources}
    lying = _markings_of(vault, connection, outside)
    held = {end for end, number in lying.items() if vault.markings.in_quarantine(number)}
    back: set[End] = set()
    while more := {
        thing for thing, ends in sources.items() if thing not in back and not ends.isdisjoint(held | back)
    }:
        back |= more
    return back


def _lift_to_sources(
    vault: Vault, connection: Connection, after: dict[End, Marking], sources: Mapping[End, set[End]]
) -> None:
    outside = {end for thing in after for end in sources[thing] if end not in after}
    lying = _markings_of(vault, connection, outside)
    fixed = {end: vault.markings.marking(number) for end, number in lying.items()}
    changed = True
    while changed:
        changed = False
        for thing in after:
            ends = sources[thing]
            least = after[thing]
            for end in ends:
                source = after.get(end) or fixed.get(end)
                if source is not None and not source <= least:
                    least = least | source
            if least is not after[thing]:
                after[thing] = least
                changed = True


def _markings_of(
    vault: Vault, connection: Connection, things: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    by_kind: defaultdict[str, set[str]] = defaultdict(set)
    for kind, id_ in things:
        by_kind[kind].add(id_)
    found = {}
    for kind, ids in by_kind.items():
        table = vault.layout.metadata.tables[kind]
        for some in batched(sorted(ids)):
            rows = connection.execute(select(table.c.id, table.c.marking_id).where(table.c.id.in_(some)))
            found.update({(kind, id_): number for id_, number in rows})
    return found


def _make_room(
    vault: Vault, connection: Connection, table: Table, thing_ids: list[str], marking_id: int | None
) -> Iterator[str]:
    """Where a thing that comes meets one at the new marking with the same unique key, it changes its own. Gives those
    that can't."""
    for columns in uniques(table):
        rest = [name for name in columns if name != "marking_id"]
        coming, there = table.alias("coming"), table.alias("there")
        met = connection.execute(
            select(coming.c.id, there.c.id)
            .join(
                there,
                and_(
                    there.c.marking_id == marking_id,
                    *(there.c[name] == coming.c[name] for name in rest),
                    there.c.id != coming.c.id,
                ),
            )
            .where(coming.c.id.in_(thing_ids))
        ).all()
        for coming_id, there_id in met:
            if table is core(Blob):
                _share(vault, connection, coming_id, there_id)
            elif table.name in _merges:
                _merges[table.name](connection, coming_id, there_id)
            elif not _stepped_aside(connection, table, rest, coming_id, marking_id):
                yield coming_id


def _share(vault: Vault, connection: Connection, coming_id: str, there_id: str) -> None:
    """Equal bytes lie at the new marking already: whoever names these names those from now on."""
    for tie in ties(vault.layout):
        if tie.parent is core(Blob):
            column = tie.child.c[tie.column]
            connection.execute(update(tie.child).where(column == coming_id).values({tie.column: there_id}))
    connection.execute(delete(Blob).where(Blob.id == coming_id))


def _stepped_aside(
    connection: Connection, table: Table, columns: list[str], thing_id: str, marking_id: int | None
) -> bool:
    """Another number behind the last, or a text with something after it. What refers to something stays as it is."""
    own = [name for name in columns if not table.c[name].foreign_keys and not name.endswith("_id")]
    for name in reversed(own):
        column = table.c[name]
        row = connection.execute(select(*(table.c[each] for each in columns)).where(table.c.id == thing_id))
        values = row.one()._mapping
        others = [table.c[each] == values[each] for each in columns if each != name]
        if isinstance(column.type, Integer):
            last = connection.scalar(
                select(func.max(column)).where(table.c.marking_id == marking_id, *others)
            )
            new: int | str = max(int(last or 0), int(values[name])) + 1
        elif isinstance(column.type, String):
            tail, longest = f"~{thing_id[:8]}", column.type.length
            kept = str(values[name])
            new = (kept if longest is None else kept[: longest - len(tail)]) + tail
        else:
            continue
        connection.execute(update(table).where(table.c.id == thing_id).values({name: new}))
        return True
    return False

"""Interned markings: rows carry a small number, the table says which marking it stands for.

The system engine interns a marking when a level is first written. Readers see the markings that they may see.

A thing in quarantine carries a number that stands for no marking at all but remembers the one that it had: no sight ever
holds it, so no clearance shows it, on any database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import NotFoundError
from strongroom.markings import Clearance, Marking, Scheme
from strongroom.vault.sight import Sight
from strongroom.vault.system import System
from strongroom.vault.tables import Base

_REMEMBERED_SIGHTS = 4096


class InternedMarking(Base):
    """`text` is the canonical banner. In quarantine it is the case and the number of the marking that a thing had."""

    __tablename__ = "marking"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    text: Mapped[str] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]]


class Quarantined(NamedTuple):
    """`case` names why; `of` is the marking id that a thing had."""

    case: str
    of: int


class Markings:
    """The interned markings of a vault, kept in memory and topped up from the table: other processes intern too."""

    def __init__(self, scheme: Scheme, system: System) -> None:
        self._scheme = scheme
        self._system = system
        self._mutex = threading.Lock()
        self._by_id: dict[int, Marking] = {}
        self._ids: dict[Marking, int] = {}
        self._in_quarantine: dict[int, Quarantined] = {}
        self._highest = 0
        self._sights: OrderedDict[tuple[Clearance, Marking | None, int | None, int], Sight] = OrderedDict()

    def marking(self, marking_id: int) -> Marking:
        """NotFoundError for a number that stands for nothing."""
        if marking_id not in self._by_id:
            self.refresh()
        try:
            return self._by_id[marking_id]
        except KeyError:
            raise NotFoundError from None

    def intern_in_turn(self, marking: Marking) -> int:
        """The number of a marking, given now if need be. The caller holds the turn to write."""
        if (known := self._ids.get(marking)) is not None:
            return known
        self.refresh()
        if (known := self._ids.get(marking)) is None:
            with self._system.writing_in_turn() as connection:
                row = {"text": str(marking), "data": marking.to_json()}
                connection.execute(insert(InternedMarking), row)
            self.refresh()
        return self._ids[marking]

    def interned(self, connection: Connection, marking: Marking) -> int:
        """As `intern_in_turn`, within a transaction of the system engine that is under way."""
        return self._number(connection, str(marking), marking.to_json())

    def quarantined(self, connection: Connection, case: str, marking_id: int) -> int:
        """The number under which what had `marking_id` lies in quarantine for `case`. One for each: things that could
        not collide before don't collide there."""
        if self.in_quarantine(marking_id):
            raise ValueError("what is in quarantine stays in the quarantine where it is")
        data = {"quarantine": {"case": case, "of": marking_id}}
        return self._number(connection, f"quarantine {case} {marking_id}", data)

    def in_quarantine(self, marking_id: int) -> bool:
        return self.quarantine(marking_id) is not None

    def quarantine(self, marking_id: int) -> Quarantined | None:
        """For which case a thing with this number lies in quarantine, and what it was marked; None for a marking."""
        if marking_id not in self._by_id and marking_id not in self._in_quarantine:
            self.refresh()
        return self._in_quarantine.get(marking_id)

    def dominates(self, one: int, other: int) -> bool:
        """Whether `one` is at least as restrictive as `other`, each as it was before any quarantine."""
        had = [lay.of if (lay := self.quarantine(number)) else number for number in (one, other)]
        return had[0] == had[1] or self.marking(had[1]) <= self.marking(had[0])

    def within(self, connection: Connection, numbers: Iterable[int]) -> dict[int, Marking | Quarantined]:
        """What numbers stand for, those included that this transaction has given and nobody else knows yet."""
        rows = connection.execute(
            select(InternedMarking.id, InternedMarking.text, InternedMarking.data).where(
                InternedMarking.id.in_(list(numbers))
            )
        )
        return {number: self._meaning(text, data) for number, text, data in rows}

    def _meaning(self, text: str, data: dict[str, Any]) -> Marking | Quarantined:
        return Quarantined(**data["quarantine"]) if "quarantine" in data else self._scheme.parse(text)

    def _number(self, connection: Connection, text: str, data: dict[str, Any]) -> int:
        query = select(InternedMarking.id).where(InternedMarking.text == text)
        number: int | None = connection.scalar(query)
        if number is None:
            connection.execute(insert(InternedMarking), {"text": text, "data": data})
            number = connection.scalar(query)
        assert number is not None
        return number

    def sight(self, clearance: Clearance, level: Marking | None, level_id: int | None) -> Sight:
        """What shows to this clearance: everything permitted, or at a level what is also no higher than it."""
        self.refresh()
        key = (clearance, level, level_id, self._highest)
        with self._mutex:
            if (sight := self._sights.get(key)) is not None:
                self._sights.move_to_end(key)
                return sight
            known = list(self._by_id.items())
        readable = frozenset(
            number
            for number, marking in known
            if (level is None or marking <= level) and clearance.permits(marking)
        )
        sight = Sight(readable, level_id)
        with self._mutex:
            self._sights[key] = sight
            if len(self._sights) > _REMEMBERED_SIGHTS:
                self._sights.popitem(last=False)
        return sight

    def refresh(self) -> None:
        """Read what was interned since. Cheap when nothing was: one lookup of the highest number."""
        if self._system.highest_marking_id() != self._highest:
            self._read()

    def _read(self) -> None:
        with self._system.reading() as connection:
            new = select(InternedMarking.id, InternedMarking.text, InternedMarking.data).where(
                InternedMarking.id > self._highest
            )
            rows = connection.execute(new).all()
        with self._mutex:
            for number, text, data in rows:
                meaning = self._meaning(text, data)
                if isinstance(meaning, Quarantined):
                    self._in_quarantine[number] = meaning
                else:
                    self._by_id[number] = meaning
                    self._ids[meaning] = number
                self._highest = max(self._highest, number)

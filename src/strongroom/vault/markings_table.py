"""Interned markings: rows carry a small number, the table says which marking it stands for.

The system engine interns a marking when a level is first written. Readers see the markings that they may see.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.errors import NotFoundError
from strongroom.markings import Clearance, Marking, Scheme
from strongroom.vault.sight import Sight
from strongroom.vault.system import System
from strongroom.vault.tables import Base

_REMEMBERED_SIGHTS = 4096


class InternedMarking(Base):
    """`text` is the canonical banner."""

    __tablename__ = "marking"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    text: Mapped[str] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]]


class Markings:
    """The interned markings of a vault, kept in memory and topped up from the table: other processes intern too."""

    def __init__(self, scheme: Scheme, system: System) -> None:
        self._scheme = scheme
        self._system = system
        self._mutex = threading.Lock()
        self._by_id: dict[int, Marking] = {}
        self._ids: dict[Marking, int] = {}
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
            new = select(InternedMarking.id, InternedMarking.text).where(InternedMarking.id > self._highest)
            rows = connection.execute(new).all()
        with self._mutex:
            for number, text in rows:
                marking = self._scheme.parse(text)
                self._by_id[number] = marking
                self._ids[marking] = number
            self._highest = max(self._by_id, default=0)

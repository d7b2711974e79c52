"""What a connection may see and write right now, in interned marking ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Sight:
    """`readable`: ids of the markings whose rows show. `level_id`: the one that may be written, None for none."""

    readable: frozenset[int]
    level_id: int | None = None

    @cached_property
    def readable_json(self) -> str:
        return f"[{','.join(map(str, sorted(self.readable)))}]"


BLIND = Sight(frozenset())


class Guarded:
    """Mixin of a database connection that shows what it was told to look at, and before that nothing."""

    @property
    def level_id(self) -> int | None:
        """The marking id that new rows get."""
        raise NotImplementedError

    @property
    def total_changes(self) -> int:
        """How many rows were written through this connection."""
        raise NotImplementedError

    def look(self, sight: Sight) -> None:
        """Show this, for as long as the transaction lasts."""
        raise NotImplementedError


class Direct(Guarded):
    """One in this process, which takes a statement as SQLite does."""

    def find(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        raise NotImplementedError

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows a statement wrote."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

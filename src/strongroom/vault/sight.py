"""What a connection may see and write right now, in interned marking ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Sight:
    """`readable`: ids of the markings whose rows show. `level_id`: the one that may be written, None for none."""

    readable: frozenset[int]
    level_id: int | None = None

    @cached_property
    def readable_json(self) -> str:
        return f"[{','.join(map(str, sorted(self.readable)))}]"


BLIND = Sight(frozenset())

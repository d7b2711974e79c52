"""How fast rows come in beside people who work: short turns to write, and time between them where others wait.

Whoever saves an answer waits for the turn that a chunk of an import holds. How long that is depends on the database, the disk
and what a row brings along, so it is measured and the next chunk made to fit. An import that had to wait for its turn is not
alone: it stays away for as long as others need to catch up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from strongroom.vault import ReaderSession

HELD_SECONDS = 0.05
"""How long a chunk should hold the turn."""
FEWEST, FIRST = 50, 100
"""Rows: fewer are not worth a transaction; nothing is known yet about the first ones."""
ALONE_SECONDS = 0.005
"""Whoever got the turn within this waited for nobody."""
LEFT = 2.0
"""The time left to others, in times of what was held."""


class Pace:
    """One per import. `rows` is how many rows the next chunk may have, `most` at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows = min(FIRST, most)

    @contextmanager
    def kept(self, writing: AbstractContextManager[ReaderSession], rows: int) -> Iterator[ReaderSession]:
        """A writing session for a chunk of so many rows, and what is learnt from it."""
        asked = time.monotonic()
        with writing as session:
            session.connection()  # on PostgreSQL, the turn comes with the transaction
            began = time.monotonic()
            yield session
        held = time.monotonic() - began
        self.rows = min(max(self._fitting(rows, held), FEWEST), self._most)
        if began - asked > ALONE_SECONDS:
            time.sleep(held * LEFT)

    def _fitting(self, rows: int, held: float) -> int:
        if held > HELD_SECONDS:
            return int(rows * HELD_SECONDS / held)
        return max(self.rows, int(rows * min(HELD_SECONDS / max(held, 0.001), 2.0)))

"""Where a queue stands: what was answered, what that says, and what may still be asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.answers import Answers
from strongroom.quality.errors import AnswersError
from strongroom.quality.outcome import Consensus
from strongroom.quality.temper import answers_each

FIRST = 2
"""Answers that every item gets before judgement is passed on which need more.

With one answer an item nobody can be told from anybody: what is then asked next rests on skills that are noise.
"""


@dataclass(frozen=True)
class State:
    """`found` is what the answers say so far, over the same items.

    cap     answers beyond which an item is never asked again: one number, or one an item
    asked   (items): judgements that are under way; they count as answers for the cap; left out, none
    closed  (items): never to be asked, such as gold items; left out, none
    first   answers that every item gets before others get more

    Raises AnswersError where the lengths don't fit.
    """

    answers: Answers
    found: Consensus
    cap: int | NDArray[np.int64]
    asked: NDArray[np.int64] | None = None
    closed: NDArray[np.bool_] | None = None
    first: int = FIRST
    expected: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        items = len(self.answers.items)
        if len(self.found.probabilities) != items:
            raise AnswersError("The consensus is over other items than the answers.")
        for name in ("asked", "closed"):
            given = getattr(self, name)
            if given is not None and len(given) != items:
                raise AnswersError(f"{name} must be one value an item.")
        under_way = 0 if self.asked is None else self.asked
        object.__setattr__(self, "expected", answers_each(self.answers) + under_way)

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which items may be asked, (items)."""
        below = self.expected < self.cap
        return below if self.closed is None else below & ~self.closed

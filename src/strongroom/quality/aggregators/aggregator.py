"""What every aggregator is: something with this one `fit`."""

from __future__ import annotations

from typing import Protocol

from numpy.typing import ArrayLike

from strongroom.quality.answers import Answers
from strongroom.quality.outcome import Consensus, History


class Aggregator(Protocol):
    """Turns answers into a consensus.

    `gold` is one integer an item, the position of its known class or -1; `history` is what is known of
    annotators from earlier work; `start` is an earlier outcome to begin from. The answers are never
    changed.
    """

    def fit(
        self,
        answers: Answers,
        *,
        gold: ArrayLike | None = None,
        history: History | None = None,
        start: Consensus | None = None,
    ) -> Consensus: ...

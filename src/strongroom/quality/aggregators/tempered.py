"""Another aggregator's outcome, with less confidence where answers to one item are alike."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from numpy.typing import ArrayLike

from strongroom.quality.aggregators.aggregator import Aggregator
from strongroom.quality.answers import Answers, checked_gold
from strongroom.quality.em.run import clamp
from strongroom.quality.outcome import Consensus, History
from strongroom.quality.temper import design_effect, tempered


@dataclass(frozen=True, slots=True)
class Tempered:
    """What `inner` finds, its confidence divided by the design effect of answers that are `alike` (ρ, 0 to
    1).

    Labels stay as they are. See `strongroom.quality.temper`.
    """

    inner: Aggregator
    alike: float

    def fit(
        self,
        answers: Answers,
        *,
        gold: ArrayLike | None = None,
        history: History | None = None,
        start: Consensus | None = None,
    ) -> Consensus:
        """Raises AnswersError for gold that doesn't fit the answers."""
        found = self.inner.fit(answers, gold=gold, history=history, start=start)
        softer = tempered(found.probabilities, design_effect(answers, self.alike))
        clamp(softer, checked_gold(answers, gold))
        return dataclasses.replace(found, probabilities=softer, alike=self.alike)

"""The one-coin model: an annotator is right with one probability, whatever the truth."""

from __future__ import annotations

from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from strongroom.quality.aggregators.pooled import AGREEMENT, FLAT, one_skill
from strongroom.quality.answers import Answers, Floats
from strongroom.quality.em.loop import Until
from strongroom.quality.em.run import Frequencies, run
from strongroom.quality.outcome import Consensus, History


@dataclass(frozen=True, slots=True)
class OneCoin:
    """Zhang, Chen, Zhou & Jordan (2016), *Spectral methods meet EM*, JMLR 17:102 (the one-coin model),
    fitted by EM.

    Each annotator's skill gets `shrinkage` pseudo-answers at the mean skill. Where someone errs, they err
    as all do together (a wrong answer is not uniform over the other classes). Few numbers an annotator: it
    holds where answers are few, and fails where annotators lean to a class rather than err evenly. Gold,
    history, start and the degenerate cases are as in DawidSkene.
    """

    shrinkage: float = 4.0
    flat: float = FLAT
    agreement: float = AGREEMENT
    frequencies: Frequencies = "votes"
    until: Until = field(default_factory=Until)

    def fit(
        self,
        answers: Answers,
        *,
        gold: ArrayLike | None = None,
        history: History | None = None,
        start: Consensus | None = None,
    ) -> Consensus:
        """Raises AnswersError for gold that doesn't fit the answers."""
        return run(
            answers,
            self,
            "one-coin",
            frequencies=self.frequencies,
            until=self.until,
            gold=gold,
            history=history,
            start=start,
        )

    def confusion(self, counts: Floats) -> Floats:
        """P(answered | annotator, true) from expected counts, both (annotators × answered × true)."""
        return one_skill(counts, self.shrinkage, self.flat, self.agreement)

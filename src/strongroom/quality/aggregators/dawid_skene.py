"""Dawid and Skene's model: each annotator has a confusion of their own, here shrunk to what is known anyway."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from numpy.typing import ArrayLike

from strongroom.quality.aggregators.pooled import AGREEMENT, FLAT, SHRINKAGE, one_skill, shrunk
from strongroom.quality.answers import Answers, Floats
from strongroom.quality.em.loop import Until
from strongroom.quality.em.run import Frequencies, run
from strongroom.quality.outcome import Consensus, History

SKILL_SHRINKAGE = 4.0


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """Dawid & Skene (1979), *Maximum likelihood estimation of observer error-rates using the EM algorithm*,
    Appl. Statist. 28:20.

    Each row of an annotator's confusion gets `shrinkage` pseudo-answers: `toward="pooled"` in the
    proportions of all annotators together; `toward="skill"` in those of an annotator who is right as often
    as this one, whatever is true, and errs as all do. The pooled confusion itself gets `flat`
    pseudo-answers in each cell and `agreement` more on the diagonal. Class frequencies are those of the
    votes: fitted ones (`frequencies="fitted"`, as in the paper) run away to one class where items have two
    or three answers. All numbers zero and fitted frequencies: plain maximum likelihood, which is
    over-confident where annotators answer little.

    Items with gold are taken as certain, and what their annotators answered counts for their confusion.
    `history` adds its counts. `start` begins from the confusions of an earlier fit, which after a few new
    answers takes a few steps; where the likelihood has several maxima it may end in another one than a cold
    start does.

    No answers: every item gets the prior. One class: everything is that class. One annotator: their
    answers, with a confidence that rests on the pseudo-answers alone.
    """

    shrinkage: float = SHRINKAGE
    toward: Literal["pooled", "skill"] = "pooled"
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
            "dawid-skene" if self.toward == "pooled" else "dawid-skene-skill",
            frequencies=self.frequencies,
            until=self.until,
            gold=gold,
            history=history,
            start=start,
        )

    def confusion(self, counts: Floats) -> Floats:
        """P(answered | annotator, true) from expected counts, both (annotators × answered × true)."""
        if self.toward == "pooled":
            return shrunk(counts, self.shrinkage, self.flat, self.agreement)
        target = one_skill(counts, SKILL_SHRINKAGE, self.flat, self.agreement)
        shrunken: Floats = counts + self.shrinkage * target
        shrunken /= shrunken.sum(axis=1, keepdims=True)
        return shrunken

"""Majority vote: each answer counts the same."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from strongroom.quality.aggregators.pooled import shrunk
from strongroom.quality.answers import Answers, checked_gold
from strongroom.quality.em.run import clamp, vote_shares
from strongroom.quality.em.sweep import sweep_over
from strongroom.quality.outcome import Consensus, History


@dataclass(frozen=True, slots=True)
class MajorityVote:
    """Probabilities are shares of the votes, each class having `pseudo_votes` of its own besides.

    They are shares, not chances to be right. Ties stay ties: the label is then the class that comes first.
    Annotators' confusions are counted against the vote and shrunk as in Dawid–Skene. `history` and `start`
    change nothing. An item without answers gets the shares of all votes together.
    """

    pseudo_votes: float = 0.0

    def fit(
        self,
        answers: Answers,
        *,
        gold: ArrayLike | None = None,
        history: History | None = None,
        start: Consensus | None = None,
    ) -> Consensus:
        """Raises AnswersError for gold that doesn't fit the answers."""
        known = checked_gold(answers, gold)
        shares = vote_shares(answers.votes, self.pseudo_votes)
        clamp(shares, known)
        counts = sweep_over(answers.rows, len(answers.annotators), len(answers.classes)).tally(shares)
        total = shares.sum(axis=0)
        return Consensus(
            items=answers.items,
            annotators=answers.annotators,
            classes=answers.classes,
            probabilities=shares,
            confusion=shrunk(counts).transpose(0, 2, 1),
            counts=counts,
            prior=total / total.sum() if len(shares) else shares.sum(axis=0) + 1 / shares.shape[1],
            method="majority",
        )

"""From answers to a consensus by expectation–maximisation: what the models have in common before and after the loop."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.answers import Answers, Floats, Integers, checked_gold
from strongroom.quality.em.loop import Model, Until, maximise
from strongroom.quality.em.sweep import Sweep, sweep_over
from strongroom.quality.outcome import Consensus, History

Frequencies = Literal["votes", "fitted"]

A_LITTLE = 0.01
"""Votes that each class has before anybody votes, so that the loop may raise a class that nobody chose."""


def run(
    answers: Answers,
    model: Model,
    method: str,
    *,
    frequencies: Frequencies,
    until: Until,
    gold: ArrayLike | None,
    history: History | None,
    start: Consensus | None,
    sweep: Sweep | None = None,
) -> Consensus:
    """One model fitted from a majority vote, or from the confusions of `start`."""
    known = checked_gold(answers, gold)
    sweep = sweep or sweep_over(answers.rows, len(answers.annotators), len(answers.classes))
    with_history = model if history is None else _Informed(model, _before(history, answers))
    posterior = vote_shares(answers.votes, A_LITTLE)
    clamp(posterior, known)
    answered = (np.diff(answers.rows.start) > 0) | (known >= 0)
    counts = sweep.tally(posterior) if start is None else _before(start.history, answers)
    prior = None if frequencies == "fitted" else vote_frequencies(posterior, answered)
    ended = maximise(sweep, with_history, posterior, counts, known, prior=prior, until=until)
    return Consensus(
        items=answers.items,
        annotators=answers.annotators,
        classes=answers.classes,
        probabilities=ended.posterior,
        confusion=with_history.confusion(ended.counts).transpose(0, 2, 1),
        counts=ended.counts,
        prior=ended.prior,
        method=method,
        iterations=ended.iterations,
        converged=ended.converged,
        log_likelihood=ended.log_likelihood,
    )


def vote_shares(votes: Floats, pseudo_votes: float) -> Floats:
    """Votes as shares that sum to 1 an item; an item without votes gets the shares of all votes together."""
    everywhere = votes.sum(axis=0)
    total = everywhere.sum()
    typical = everywhere / total if total > 0 else np.full(votes.shape[1], 1 / votes.shape[1])
    smoothed = votes + pseudo_votes
    sums = smoothed.sum(axis=1, keepdims=True)
    empty = votes.sum(axis=1, keepdims=True) == 0
    return np.where(empty, typical, smoothed / np.where(sums > 0, sums, 1.0))


def clamp(posterior: Floats, gold: Integers) -> None:
    """Makes gold items certain, in place."""
    known = np.flatnonzero(gold >= 0)
    posterior[known] = 0.0
    posterior[known, gold[known]] = 1.0


def vote_frequencies(shares: Floats, answered: NDArray[np.bool_]) -> Floats:
    """How frequent each class is by the votes, (classes): each item counts the same, each class has one item more."""
    frequent: Floats = shares[answered].sum(axis=0) + 1.0
    frequent /= frequent.sum()
    return frequent


def _before(history: History, answers: Answers) -> Floats:
    return history.lined_up(answers.annotators, answers.classes)


class _Informed:
    """A model that adds what was known before to what it is given."""

    def __init__(self, model: Model, before: Floats) -> None:
        self._model, self._before = model, before

    def confusion(self, counts: Floats) -> Floats:
        return self._model.confusion(counts + self._before)

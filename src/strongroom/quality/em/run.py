"""From answers to a consensus by expectation–maximisation: what the models have in common before and after the loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.answers import Answers, Floats, Integers, checked_gold
from strongroom.quality.em.loop import Model, Until, maximise
from strongroom.quality.em.sweep import Sweep, sweep_over
from strongroom.quality.outcome import Consensus, History

A_LITTLE = 0.01
"""Votes that each class has before anybody votes, so that the loop may raise a class that nobody chose."""


def run(
    answers: Answers,
    model: Model,
    method: str,
    *,
    prior_weight: float,
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
    if start is None:
        counts = sweep.tally(posterior)
    else:
        counts = _before(start.history, answers)
        posterior[:] = class_shares(start, answers)
    ended = maximise(sweep, with_history, posterior, counts, known, prior_weight=prior_weight, until=until)
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


def class_shares(start: Consensus, answers: Answers) -> Floats:
    """The class frequencies of an earlier fit, for the classes of these answers."""
    place = {name: position for position, name in enumerate(start.classes)}
    shares = np.array([start.prior[place[name]] if name in place else 0.0 for name in answers.classes])
    total = shares.sum()
    return shares / total if total > 0 else np.full(len(shares), 1 / len(shares))


def _before(history: History, answers: Answers) -> Floats:
    return history.lined_up(answers.annotators, answers.classes)


class _Informed:
    """A model that adds what was known before to what it is given."""

    def __init__(self, model: Model, before: Floats) -> None:
        self._model, self._before = model, before

    def confusion(self, counts: Floats) -> Floats:
        return self._model.confusion(counts + self._before)

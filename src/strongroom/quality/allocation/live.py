"""A consensus that is kept up to date while answers come in."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.aggregators.pooled import shrunk
from strongroom.quality.allocation.state import FIRST, State
from strongroom.quality.answers import Answers, Floats, checked_gold
from strongroom.quality.decide import consensus
from strongroom.quality.em.loop import TINY
from strongroom.quality.em.run import clamp
from strongroom.quality.outcome import Consensus, History
from strongroom.quality.temper import tempered

STEPS = 3


class Live:
    """Answers and their consensus. `add` is quick and nearly right; `refit` makes it as good as a fit from nothing.

    `add` looks at the items that got answers and at nothing else: their probabilities come from the confusions as they stand, and
    the counts of the annotators concerned move by what changed; a few times over. How the mixture is
    weighted stays. Adding a thousand answers to a million takes a fraction of a second. Refit now and then:
    every time the answers have grown by a tenth keeps the cost of fitting in proportion.
    """

    def __init__(
        self, answers: Answers, gold: ArrayLike | None = None, *, history: History | None = None
    ) -> None:
        """Fits the answers. Raises AnswersError for gold that doesn't fit them."""
        self.answers = answers
        self.gold = checked_gold(answers, gold)
        self.history = history
        self.found: Consensus = consensus(answers, self.gold, history=history)
        self.fitted = self.chosen = len(answers)

    @property
    def due(self) -> bool:
        """Whether the answers have grown by a tenth since the last fit."""
        return len(self.answers) > 1.1 * self.fitted

    def refit(self) -> None:
        """Fits anew, from nothing: a start from thin data would keep its errors.

        The methods are weighted anew where the answers have grown by a third since that was done last.
        """
        again = len(self.answers) > 4 / 3 * self.chosen
        kept = None if again else self.found
        self.found = consensus(self.answers, self.gold, history=self.history, like=kept)
        self.fitted = len(self.answers)
        self.chosen = self.fitted if again else self.chosen

    def add(self, item: ArrayLike, annotator: ArrayLike, label: ArrayLike) -> None:
        """Takes more answers, positions as in `Answers`; a second answer of an annotator to an item is dropped.

        Raises AnswersError for positions that the answers don't have.
        """
        before = len(self.answers)
        self.answers = self.answers.extended(item, annotator, label)
        touched = np.unique(self.answers.item[before:])
        if len(touched):
            self.found = self._moved(touched, before)

    def state(
        self,
        cap: int | NDArray[np.int64],
        asked: NDArray[np.int64] | None = None,
        closed: NDArray[np.bool_] | None = None,
    ) -> State:
        """Where the queue stands; gold items are closed besides those that `closed` names.

        Where there is history, one answer an item is enough to judge which need more; else it takes two.
        """
        shut = self.gold >= 0 if closed is None else closed | (self.gold >= 0)
        return State(self.answers, self.found, cap, asked, shut, FIRST if self.history is None else 1)

    def _moved(self, touched: NDArray[np.int32], before: int) -> Consensus:
        found, answers = self.found, self.answers
        place = np.full(len(answers.items), -1, dtype=np.int64)
        place[touched] = np.arange(len(touched))
        near = np.flatnonzero(place[answers.item] >= 0)
        row, who, what = place[answers.item[near]], answers.annotator[near], answers.label[near]
        each = np.bincount(row, minlength=len(touched))
        known_before = self.history.lined_up(answers.annotators, answers.classes) if self.history else 0.0
        counts, probabilities = found.counts.copy(), found.probabilities.copy()
        old, counted = probabilities[touched], near < before
        for _ in range(STEPS):
            confusion = shrunk(counts + known_before)
            scores = np.tile(np.log(np.maximum(found.prior, TINY)), (len(touched), 1))
            np.add.at(scores, row, np.log(np.maximum(confusion[who, what], TINY)))
            scores -= scores.max(axis=1, keepdims=True)
            temperature = found.temperature * (1.0 + found.alike * np.maximum(each - 1.0, 0.0))
            new = tempered(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), temperature)
            clamp(new, self.gold[touched])
            _move(counts, who[counted], what[counted], -old[row[counted]])
            _move(counts, who, what, new[row])
            old, counted = new, np.ones(len(near), dtype=bool)
        probabilities[touched] = old
        return dataclasses.replace(
            found,
            probabilities=probabilities,
            counts=counts,
            confusion=shrunk(counts + known_before).transpose(0, 2, 1),
        )


def _move(counts: Floats, who: NDArray[np.int32], what: NDArray[np.int32], by: Floats) -> None:
    np.add.at(counts, (who, what), by)
    np.maximum(counts, 0.0, out=counts)

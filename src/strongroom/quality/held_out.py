"""Judging a method without gold: how well does it predict answers that it has not seen?

Methods are compared by the truth they claim, not by their own idea of annotators: all are judged through
the same confusions, estimated from the answers that were seen. (Judged through its own, a model of few
numbers loses to a rich one even where its truth is better.)
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.aggregators.aggregator import Aggregator
from strongroom.quality.aggregators.pooled import shrunk
from strongroom.quality.answers import Answers, Floats, Names
from strongroom.quality.em.sweep import sweep_over
from strongroom.quality.outcome import History

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of the answers, unseen, and what the methods made of the rest.

    `seen` the other answers; `unseen` positions of this part in the whole; `truths` the probabilities
    (items × classes) by method.
    """

    whole: Answers
    seen: Answers
    unseen: NDArray[np.int64]
    truths: dict[str, Floats]
    history: History | None

    def confusion(self, truth: Floats) -> Floats:
        """The confusions that the seen answers show under this truth, (annotators × answered × true)."""
        sweep = sweep_over(self.seen.rows, len(self.seen.annotators), len(self.seen.classes))
        counts = sweep.tally(truth)
        if self.history:
            counts += self.history.lined_up(self.seen.annotators, self.seen.classes)
        return shrunk(counts)

    def predicted(self, truth: Floats, confusion: Floats) -> Floats:
        """The probability of each unseen answer, (unseen)."""
        item, annotator = self.whole.item[self.unseen], self.whole.annotator[self.unseen]
        chances: Floats = (truth[item] * confusion[annotator, self.whole.label[self.unseen]]).sum(axis=1)
        return np.maximum(chances, 1e-9)


def held_out(
    answers: Answers, methods: Mapping[str, Aggregator], *, history: History | None = None, folds: int = FOLDS
) -> list[Fold]:
    """Fits every method `folds` times, each time without another part of the answers."""
    part = parts(answers, folds)
    made = []
    for number in range(folds):
        seen = answers.where(part != number)
        truths = {name: method.fit(seen, history=history).probabilities for name, method in methods.items()}
        made.append(Fold(answers, seen, np.flatnonzero(part == number), truths, history))
    return made


def parts(answers: Answers, folds: int) -> NDArray[np.int64]:
    """Which part each answer belongs to, (answers).

    The answers of an item are spread evenly over the parts. Drawn from the names, so that the order of
    items, annotators and answers changes nothing.
    """
    item = drawn(answers.items)[answers.item]
    mixed = _scrambled(item ^ _scrambled(drawn(answers.annotators)[answers.annotator]))
    order = np.lexsort((mixed, answers.item))
    rank = np.empty(len(answers), dtype=np.int64)
    rank[order] = np.arange(len(answers)) - answers.rows.start[answers.item[order]]
    return (rank + (item % np.uint64(folds)).astype(np.int64)) % folds


def drawn(names: Names) -> NDArray[np.uint64]:
    """A number for each name that looks drawn at random and is always the same."""
    sums = np.fromiter((zlib.crc32(str(name).encode()) for name in names), dtype=np.uint64, count=len(names))
    return _scrambled(sums)


def _scrambled(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The last step of SplitMix64: neighbours in, strangers out."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

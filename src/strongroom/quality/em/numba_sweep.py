"""A pass over the answers as one compiled loop. Imported only where Numba is installed; machine code is
cached on disk.

Scores of an item are summed, turned into a posterior and counted for its annotators before the next item is
looked at, so that the data is read once a pass and an item's row never leaves the processor's cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from strongroom.quality.answers import Floats, Integers, Rows


class NumbaSweep:
    """See `strongroom.quality.em.sweep.Sweep`."""

    def __init__(self, rows: Rows, annotators: int, classes: int) -> None:
        self.rows, self.annotators, self.classes = rows, annotators, classes

    def tally(self, posterior: Floats) -> Floats:
        counts = np.zeros((self.annotators, self.classes, self.classes))
        _tally(self.rows.start, self.rows.annotator, self.rows.label, posterior, counts)
        return counts

    def expect(
        self, log_confusion: Floats, log_prior: Floats, gold: Integers, posterior: Floats
    ) -> tuple[Floats, float, float]:
        counts = np.zeros((self.annotators, self.classes, self.classes))
        change, likelihood = _expect(
            self.rows.start,
            self.rows.annotator,
            self.rows.label,
            log_confusion,
            log_prior,
            gold,
            posterior,
            counts,
        )
        return counts, float(change), float(likelihood)


def _compiled(function: Any) -> Any:
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder that the machine code could be kept in
        return njit(nogil=True)(function)


@_compiled
def _tally(start: Any, annotator: Any, label: Any, posterior: Floats, counts: Floats) -> None:
    for i in range(len(start) - 1):
        for r in range(start[i], start[i + 1]):
            row = counts[annotator[r], label[r]]
            for k in range(posterior.shape[1]):
                row[k] += posterior[i, k]


@_compiled
def _expect(
    start: Any,
    annotator: Any,
    label: Any,
    log_confusion: Floats,
    log_prior: Floats,
    gold: Any,
    posterior: Floats,
    counts: Floats,
) -> tuple[float, float]:
    classes = posterior.shape[1]
    scores = np.empty(classes)
    change = 0.0
    likelihood = 0.0
    for i in range(len(start) - 1):
        for k in range(classes):
            scores[k] = log_prior[k]
        for r in range(start[i], start[i + 1]):
            row = log_confusion[annotator[r], label[r]]
            for k in range(classes):
                scores[k] += row[k]
        highest = scores[0]
        for k in range(1, classes):
            highest = max(highest, scores[k])
        total = 0.0
        for k in range(classes):
            scores[k] = np.exp(scores[k] - highest)
            total += scores[k]
        likelihood += np.log(total) + highest
        for k in range(classes):
            share = scores[k] / total
            if gold[i] >= 0:
                share = 1.0 if gold[i] == k else 0.0
            change += abs(share - posterior[i, k])
            posterior[i, k] = share
            scores[k] = share
        for r in range(start[i], start[i + 1]):
            count = counts[annotator[r], label[r]]
            for k in range(classes):
                count[k] += scores[k]
    return change / (2 * max(len(posterior), 1)), likelihood

"""A pass over the answers as sparse products: what runs where Numba isn't installed, and on small data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from strongroom.quality.answers import Floats, Integers, Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class ScipySweep:
    """See `strongroom.quality.em.sweep.Sweep`."""

    def __init__(self, rows: Rows, annotators: int, classes: int) -> None:
        from scipy.sparse import csr_matrix

        self.rows, self.annotators, self.classes = rows, annotators, classes
        column = rows.annotator.astype(np.int64) * classes + rows.label
        shape = (len(rows.start) - 1, annotators * classes)
        self._chosen: csr_matrix = csr_matrix((np.ones(len(column)), column, rows.start), shape=shape)

    def tally(self, posterior: Floats) -> Floats:
        counts: Floats = self._chosen.T @ posterior
        return counts.reshape(self.annotators, self.classes, self.classes)

    def expect(
        self, log_confusion: Floats, log_prior: Floats, gold: Integers, posterior: Floats
    ) -> tuple[Floats, float, float]:
        scores: Floats = self._chosen @ log_confusion.reshape(-1, self.classes)
        scores += log_prior
        highest = scores.max(axis=1, keepdims=True)
        scores -= highest
        np.exp(scores, out=scores)
        total = scores.sum(axis=1, keepdims=True)
        scores /= total
        likelihood = float(np.log(total).sum() + highest.sum())
        known = np.flatnonzero(gold >= 0)
        if len(known):
            scores[known] = 0.0
            scores[known, gold[known]] = 1.0
        change = float(np.abs(scores - posterior).sum() / (2 * max(len(posterior), 1)))
        posterior[:] = scores
        return self.tally(posterior), change, likelihood

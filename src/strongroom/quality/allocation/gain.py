"""What one more judgement of an item is expected to be worth: the chance that it makes a wrong label right."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.answers import Floats
from strongroom.quality.outcome import Consensus
from strongroom.quality.temper import TYPICAL

AHEAD = 5
"""How many answers the calculation looks ahead. One alone often can't turn a label, and would seem worthless."""


def expected_gain(found: Consensus, answers_so_far: ArrayLike, ahead: int = AHEAD) -> Floats:
    """The expected gain in accuracy a judgement, (items): 0.1 means that ten judgements set one label right.

    For the two most probable classes of an item, and 1 to `ahead` answers of a typical annotator: the chance that they turn the
    label, times how much more probable the other class then is; the best of these, divided by the number of
    answers. Answers to one item are alike (ρ of the consensus), so what the next one adds shrinks as n / (1
    + ρ(n − 1)) flattens: an item on which people differ for good is not asked for ever. The idea of looking
    ahead is the knowledge gradient: Frazier, Powell & Dayanik (2008), SIAM J. Control Optim. 47:2410.
    """
    probabilities = found.probabilities
    items, classes = probabilities.shape
    if classes < 2 or not items:
        return np.zeros(items)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    top, second = order[:, 0], order[:, 1]
    rows = np.arange(items)
    both = probabilities[rows, top] + probabilities[rows, second]
    leads = probabilities[rows, top] / np.maximum(both, 1e-12)
    typical = found.counts.sum(axis=0) + 1.0 + 2.0 * np.eye(classes)
    right_top = _right(typical, top, second)
    right_second = _right(typical, second, top)
    best = np.zeros(items)
    for answers in range(1, ahead + 1):
        turned = np.zeros(items)
        for agree in range(answers + 1):
            against, ways = answers - agree, comb(answers, agree)
            if_top = leads * right_top**agree * (1 - right_top) ** against
            if_second = (1 - leads) * (1 - right_second) ** agree * right_second**against
            turned += ways * np.maximum(if_second - if_top, 0.0)
        best = np.maximum(best, turned / answers)
    alike = found.alike or TYPICAL
    adds = (1 - alike) / (1 + alike * np.asarray(answers_so_far, dtype=np.float64)) ** 2
    return np.asarray(best * both * adds)


def _right(typical: Floats, true: NDArray[np.int64], other: NDArray[np.int64]) -> Floats:
    """How often a typical annotator chooses the true one of two classes, (items)."""
    chosen = typical[true, true]
    return np.asarray(np.clip(chosen / (chosen + typical[other, true]), 0.51, 0.999))

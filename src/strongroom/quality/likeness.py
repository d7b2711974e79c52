"""How alike the answers to one item are, from answers that were left aside."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.held_out import Fold
from strongroom.quality.temper import TYPICAL, design_effect, tempered

GRID = np.array([0.0, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6])


def likeness(folds: list[Fold], weights: Mapping[str, float]) -> float:
    """ρ of `strongroom.quality.temper`: half-way between what makes unseen answers most probable and what
    is typical.

    Unseen answers alone give too little: they are alike in the same way as those that were seen. `weights`
    says how much each method of the folds counts in the mixture that is tempered.
    """
    scores = np.zeros(len(GRID))
    for fold in folds:
        truth = _mixed(fold, weights)
        confusion = fold.confusion(truth)
        for position, alike in enumerate(GRID):
            softer = tempered(truth, design_effect(fold.seen, float(alike)))
            scores[position] += float(np.log(fold.predicted(softer, confusion)).sum())
    return (float(GRID[scores.argmax()]) + TYPICAL) / 2


def _mixed(fold: Fold, weights: Mapping[str, float]) -> Floats:
    mean = np.zeros((len(fold.seen.items), len(fold.seen.classes)))
    for name, weight in weights.items():
        mean += weight * fold.truths[name]
    return mean

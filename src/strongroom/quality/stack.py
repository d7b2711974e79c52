"""How much each method counts in a mixture: as much as makes unseen answers most probable."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.held_out import Fold
from strongroom.quality.outcome import Choice

STEPS = 200
EVEN = 5.0
"""Answers' worth of evidence that each method has before anything is known."""


def stacked(folds: list[Fold], plain: str, *, among: Collection[str]) -> Choice:
    """Yao, Vehtari, Simpson & Gelman (2018), *Using stacking to average Bayesian predictive distributions*,
    Bayesian Anal. 13(3).

    `among` names the methods that are mixed, `plain` the one that the advantage is measured against.
    Standard errors treat items as independent, the answers to one item as not.
    """
    names = [name for name in folds[0].truths if name in among]
    chances = np.stack([_chances(folds, name) for name in names])
    item = np.concatenate([fold.whole.item[fold.unseen] for fold in folds])
    weights = _mixture(chances)
    order = np.argsort(-weights, kind="stable")
    better, error = _difference(np.log(weights @ chances) - np.log(_chances(folds, plain)), item)
    lead, lead_error = _difference(np.log(chances[order[0]]) - np.log(chances[order[1]]), item)
    return Choice(
        weights={name: float(weight) for name, weight in zip(names, weights, strict=True)},
        advantage=better,
        standard_error=error,
        sure=0.5 * (1 + math.erf(lead / (lead_error * math.sqrt(2)))) if lead_error > 0 else 0.5,
    )


def _chances(folds: list[Fold], name: str) -> Floats:
    """The chance that a method gave each unseen answer, fold after fold."""
    return np.concatenate(
        [fold.predicted(fold.truths[name], fold.confusion(fold.truths[name])) for fold in folds]
    )


def _mixture(chances: Floats) -> Floats:
    """Weights (methods) under which the mixture of chances (methods × answers) is most likely."""
    methods = len(chances)
    weights = np.full(methods, 1 / methods)
    for _ in range(STEPS):
        shares = weights[:, None] * chances
        credit = (shares / shares.sum(axis=0)).sum(axis=1) + EVEN
        weights = credit / credit.sum()
    return weights


def _difference(gain: Floats, item: np.ndarray[tuple[int], np.dtype[np.int32]]) -> tuple[float, float]:
    """The mean gain an answer and its standard error, answers clustered by item."""
    if not len(gain):
        return 0.0, 0.0
    mean = float(gain.mean())
    sums = np.bincount(item, weights=gain - mean)
    return mean, float(math.sqrt((sums**2).sum()) / len(gain))

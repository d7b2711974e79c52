"""The loop of expectation–maximisation, the same for every model of what annotators do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from strongroom.quality.answers import Floats, Integers
from strongroom.quality.em.sweep import Sweep

TINY = 1e-10
"""The least probability, so that its logarithm exists."""


class Model(Protocol):
    """How expected counts become a confusion."""

    def confusion(self, counts: Floats) -> Floats:
        """P(answered | annotator, true), (annotators × answered × true), from counts of the same shape."""
        ...


@dataclass(frozen=True, slots=True)
class Until:
    """The loop ends when the probabilities of an item change by less than `tolerance` in the mean, or after `iterations`."""

    tolerance: float = 1e-5
    iterations: int = 100


@dataclass(frozen=True, slots=True)
class Converged:
    """Where the loop ended. `log_likelihood` is that of the answers under the parameters of the last but one step."""

    posterior: Floats
    counts: Floats
    prior: Floats
    iterations: int
    converged: bool
    log_likelihood: float


def maximise(
    sweep: Sweep,
    model: Model,
    posterior: Floats,
    counts: Floats,
    gold: Integers,
    *,
    prior: Floats | None,
    until: Until,
) -> Converged:
    """Alternates between who is how good and what is true, from `counts` and `posterior` (which is overwritten).

    `prior` holds the class frequencies (classes); None: they are fitted as well.
    """
    fixed, prior = prior, class_shares(posterior) if prior is None else prior
    change, likelihood, step = np.inf, -np.inf, 0
    while step < until.iterations and change >= until.tolerance:
        step += 1
        log_confusion = np.log(np.maximum(model.confusion(counts), TINY))
        counts, change, likelihood = sweep.expect(
            log_confusion, np.log(np.maximum(prior, TINY)), gold, posterior
        )
        if fixed is None:
            prior = class_shares(posterior)
    return Converged(posterior, counts, prior, step, change < until.tolerance, likelihood)


def class_shares(posterior: Floats) -> Floats:
    """How frequent each class is, (classes), from the probabilities of items; uniform where there are no items."""
    classes = posterior.shape[1]
    return posterior.mean(axis=0) if len(posterior) else np.full(classes, 1 / classes)

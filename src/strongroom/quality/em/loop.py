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
    prior_weight: float,
    until: Until,
) -> Converged:
    """Alternates between who is how good and what is true, from `counts` and `posterior` (which is overwritten)."""
    prior = class_prior(posterior, prior_weight)
    change, likelihood, step = np.inf, -np.inf, 0
    while step < until.iterations and change >= until.tolerance:
        step += 1
        log_confusion = np.log(np.maximum(model.confusion(counts), TINY))
        counts, change, likelihood = sweep.expect(
            log_confusion, np.log(np.maximum(prior, TINY)), gold, posterior
        )
        prior = class_prior(posterior, prior_weight)
    return Converged(posterior, counts, prior, step, change < until.tolerance, likelihood)


def class_prior(posterior: Floats, weight: float) -> Floats:
    """How frequent each class is, (classes), `weight` pseudo-items of each class added."""
    expected: Floats = posterior.sum(axis=0) + weight
    total = expected.sum()
    return expected / total if total > 0 else np.full(len(expected), 1 / len(expected))

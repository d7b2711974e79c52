"""The mean of several aggregators: no model wins everywhere, and their errors differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.aggregators.aggregator import Aggregator
from strongroom.quality.aggregators.dawid_skene import DawidSkene
from strongroom.quality.aggregators.one_coin import OneCoin
from strongroom.quality.aggregators.pooled import shrunk
from strongroom.quality.answers import Answers, Floats
from strongroom.quality.em.sweep import sweep_over
from strongroom.quality.outcome import Consensus, History

MEMBERS: Mapping[str, Aggregator] = MappingProxyType(
    {
        "one-coin": OneCoin(),
        "dawid-skene": DawidSkene(),
        "dawid-skene-skill": DawidSkene(toward="skill"),
    }
)


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The weighted mean of the members' probabilities; without `weights`, each counts the same.

    Confusions are counted against the mean and shrunk as in Dawid–Skene. `start` starts every member. A
    member of weight zero is not fitted.
    """

    members: Mapping[str, Aggregator] = field(default_factory=lambda: MEMBERS)
    weights: Mapping[str, float] | None = None

    def fit(
        self,
        answers: Answers,
        *,
        gold: ArrayLike | None = None,
        history: History | None = None,
        start: Consensus | None = None,
    ) -> Consensus:
        """Raises AnswersError for gold that doesn't fit the answers."""
        weights = self.weights or dict.fromkeys(self.members, 1.0)
        chosen = {name: weight for name, weight in weights.items() if weight > 0}
        mean = np.zeros((len(answers.items), len(answers.classes)))
        iterations, converged = 0, True
        for name, weight in chosen.items():
            fitted = self.members[name].fit(answers, gold=gold, history=history, start=start)
            mean += fitted.probabilities * (weight / sum(chosen.values()))
            iterations, converged = max(iterations, fitted.iterations), converged and fitted.converged
        return described(
            answers, mean, "ensemble", history=history, iterations=iterations, converged=converged
        )


def described(
    answers: Answers,
    probabilities: Floats,
    method: str,
    *,
    history: History | None,
    iterations: int,
    converged: bool,
) -> Consensus:
    """A consensus around probabilities that are given: annotators are counted against them."""
    counts = sweep_over(answers.rows, len(answers.annotators), len(answers.classes)).tally(probabilities)
    before = history.lined_up(answers.annotators, answers.classes) if history else 0.0
    total = probabilities.sum(axis=0) + 1.0
    return Consensus(
        items=answers.items,
        annotators=answers.annotators,
        classes=answers.classes,
        probabilities=probabilities,
        confusion=shrunk(counts + before).transpose(0, 2, 1),
        counts=counts,
        prior=total / total.sum(),
        method=method,
        iterations=iterations,
        converged=converged,
    )

"""A coefficient of agreement with its interval, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from strongroom.quality.answers import Answers, Floats

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Agreement:
    """`value` and the ends of its interval at `level` (0.95: nineteen of twenty), from `items` items with
    two answers or more.

    1 is complete agreement and, for coefficients corrected for chance, 0 is what chance alone would give.
    NaN where it isn't defined: no item has two answers, or nobody ever chose another class. The ends are
    NaN where no interval was asked for.
    """

    value: float
    low: float
    high: float
    items: int
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Patterns:
    """The ways in which items were answered: `votes` (patterns × classes), and how many items have each, (patterns)."""

    votes: Floats
    items: Floats

    @property
    def answers(self) -> Floats:
        """Answers to an item of each pattern, (patterns)."""
        each: Floats = self.votes.sum(axis=1)
        return each


Statistic = Callable[[Patterns], float]


def patterns_of(answers: Answers) -> Patterns:
    """Every pattern of votes with two answers or more. A million items have a few thousand patterns."""
    votes = answers.votes[answers.votes.sum(axis=1) >= 2]
    if not len(votes):
        return Patterns(np.zeros((0, len(answers.classes))), np.zeros(0))
    distinct, items = np.unique(votes, axis=0, return_counts=True)
    return Patterns(distinct, items.astype(np.float64))


def with_interval(
    patterns: Patterns, statistic: Statistic, resamples: int, seed: int, level: float = 0.95
) -> Agreement:
    """The percentile bootstrap over items: Efron & Tibshirani (1993), *An introduction to the bootstrap*,
    ch. 13.

    Items are resampled with all their answers, so that answers to one item stay together.
    """
    total = int(patterns.items.sum())
    value = statistic(patterns) if total else float("nan")
    if not resamples or total < 2:
        return Agreement(value, float("nan"), float("nan"), total, level)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(total, patterns.items / total, size=resamples).astype(np.float64)
    values = np.array([statistic(Patterns(patterns.votes, items)) for items in drawn])
    values = values[~np.isnan(values)]
    if not len(values):
        return Agreement(value, float("nan"), float("nan"), total, level)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Agreement(value, float(low), float(high), total, level)

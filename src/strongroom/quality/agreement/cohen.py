"""Cohen's κ: agreement beyond chance of two annotators."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.agreement.agreement import RESAMPLES, Agreement
from strongroom.quality.answers import Answers, Floats

Weights = Literal["none", "linear", "quadratic"]


def cohen_kappa(
    answers: Answers,
    first: int,
    second: int,
    weights: Weights = "none",
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = 0.95,
) -> Agreement:
    """κ of the annotators at two positions, from the items that both answered; −1 to 1.

    Cohen (1960), *A coefficient of agreement for nominal scales*, Educ. Psychol. Meas. 20:37; with weights,
    Cohen (1968), Psychol. Bull. 70:213, classes being equally spaced in their order. Unlike Fleiss' κ, each
    has their own frequencies of classes. The interval is a bootstrap over items.
    """
    table = crosstable(answers, first, second)
    total = int(table.sum())
    value = kappa_of(table, weights)
    if not resamples or total < 2:
        return Agreement(value, float("nan"), float("nan"), total, level)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(total, (table / total).ravel(), size=resamples).reshape(-1, *table.shape)
    values = np.array([kappa_of(each, weights) for each in drawn])
    values = values[~np.isnan(values)]
    if not len(values):
        return Agreement(value, float("nan"), float("nan"), total, level)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Agreement(value, float(low), float(high), total, level)


def crosstable(answers: Answers, first: int, second: int) -> NDArray[np.int64]:
    """How often the first said c where the second said k, (classes × classes)."""
    said = np.full((2, len(answers.items)), -1, dtype=np.int64)
    for row, who in enumerate((first, second)):
        theirs = answers.annotator == who
        said[row, answers.item[theirs]] = answers.label[theirs]
    both = said[:, (said >= 0).all(axis=0)]
    table = np.zeros((len(answers.classes), len(answers.classes)), dtype=np.int64)
    np.add.at(table, (both[0], both[1]), 1)
    return table


def kappa_of(table: ArrayLike, weights: Weights = "none") -> float:
    """κ of a table (classes × classes) of counts; NaN where it is empty or both always say one class."""
    counts: Floats = np.asarray(table, dtype=np.float64)
    if not counts.sum():
        return float("nan")
    shares = counts / counts.sum()
    place = np.arange(len(shares))
    apart = np.abs(np.subtract.outer(place, place)).astype(np.float64)
    fault = {"none": (apart > 0).astype(np.float64), "linear": apart, "quadratic": apart**2}[weights]
    expected = float((np.outer(shares.sum(axis=1), shares.sum(axis=0)) * fault).sum())
    return float(1 - (shares * fault).sum() / expected) if expected > 0 else float("nan")

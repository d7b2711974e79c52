"""Krippendorff's α: agreement beyond chance for any number of annotators, missing answers and four levels of measurement."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.agreement.agreement import RESAMPLES, Agreement, Patterns, patterns_of, with_interval
from strongroom.quality.agreement.class_values import class_values
from strongroom.quality.answers import Answers, Floats

Level = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(
    answers: Answers,
    level: Level = "nominal",
    *,
    values: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """Krippendorff (2011), *Computing Krippendorff's alpha-reliability*, section D; −1 to 1.

    `level` says how far apart two classes are: nominal, all the same; ordinal, by the answers that lie
    between, classes being in their order; interval and ratio, by `values` (classes; left out, the class
    names read as numbers). Items with one answer don't count. Choose it where annotators are many and
    answers are missing; take AC1 beside it where one class is far more frequent than the others, for then α
    is low although people agree. Raises AnswersError where numbers are wanted and the names of classes are
    none.
    """
    numbers = None if level in ("nominal", "ordinal") else class_values(answers.classes, values)

    def alpha(patterns: Patterns) -> float:
        coincidences = _coincidences(patterns)
        frequent = coincidences.sum(axis=1)
        distance = _squared_distance(level, frequent, numbers)
        expected = float((np.outer(frequent, frequent) * distance).sum())
        if expected <= 0:
            return float("nan")
        return float(1 - (frequent.sum() - 1) * (coincidences * distance).sum() / expected)

    return with_interval(patterns_of(answers), alpha, resamples, seed)


def _coincidences(patterns: Patterns) -> Floats:
    """How often two answers to one item are c and k, each item weighing as many as it has answers; (classes × classes)."""
    share = patterns.items / (patterns.answers - 1)
    pairs = patterns.votes.T @ (patterns.votes * share[:, None])
    return np.asarray(pairs - np.diag(patterns.votes.T @ share))


def _squared_distance(level: Level, frequent: Floats, values: Floats | None) -> Floats:
    if values is None:
        if level == "nominal":
            return 1.0 - np.eye(len(frequent))
        middle = np.cumsum(frequent) - frequent / 2
        return np.asarray(np.subtract.outer(middle, middle) ** 2)
    apart = np.subtract.outer(values, values)
    if level == "interval":
        return np.asarray(apart**2)
    together = np.add.outer(values, values)
    return np.divide(apart, together, out=np.zeros_like(apart), where=together != 0) ** 2

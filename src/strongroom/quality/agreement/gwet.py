"""Gwet's AC1 and AC2: agreement beyond chance that doesn't fall apart where one class is far more frequent."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.agreement.agreement import RESAMPLES, Agreement, Patterns, patterns_of, with_interval
from strongroom.quality.agreement.class_values import class_values
from strongroom.quality.answers import Answers, Floats

Weights = Literal["linear", "quadratic"]


def gwet_ac1(answers: Answers, *, resamples: int = RESAMPLES, seed: int = 0) -> Agreement:
    """Gwet (2008), *Computing inter-rater reliability and its variance in the presence of high agreement*,
    Br. J. Math. Stat. Psychol. 61:29.

    −1 to 1. Show κ beside it: [[118, 5], [2, 0]] has an AC1 of .941 and a κ of −.023. The number of classes
    counts, those that nobody chose included.
    """
    return _coefficient(answers, np.eye(len(answers.classes)), resamples, seed)


def gwet_ac2(
    answers: Answers,
    weights: Weights = "quadratic",
    *,
    values: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """AC1 with partial credit for near misses: Gwet (2014), *Handbook of inter-rater reliability*, 4th ed.,
    ch. 3 and 4.

    `values` (classes; left out, the class names read as numbers) say how near: credit falls with the
    distance or its square, from 1 to 0 over the whole scale. Raises AnswersError where the names of classes
    are no numbers.
    """
    numbers = class_values(answers.classes, values)
    apart = np.abs(np.subtract.outer(numbers, numbers))
    apart /= apart.max() or 1.0
    return _coefficient(answers, 1 - (apart if weights == "linear" else apart**2), resamples, seed)


def _coefficient(answers: Answers, credit: Floats, resamples: int, seed: int) -> Agreement:
    classes = len(credit)

    def ac(patterns: Patterns) -> float:
        each, total = patterns.answers, patterns.items.sum()
        near = patterns.votes @ credit
        seen = (patterns.votes * (near - 1)).sum(axis=1) / (each * (each - 1))
        frequent = (patterns.votes / each[:, None]).T @ patterns.items / total
        spread = float((frequent * (1 - frequent)).sum())
        expected = credit.sum() * spread / (classes * (classes - 1)) if classes > 1 else 1.0
        return (
            float((seen @ patterns.items / total - expected) / (1 - expected))
            if expected < 1
            else float("nan")
        )

    return with_interval(patterns_of(answers), ac, resamples, seed)

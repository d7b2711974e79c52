"""How often each annotator is right, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.answers import Answers, Floats
from strongroom.quality.outcome import Consensus

PRIOR = 4.0
"""Pseudo-answers at the typical skill that everybody starts with."""


@dataclass(frozen=True, slots=True)
class Skill:
    """All (annotators). `estimate` is P(an answer is right), `low` and `high` the ends of its interval at `level`, `answers` what
    it rests on. Somebody without answers has the typical skill, and an interval that says that nothing is known.
    """

    estimate: Floats
    low: Floats
    high: Floats
    answers: NDArray[np.int64]
    level: float


def skills(answers: Answers, found: Consensus, level: float = 0.95) -> Skill:
    """The posterior of each annotator's skill: Beta, from expected numbers of right and wrong answers.

    An answer is right with the probability that the consensus gives its class, so where confidence is honest so is the skill. The
    answer itself is part of that consensus: with two or three answers an item, skills come out somewhat high.
    """
    right, total = right_answers(answers, found, answers.annotator, len(answers.annotators))
    return beta_interval(right, total, level)


def right_answers(
    answers: Answers, found: Consensus, group: NDArray[np.int32] | NDArray[np.int64], groups: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Expected right answers and all answers in each group of answers, (groups); `group` is (answers)."""
    chance = found.probabilities[answers.item, answers.label]
    right: Floats = np.bincount(group, chance, groups).astype(np.float64)
    return right, np.bincount(group, minlength=groups)


def beta_interval(right: Floats, total: NDArray[np.int64], level: float) -> Skill:
    """Shrunk to the share of right answers overall with PRIOR pseudo-answers."""
    from scipy.special import betaincinv

    typical = float(right.sum() / total.sum()) if total.sum() else 0.5
    a = right + PRIOR * min(max(typical, 0.05), 0.95)
    b = total + PRIOR - a
    low, high = (np.asarray(betaincinv(a, b, end), np.float64) for end in ((1 - level) / 2, (1 + level) / 2))
    return Skill(a / (a + b), low, high, total, level)

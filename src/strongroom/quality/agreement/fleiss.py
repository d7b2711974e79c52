"""Fleiss' κ: agreement beyond chance of several annotators who need not be the same for every item."""

from __future__ import annotations

import numpy as np

from strongroom.quality.agreement.agreement import RESAMPLES, Agreement, Patterns, patterns_of, with_interval
from strongroom.quality.agreement.percent import observed
from strongroom.quality.answers import Answers


def fleiss_kappa(answers: Answers, *, resamples: int = RESAMPLES, seed: int = 0) -> Agreement:
    """Fleiss (1971), *Measuring nominal scale agreement among many raters*, Psychol. Bull. 76:378; −1 to 1.

    Items with one answer don't count. Where items have different numbers of answers (Fleiss' have the
    same), each item counts the same in the agreement seen and each answer in that expected. Low where one
    class is far more frequent than the others.
    """
    return with_interval(patterns_of(answers), _kappa, resamples, seed)


def _kappa(patterns: Patterns) -> float:
    frequent = patterns.votes.T @ patterns.items
    expected = float(np.square(frequent / frequent.sum()).sum())
    return (observed(patterns) - expected) / (1 - expected) if expected < 1 else float("nan")

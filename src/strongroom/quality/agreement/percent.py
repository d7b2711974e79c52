"""Percent agreement: how often two answers to the same item are the same."""

from __future__ import annotations

from strongroom.quality.agreement.agreement import RESAMPLES, Agreement, Patterns, patterns_of, with_interval
from strongroom.quality.answers import Answers


def percent_agreement(answers: Answers, *, resamples: int = RESAMPLES, seed: int = 0) -> Agreement:
    """The mean, over items with two answers or more, of the share of pairs of answers that are equal; 0 to 1.

    Says nothing about chance: two annotators who always say the more frequent of two classes agree
    completely.
    """
    return with_interval(patterns_of(answers), observed, resamples, seed)


def observed(patterns: Patterns) -> float:
    """The share of equal pairs, each item counting the same."""
    each = patterns.answers
    equal = (patterns.votes * (patterns.votes - 1)).sum(axis=1) / (each * (each - 1))
    return float(equal @ patterns.items / patterns.items.sum())

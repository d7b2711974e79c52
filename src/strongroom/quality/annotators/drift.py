"""Whether annotators get better or worse as they go on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.annotators.skill import right_answers
from strongroom.quality.answers import Answers, Floats
from strongroom.quality.outcome import Consensus


@dataclass(frozen=True, slots=True)
class Drift:
    """`skill` (annotators × stretches): the share of right answers in each stretch of somebody's work, NaN where it is empty;
    `answers` (annotators × stretches). `change` (annotators) is the fitted rise from the first stretch to the last, in shares;
    `p_value` (annotators) the chance of one as large where nothing changes, two-sided. Somebody with less than two answers a
    stretch has a change and a p-value of NaN.
    """

    skill: Floats
    answers: NDArray[np.int64]
    change: Floats
    p_value: Floats


def drift(answers: Answers, found: Consensus, stretches: int = 4) -> Drift:
    """The Cochran–Armitage test for trend (Armitage 1955, Biometrics 11:375) over equal stretches of each annotator's answers.

    Rows must be in the order in which they were given. Many annotators are many tests: with a hundred of
    them five p-values lie below .05 by chance. Items that get harder look like annotators who get worse.
    """
    people = len(answers.annotators)
    order = np.argsort(answers.annotator, kind="stable")
    total = np.bincount(answers.annotator, minlength=people)
    first = np.concatenate([[0], np.cumsum(total)[:-1]])
    rank = np.empty(len(answers), dtype=np.int64)
    rank[order] = np.arange(len(answers)) - first[answers.annotator[order]]
    stretch = rank * stretches // np.maximum(total[answers.annotator], 1)
    group = answers.annotator.astype(np.int64) * stretches + stretch
    flat_right, flat_each = right_answers(answers, found, group, people * stretches)
    right, each = flat_right.reshape(people, stretches), flat_each.reshape(people, stretches)
    skill = np.divide(right, each, out=np.full(right.shape, np.nan), where=each > 0)
    change, p_value = _trend(right, each)
    few = total < 2 * stretches
    change[few] = np.nan
    p_value[few] = np.nan
    return Drift(skill, each, change, p_value)


def _trend(right: Floats, each: NDArray[np.int64]) -> tuple[Floats, Floats]:
    from scipy.special import ndtr

    total = np.maximum(each.sum(axis=1), 1)
    share = right.sum(axis=1) / total
    place = np.linspace(0.0, 1.0, each.shape[1])
    centre = (each @ place) / total
    spread = (each * (place - centre[:, None]) ** 2).sum(axis=1)
    slope = (right * (place - centre[:, None])).sum(axis=1) / np.maximum(spread, 1e-12)
    error = np.sqrt(share * (1 - share) / np.maximum(spread, 1e-12))
    z = np.divide(slope, error, out=np.zeros_like(slope), where=error > 1e-12)
    return slope, 2 * ndtr(-np.abs(z))

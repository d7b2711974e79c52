"""Is it there, and what is it? Votes on candidates that at least one annotator marked.

A candidate (a span, a matched object, a relation) is truly one of K labels, or nothing at all: somebody made it up. Each
annotator who saw the item either marked the candidate, with a label, or passed it over. That is Dawid and Skene's model with
"nothing" as one more class, on both sides: the confusion of an annotator holds how often they miss things, invent things and
mistake labels. Its rows are shrunk to what all annotators have in common, and that to a careful annotator, so that few answers
suffice.

Source: A. P. Dawid & A. M. Skene, Applied Statistics 28 (1979). Alternatives that exclude each other (two readings of the same
words) are normalised together instead of one by one, see `Normalise`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from strongroom.quality.answers import Floats

NOTHING = 0
"""The class of a candidate that isn't there, and the answer of an annotator who passed it over."""

SHRINKAGE = 10.0
"""How many candidates the common confusion is worth against an annotator's own."""

CAREFUL = 10.0
"""How many candidates the careful annotator is worth against what is common."""

MISSES, MISTAKES, INVENTS = 0.25, 0.1, 0.2
"""The careful annotator passes a quarter of what is there over, mislabels a tenth, and marks a fifth of what somebody made up."""

Positions = NDArray[np.int64]
Normalise = Callable[[Floats], Floats]
"""Log scores (candidates × 1 + K) to probabilities of the same shape whose rows sum to 1."""


@dataclass(frozen=True, slots=True)
class Votes:
    """One row a look: annotator `annotator[r]` saw candidate `candidate[r]` and said `said[r]` (0: nothing, else 1 + label).

    `possible` (candidates × 1 + K) is False where a candidate cannot be of a class at all; None where all are possible.
    `weight` (candidates): for how many equal candidates each stands; None for one.
    """

    candidates: int
    annotators: int
    labels: int
    candidate: Positions
    annotator: Positions
    said: Positions
    possible: NDArray[np.bool_] | None = None
    weight: Floats | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """`probabilities` (candidates × 1 + K), column 0 for nothing; `confusion` (annotators × said × true)."""

    probabilities: Floats
    confusion: Floats
    reliability: Floats


def softmax(scores: Floats) -> Floats:
    """Each candidate by itself."""
    shifted: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def presence(
    votes: Votes, normalise: Normalise = softmax, *, tolerance: float = 1e-5, iterations: int = 60
) -> Presence:
    """Expectation–maximisation from the shares of votes; it ends when no probability moves by more than `tolerance`.

    Reliability is the expected F1 of an annotator's marks against the truth, over the candidates that they saw: twice what they
    marked rightly over what they marked and what there was. Who marked nothing where nothing was is at 1.
    """
    classes = 1 + votes.labels
    looks = csr_array(
        (np.ones(len(votes.said)), (votes.candidate, votes.annotator * classes + votes.said)),
        shape=(votes.candidates, votes.annotators * classes),
    )
    impossible = np.zeros((votes.candidates, classes))
    if votes.possible is not None:
        impossible[~votes.possible] = -np.inf
    weight = np.ones(votes.candidates) if votes.weight is None else votes.weight
    posterior = _shares(votes, classes)
    careful = _careful(votes.labels)
    confusion = np.empty((votes.annotators, classes, classes))
    for _ in range(iterations):
        counts = np.asarray(looks.T @ (posterior * weight[:, None])).reshape(confusion.shape)
        common = counts.sum(axis=0) + CAREFUL * careful
        common /= common.sum(axis=0)
        confusion = counts + SHRINKAGE * common
        confusion /= confusion.sum(axis=1, keepdims=True)
        prior = weight @ posterior + 1.0
        scores = looks @ np.log(confusion).reshape(-1, classes) + np.log(prior / prior.sum())
        before, posterior = posterior, normalise(scores + impossible)
        if np.abs(posterior - before).max(initial=0.0) < tolerance:
            break
    return Presence(posterior, confusion, _expected_f1(votes, posterior, weight))


def _shares(votes: Votes, classes: int) -> Floats:
    places = votes.candidate * classes + votes.said
    counts = np.bincount(places, minlength=votes.candidates * classes).astype(np.float64)
    shares = counts.reshape(votes.candidates, classes)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0))


def _careful(labels: int) -> Floats:
    """(said × true), columns sum to 1."""
    mistakes = MISTAKES if labels > 1 else 0.0
    table = np.full((1 + labels, 1 + labels), mistakes / max(labels - 1, 1))
    np.fill_diagonal(table, 1.0 - MISSES - mistakes)
    table[NOTHING, :] = MISSES
    table[:, NOTHING] = INVENTS / labels
    table[NOTHING, NOTHING] = 1.0 - INVENTS
    return np.asarray(np.maximum(table, 1e-3))


def _expected_f1(votes: Votes, posterior: Floats, weight: Floats) -> Floats:
    marked = votes.said != NOTHING

    def total(figures: Floats) -> Floats:
        sums = np.bincount(votes.annotator, figures * weight[votes.candidate], minlength=votes.annotators)
        return sums.astype(np.float64)

    right = total(np.where(marked, posterior[votes.candidate, votes.said], 0.0))
    there = total(1.0 - posterior[votes.candidate, NOTHING])
    both = total(marked.astype(np.float64)) + there
    return np.where(both > 0, 2 * right / np.where(both > 0, both, 1.0), 1.0)

"""Masks: an image labelled pixel by pixel.

STAPLE (Warfield, Zou & Wells, IEEE TMI 23, 2004): the true label of a pixel and each annotator's confusion of labels are found
from each other by expectation–maximisation. Pixels that the same annotators labelled alike are one candidate with their number as
weight, so an image costs a sort and no more. Annotators keep their confusion over all images.

Background that nobody marked says little and is most of an image: of an image's unanimous background at most as many pixels
count as anybody marked there, so that specificity doesn't depend on how an image is cropped. Pixels are taken one by one, while
errors come in patches: the confidence of disputed pixels is too high (by .13 in the benchmark).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer, Gathered, Outcome, gather
from strongroom.quality.kinds.presence import Votes, presence

Mask = NDArray[np.integer[Any]]
"""(rows × columns): 0 is background, 1 … K are labels; booleans are taken as 0 and 1."""

LARGEST_LABEL = 255
"""A confusion has as many rows as there are labels."""


@dataclass(frozen=True, slots=True)
class Masks(Outcome[Mask]):
    """`confidence` holds the probability of each pixel's label, (rows × columns) of each item.

    Reliability is the expected F1 (for one label: Dice) of an annotator's marked pixels.
    """

    confidence: Mapping[Hashable, Floats]


def fit(answers: Iterable[Answer[Mask]]) -> Masks:
    """The label map of each item.

    Raises AnswersError for masks of one item that differ in shape, and for values that are no labels.
    """
    gathered = gather(answers)
    if not gathered.by_item:
        return Masks({}, {}, {})
    patterns = {item: _patterns(given) for item, given in gathered.by_item.items()}
    labels = max(1, max(int(p.said.max(initial=0)) for p in patterns.values()))
    judged = presence(_votes(gathered, patterns, labels))
    consensus: dict[Hashable, Mask] = {}
    confidence: dict[Hashable, Floats] = {}
    first = 0
    for item, pattern in patterns.items():
        last = first + pattern.said.shape[1]
        probabilities = judged.probabilities[first:last]
        consensus[item] = probabilities.argmax(axis=1)[pattern.place]
        confidence[item] = probabilities.max(axis=1)[pattern.place]
        first = last
    return Masks(consensus, gathered.named(judged.reliability), confidence)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`said` (annotators × patterns), `weight` (patterns), and which pattern each pixel has, `place` (rows × columns)."""

    said: NDArray[np.int64]
    weight: Floats
    place: NDArray[np.int64]


def _patterns(given: Mapping[int, Mask]) -> _Patterns:
    masks = [np.asarray(mask) for mask in given.values()]
    if len({mask.shape for mask in masks}) > 1 or masks[0].ndim != 2:
        raise AnswersError("The masks of an item must be two-dimensional and of one shape.")
    for mask in masks:
        if mask.dtype.kind not in "biu" or (mask.size and not 0 <= mask.min() <= mask.max() <= LARGEST_LABEL):
            raise AnswersError(f"A mask holds integers from 0 to {LARGEST_LABEL}, or booleans.")
    pixels = np.stack([mask.ravel() for mask in masks]).astype(np.int64)
    code = np.zeros(pixels.shape[1], dtype=np.int64)
    for row in pixels:
        _, code = np.unique(code * (LARGEST_LABEL + 1) + row, return_inverse=True)
    _, where, place, count = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    said = pixels[:, where]
    background = ~said.any(axis=0)
    weight = count.astype(np.float64)
    weight[background] = np.minimum(weight[background], weight[~background].sum())
    return _Patterns(said, weight, place.reshape(masks[0].shape))


def _votes(gathered: Gathered[Mask], patterns: Mapping[Hashable, _Patterns], labels: int) -> Votes:
    candidate, annotator, first = [], [], 0
    for item, pattern in patterns.items():
        looked, seen = pattern.said.shape
        candidate.append(np.tile(np.arange(first, first + seen), looked))
        annotator.append(np.repeat(list(gathered.by_item[item]), seen))
        first += seen
    return Votes(
        candidates=first,
        annotators=len(gathered.annotators),
        labels=labels,
        candidate=np.concatenate(candidate),
        annotator=np.concatenate(annotator),
        said=np.concatenate([pattern.said.ravel() for pattern in patterns.values()]),
        weight=np.concatenate([pattern.weight for pattern in patterns.values()]),
    )

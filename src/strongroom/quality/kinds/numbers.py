"""Numbers: measurements and ratings on a scale, by annotators who lean to one side and are more or less exact.

The truth of an item is the mean of its numbers, each annotator's bias taken off, weighted by the annotator's precision, with
outliers discounted (see `strongroom.quality.kinds.location`). It stays between the least and the greatest number given.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer, Gathered, Outcome, gather
from strongroom.quality.kinds.location import Readings, locate


@dataclass(frozen=True, slots=True)
class Numbers(Outcome[float]):
    """`standard_error` (an item), `bias` and `spread` (an annotator) are in the unit of the numbers.

    Reliability is the share of truth in the variance of an annotator's numbers: the variance of the truths over itself and the
    square of the annotator's spread. Where no two items differ it says nothing, and is 1 for whoever made no error and else 0.
    """

    standard_error: Mapping[Hashable, float]
    bias: Mapping[Hashable, float]
    spread: Mapping[Hashable, float]


def fit(answers: Iterable[Answer[float]], *, with_bias: bool = True) -> Numbers:
    """The consensus on each item. Biases are against the crowd: an error that all make alike cannot be seen.

    Raises AnswersError for a number that is not finite.
    """
    gathered = gather(answers)
    items = list(gathered.by_item)
    if not items:
        return Numbers({}, {}, {}, {}, {})
    readings, unit = _readings(gathered)
    located = locate(readings, with_bias=with_bias)
    truth = located.truth[:, 0]
    noise = (located.spread * unit) ** 2
    return Numbers(
        consensus=dict(zip(items, map(float, truth), strict=True)),
        reliability=gathered.named(_share_of_truth(float(truth.var()), noise)),
        standard_error=dict(zip(items, map(float, located.standard_error[:, 0]), strict=True)),
        bias=gathered.named(located.bias[:, 0] * unit),
        spread=gathered.named(located.spread * unit),
    )


def _readings(gathered: Gathered[float]) -> tuple[Readings, float]:
    place = {item: position for position, item in enumerate(gathered.by_item)}
    rows = [(place[item], annotator, float(value)) for item, annotator, value in gathered.values()]
    values = np.array([[value] for _, _, value in rows])
    if not np.isfinite(values).all():
        raise AnswersError("A number is not finite.")
    unit = float(values.std()) or 1.0
    readings = Readings(
        things=len(place),
        annotators=len(gathered.annotators),
        thing=np.array([item for item, _, _ in rows]),
        annotator=np.array([annotator for _, annotator, _ in rows]),
        value=values,
        scale=np.full((len(place), 1), unit),
        believed=np.ones(len(place)),
    )
    return readings, unit


def _share_of_truth(signal: float, noise: Floats) -> Floats:
    noise = np.where(noise > 1e-9 * (signal + noise.min(initial=0.0)) + 1e-18, noise, 0.0)
    return np.where(signal + noise > 0, signal / np.where(signal + noise > 0, signal + noise, 1.0), 1.0)

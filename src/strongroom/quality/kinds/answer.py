"""What every kind takes and gives: answers of annotators in, an answer of the same shape and how far to trust it out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from strongroom.quality.answers import in_order

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What one annotator said about one item; `value` is of the kind's own shape.

    An empty value (no spans, no boxes) says that the annotator looked and found nothing. Who did not look has no answer.
    """

    item: Hashable
    annotator: Hashable
    value: T


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What `fit` of every kind gives.

    consensus    item → the answer that the crowd's answers speak for; of the shape that an answer has
    reliability  annotator → 0 to 1; what it measures is said by the kind
    """

    consensus: Mapping[Hashable, T]
    reliability: Mapping[Hashable, float]


@dataclass(frozen=True, slots=True)
class Gathered(Generic[T]):
    """Answers item by item. Annotators are numbered in the order of their names, so that the order of rows means nothing."""

    annotators: tuple[Hashable, ...]
    by_item: Mapping[Hashable, Mapping[int, T]]

    def values(self) -> Iterable[tuple[Hashable, int, T]]:
        """(item, annotator's number, value), each answer once."""
        return (
            (item, annotator, value)
            for item, given in self.by_item.items()
            for annotator, value in given.items()
        )

    def named(self, figures: Iterable[float]) -> dict[Hashable, float]:
        """One figure an annotator, by name."""
        return dict(zip(self.annotators, map(float, figures), strict=True))


def gather(answers: Iterable[Answer[T]]) -> Gathered[T]:
    """Answers by item. Of an annotator's several answers to an item the first counts, as everywhere in this library."""
    listed = list(answers)
    annotators = tuple(in_order({answer.annotator for answer in listed}))
    number = {name: position for position, name in enumerate(annotators)}
    by_item: dict[Hashable, dict[int, T]] = {}
    for answer in listed:
        by_item.setdefault(answer.item, {}).setdefault(number[answer.annotator], answer.value)
    return Gathered(annotators, {item: dict(sorted(given.items())) for item, given in by_item.items()})

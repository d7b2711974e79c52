"""Boxes along the axes of an image.

A coordinate's unit of error is a tenth of the box's own width (left, right) or height (top, bottom): the same slip of the hand is
a greater error on a small box. Each annotator has a bias for each side (who draws loosely does so on all sides) and a precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer
from strongroom.quality.kinds.location import locate
from strongroom.quality.kinds.objects import Group, Objects, fit_objects, readings

LEAST_SIDE = 1e-9
"""So that a box without width has a unit of error."""


@dataclass(frozen=True, slots=True)
class Box:
    """Coordinates in one unit of length for all boxes (pixels, or shares of the image), left < right and top < bottom."""

    left: float
    top: float
    right: float
    bottom: float
    label: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite([self.left, self.top, self.right, self.bottom]).all():
            raise AnswersError("A box has a coordinate that is not finite.")
        if not (self.left < self.right and self.top < self.bottom):
            raise AnswersError("A box has no area: left must be below right and top below bottom.")

    @property
    def sides(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right, self.bottom


def fit(answers: Iterable[Answer[tuple[Box, ...]]], *, least_likeness: float = 0.4) -> Objects[Box]:
    """The objects that the annotators' boxes speak for; see `strongroom.quality.kinds.objects`.

    `least_likeness` is the intersection over union from which two boxes may be of one object.
    """
    return fit_objects(answers, _Boxes(), least_likeness=least_likeness)


def likeness(some: Sequence[Box], others: Sequence[Box]) -> Floats:
    """Intersection over union, (some × others)."""
    a, b = _sides(some)[:, None], _sides(others)[None]
    shared = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    intersection = np.maximum(shared, 0.0).prod(axis=-1)
    union = _area(a) + _area(b) - intersection
    return np.asarray(intersection / np.maximum(union, LEAST_SIDE**2))


class _Boxes:
    def order(self, shape: Box) -> tuple[float, ...]:
        return shape.sides

    def likeness(self, some: Sequence[Box], others: Sequence[Box]) -> Floats:
        return likeness(some, others)

    def settle(self, groups: Sequence[Group[Box]], annotators: int) -> list[Box]:
        if not groups:
            return []
        middles = np.stack([np.median(_sides(list(group.marks.values())), axis=0) for group in groups])
        size = np.maximum(middles[:, 2:] - middles[:, :2], LEAST_SIDE)
        sides = [{who: np.array(box.sides) for who, box in group.marks.items()} for group in groups]
        located = locate(readings(groups, annotators, sides, np.tile(size / 10, 2)))
        return [_box(sides, group) for sides, group in zip(located.truth, groups, strict=True)]


def _box(sides: Floats, group: Group[Box]) -> Box:
    left, top, right, bottom = map(float, sides)
    return Box(left, top, right, bottom, next(iter(group.marks.values())).label)


def _sides(boxes: Sequence[Box]) -> Floats:
    return np.array([box.sides for box in boxes], dtype=np.float64).reshape(-1, 4)


def _area(sides: Floats) -> Floats:
    area: Floats = (sides[..., 2:] - sides[..., :2]).prod(axis=-1)
    return area

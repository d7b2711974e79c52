"""Boxes turned by an angle.

The same rectangle can be written in several ways: turned by half a turn, or by a quarter with width and height exchanged. Before
shapes are settled, each is rewritten to lie within an eighth of a turn of the group's middle shape; from there angles are
ordinary numbers, and one box at 179° and one at 1° agree to two degrees. An angle's unit of error is what moves the end of the
longer side as far as a tenth of the box.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, isfinite, pi, sin, sqrt

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer
from strongroom.quality.kinds.location import locate
from strongroom.quality.kinds.objects import Group, Objects, fit_objects, readings

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OrientedBox:
    """Centre and sides in one unit of length; `angle` in radians, from the x axis to the side called width, any number."""

    x: float
    y: float
    width: float
    height: float
    angle: float
    label: str = ""

    def __post_init__(self) -> None:
        if not all(map(isfinite, self.figures)):
            raise AnswersError("An oriented box has a number that is not finite.")
        if not (self.width > 0 and self.height > 0):
            raise AnswersError("An oriented box has no area: width and height must be above 0.")

    @property
    def figures(self) -> tuple[float, float, float, float, float]:
        return self.x, self.y, self.width, self.height, self.angle

    @property
    def corners(self) -> list[Point]:
        """Four points, in the direction in which the angle grows."""
        along = cos(self.angle) * self.width / 2, sin(self.angle) * self.width / 2
        across = -sin(self.angle) * self.height / 2, cos(self.angle) * self.height / 2
        return [
            (self.x + a * along[0] + b * across[0], self.y + a * along[1] + b * across[1])
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]


def fit(
    answers: Iterable[Answer[tuple[OrientedBox, ...]]], *, least_likeness: float = 0.4
) -> Objects[OrientedBox]:
    """The objects that the annotators' boxes speak for; see `strongroom.quality.kinds.objects`.

    `least_likeness` is the intersection over union from which two boxes may be of one object.
    """
    return fit_objects(answers, _OrientedBoxes(), least_likeness=least_likeness)


def likeness(some: Sequence[OrientedBox], others: Sequence[OrientedBox]) -> Floats:
    """Intersection over union, (some × others), exact."""
    alike = np.zeros((len(some), len(others)))
    for row, a in enumerate(some):
        for column, b in enumerate(others):
            alike[row, column] = _intersection_over_union(a, b)
    return alike


class _OrientedBoxes:
    def order(self, shape: OrientedBox) -> tuple[float, ...]:
        return shape.figures

    def likeness(self, some: Sequence[OrientedBox], others: Sequence[OrientedBox]) -> Floats:
        return likeness(some, others)

    def settle(self, groups: Sequence[Group[OrientedBox]], annotators: int) -> list[OrientedBox]:
        if not groups:
            return []
        middles = [_middle(list(group.marks.values())) for group in groups]
        figures = [
            {who: np.array(_seen_from(box, middle).figures) for who, box in group.marks.items()}
            for group, middle in zip(groups, middles, strict=True)
        ]
        located = locate(readings(groups, annotators, figures, np.array([_units(box) for box in middles])))
        return [
            OrientedBox(x, y, width, height, angle, middle.label)
            for (x, y, width, height, angle), middle in zip(located.truth.tolist(), middles, strict=True)
        ]


def _middle(boxes: Sequence[OrientedBox]) -> OrientedBox:
    """The box that is most like the others; of equals the first in order."""
    ordered = sorted(boxes, key=lambda box: box.figures)
    total = likeness(ordered, ordered).sum(axis=1)
    return ordered[int(np.flatnonzero(total >= total.max() - 1e-9)[0])]


def _seen_from(box: OrientedBox, middle: OrientedBox) -> OrientedBox:
    """The same rectangle, its angle within an eighth of a turn of the middle's."""
    quarters = round((middle.angle - box.angle) / (pi / 2))
    if quarters == 0:
        return box
    width, height = (box.height, box.width) if quarters % 2 else (box.width, box.height)
    return OrientedBox(box.x, box.y, width, height, box.angle + quarters * pi / 2, box.label)


def _units(box: OrientedBox) -> tuple[float, float, float, float, float]:
    size = sqrt(box.width * box.height)
    return size / 10, size / 10, box.width / 10, box.height / 10, size / 5 / max(box.width, box.height)


def _intersection_over_union(a: OrientedBox, b: OrientedBox) -> float:
    reach = hypot(a.width, a.height) / 2 + hypot(b.width, b.height) / 2
    if hypot(a.x - b.x, a.y - b.y) >= reach:
        return 0.0
    shared = _area(_clipped(a.corners, b.corners))
    return shared / (a.width * a.height + b.width * b.height - shared)


def _clipped(subject: list[Point], window: list[Point]) -> list[Point]:
    """The part of one convex polygon inside another (Sutherland & Hodgman, CACM 17, 1974)."""
    for (x0, y0), (x1, y1) in zip(window, window[1:] + window[:1], strict=True):
        depth = [(x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) for x, y in subject]
        kept: list[Point] = []
        for here, point in enumerate(subject):
            before, previous = depth[here - 1], subject[here - 1]
            if (depth[here] >= 0) != (before >= 0):
                part = before / (before - depth[here])
                kept.append(
                    (
                        previous[0] + part * (point[0] - previous[0]),
                        previous[1] + part * (point[1] - previous[1]),
                    )
                )
            if depth[here] >= 0:
                kept.append(point)
        subject = kept
    return subject


def _area(ring: list[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2

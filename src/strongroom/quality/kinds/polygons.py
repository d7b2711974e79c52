"""Polygons: outlines of objects.

The consensus of a group is where the weighted majority of its annotators drew the object: a vote at each point of the plane,
taken on a raster of 64 cells along the longer side. What is voted on is the signed distance to each outline (below zero inside),
whose weighted median is below zero exactly where more than half of the weight is inside. As distances are continuous, the contour
comes out much finer than the raster; it is then freed of points that move it by less than a quarter of a cell. Of a majority
region in several parts the largest is kept. Averages of distances are due to Rohlfing & Maurer (IEEE TITB 11, 2007).

An annotator's weight is one over the mean share of disagreement (1 − intersection over union) between their outlines and the
majority's, shrunk to what is common. An outline that all draw alike, or that only one annotator drew, is kept point for point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer
from strongroom.quality.kinds.contour import rings
from strongroom.quality.kinds.objects import Group, Objects, fit_objects

CELLS = 64
"""Cells of the raster along the longer side of a group."""

PAIR_CELLS = 40
"""Cells along the longer side of two outlines whose likeness is measured."""

ROUNDS = 3
"""How often votes and weights are found from each other."""

SHRINKAGE = 4.0
"""How many outlines the common disagreement is worth against an annotator's own."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A ring without holes: points (x, y) in one unit of length, in either direction, the first not repeated at the end.

    A ring that crosses itself is inside where a ray crosses it an odd number of times.
    """

    points: tuple[tuple[float, float], ...]
    label: str = ""

    def __post_init__(self) -> None:
        if len(self.points) < 3 or not np.isfinite(self.points).all():
            raise AnswersError("A polygon needs at least three points, all of them finite.")
        if not float(np.ptp(self.corners, axis=0).min()) > 0:
            raise AnswersError("A polygon has no area.")

    @property
    def corners(self) -> Floats:
        """(points × 2)."""
        return np.array(self.points, dtype=np.float64)

    @property
    def ring(self) -> tuple[tuple[float, float], ...]:
        """The same points from the least one on, in the direction of its lesser neighbour: equal for equal outlines."""
        least = self.points.index(min(self.points))
        forward = self.points[least:] + self.points[:least]
        return min(forward, forward[:1] + forward[:0:-1])


def fit(answers: Iterable[Answer[tuple[Polygon, ...]]], *, least_likeness: float = 0.4) -> Objects[Polygon]:
    """The objects that the annotators' outlines speak for; see `strongroom.quality.kinds.objects`.

    `least_likeness` is the intersection over union from which two outlines may be of one object.
    """
    return fit_objects(answers, _Polygons(), least_likeness=least_likeness)


def likeness(some: Sequence[Polygon], others: Sequence[Polygon]) -> Floats:
    """Intersection over union, (some × others), on a raster of 40 cells along the longer side of each two."""
    alike = np.zeros((len(some), len(others)))
    boxes, more = [_box([p]) for p in some], [_box([p]) for p in others]
    for row, a in enumerate(some):
        for column, b in enumerate(others):
            apart = (boxes[row][0] >= more[column][1]) | (more[column][0] >= boxes[row][1])
            if not apart.any():
                grid = _grid([a, b], PAIR_CELLS)
                alike[row, column] = _overlap(_inside(a, grid), _inside(b, grid))
    return alike


class _Polygons:
    def order(self, shape: Polygon) -> tuple[float, ...]:
        return tuple(coordinate for point in shape.ring for coordinate in point)

    def likeness(self, some: Sequence[Polygon], others: Sequence[Polygon]) -> Floats:
        return likeness(some, others)

    def settle(self, groups: Sequence[Group[Polygon]], annotators: int) -> list[Polygon]:
        ballots = [None if _agreed(group.marks) else _ballot(group.marks) for group in groups]
        weight = np.ones(annotators)
        for _ in range(ROUNDS):
            weight = _weights(ballots, groups, weight)
        return [
            _first(group.marks) if ballot is None else ballot.majority(weight, _first(group.marks))
            for group, ballot in zip(groups, ballots, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Grid:
    """`x` and `y` of the raster's points."""

    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class _Ballot:
    """Signed distances of a group's outlines on its raster, (marks × rows × columns), by annotator."""

    grid: _Grid
    annotators: NDArray[np.int64]
    distances: Floats

    def field(self, weight: Floats) -> Floats:
        """The weighted median of the distances at each point; in the middle of two where the weights are even."""
        order = self.distances.argsort(axis=0)
        ordered = np.take_along_axis(self.distances, order, axis=0)
        heard = weight[self.annotators][order].cumsum(axis=0) / weight[self.annotators].sum()
        lower = np.take_along_axis(ordered, (heard >= 0.5 - 1e-9).argmax(axis=0)[None], axis=0)[0]
        upper = np.take_along_axis(ordered, (heard > 0.5 + 1e-9).argmax(axis=0)[None], axis=0)[0]
        return np.asarray((lower + upper) / 2)

    def majority(self, weight: Floats, otherwise: Polygon) -> Polygon:
        """The largest ring of the majority; `otherwise` where outlines share no point of the raster."""
        outlines = rings(self.grid.x, self.grid.y, self.field(weight))
        if not outlines:
            return otherwise
        return Polygon(tuple((float(x), float(y)) for x, y in outlines[0]), otherwise.label)


def _first(marks: Mapping[int, Polygon]) -> Polygon:
    return min(marks.values(), key=lambda polygon: polygon.ring)


def _agreed(marks: Mapping[int, Polygon]) -> bool:
    return len({polygon.ring for polygon in marks.values()}) == 1


def _ballot(marks: Mapping[int, Polygon]) -> _Ballot:
    grid = _grid(list(marks.values()), CELLS)
    distances = np.stack([_signed_distance(polygon, grid) for polygon in marks.values()])
    return _Ballot(grid, np.array(list(marks)), distances)


def _weights(ballots: Sequence[_Ballot | None], groups: Sequence[Group[Polygon]], weight: Floats) -> Floats:
    """One over each annotator's mean disagreement with the majority, groups counting by their existence."""
    off, looks = np.zeros(len(weight)), np.zeros(len(weight))
    for ballot, group in zip(ballots, groups, strict=True):
        if ballot is None:
            continue
        majority = ballot.field(weight) < 0
        for who, distance in zip(ballot.annotators, ballot.distances, strict=True):
            off[who] += group.existence * (1.0 - _overlap(distance < 0, majority))
            looks[who] += group.existence
    if not off.sum() > 0:
        return weight
    common = off.sum() / looks.sum()
    return np.asarray((looks + SHRINKAGE) / (off + SHRINKAGE * common))


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 0.0


def _box(polygons: Sequence[Polygon]) -> tuple[Floats, Floats]:
    corners = np.concatenate([polygon.corners for polygon in polygons])
    return corners.min(axis=0), corners.max(axis=0)


def _grid(polygons: Sequence[Polygon], cells: int) -> _Grid:
    """Points in the middle of cells, one cell of margin on each side."""
    low, high = _box(polygons)
    step = float((high - low).max()) / cells
    x, y = (np.arange(low[k] - step / 2, high[k] + 1.5 * step, step) for k in (0, 1))
    return _Grid(x, y)


def _inside(polygon: Polygon, grid: _Grid) -> NDArray[np.bool_]:
    """(rows × columns): an odd number of crossings to the right."""
    start = polygon.corners
    end = np.roll(start, -1, axis=0)
    crosses = (start[:, 1] > grid.y[:, None]) != (end[:, 1] > grid.y[:, None])
    rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    at = start[:, 0] + (grid.y[:, None] - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    right = crosses[:, None, :] & (at[:, None, :] > grid.x[None, :, None])
    return np.asarray(right.sum(axis=2) % 2 == 1)


def _signed_distance(polygon: Polygon, grid: _Grid) -> Floats:
    """To the outline, in the unit of the points; below zero inside."""
    px, py = np.meshgrid(grid.x, grid.y)
    nearest = np.full(px.shape, np.inf)
    corners = polygon.corners
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        along = np.clip(((px - x0) * dx + (py - y0) * dy) / length, 0.0, 1.0) if length > 0 else 0.0
        np.minimum(nearest, (px - x0 - along * dx) ** 2 + (py - y0 - along * dy) ** 2, out=nearest)
    return np.asarray(np.where(_inside(polygon, grid), -1.0, 1.0) * np.sqrt(nearest))

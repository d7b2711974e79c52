"""The outlines of the region where a field on a raster is below zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.answers import Floats

Edge = tuple[int, int, int]
"""An edge of the raster between two neighbouring points: row, column, and 0 to the right or 1 downwards."""

SIDES = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}
"""Which sides of a cell the outline joins, by which of its corners are inside (1, 2, 4, 8: clockwise from the upper left).
Sides count clockwise from the upper one; the region lies to the same hand all along."""


def rings(x: Floats, y: Floats, field: Floats, *, tolerance: float = 0.25) -> list[Floats]:
    """Closed rings of points (points × 2), the one around the largest area first; rings around holes are left out.

    Marching squares: between neighbouring points of the raster the field is taken as linear. Points that move an outline by less
    than `tolerance` cells are left out (Douglas & Peucker, 1973). The border of the raster must be outside.
    """
    inside = field < 0
    step = abs(float(x[1] - x[0]))
    traced = [_placed(ring, x, y, field) for ring in _traced(inside, field)]
    areas = [_area(ring) for ring in traced]
    solid = sorted((-area, k) for k, area in enumerate(areas) if area > 0)
    kept = [_simplified(traced[k], tolerance * step) for _, k in solid]
    return [ring for ring in kept if len(ring) >= 3]


def _traced(inside: NDArray[np.bool_], field: Floats) -> list[list[Edge]]:
    corner = inside[:-1, :-1] + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1]
    following: dict[Edge, Edge] = {}
    for row, column in np.argwhere((corner > 0) & (corner < 15)).tolist():
        edges: list[Edge] = [(row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1)]
        kind = int(corner[row, column])
        for one, other in SIDES.get(kind) or _saddle(kind, field[row : row + 2, column : column + 2]):
            following[edges[one]] = edges[other]
    found: list[list[Edge]] = []
    while following:
        start = next(iter(following))
        ring, here = [start], following.pop(start)
        while here != start:
            ring.append(here)
            here = following.pop(here)
        found.append(ring)
    return found


def _saddle(kind: int, cell: Floats) -> tuple[tuple[int, int], ...]:
    """Two opposite corners are inside; they are joined where the middle of the cell is inside too."""
    joined = float(cell.mean()) < 0
    if kind == 5:
        return ((1, 0), (3, 2)) if joined else ((3, 0), (1, 2))
    return ((0, 3), (2, 1)) if joined else ((0, 1), (2, 3))


def _placed(ring: list[Edge], x: Floats, y: Floats, field: Floats) -> Floats:
    row, column, down = np.array(ring).T
    here, there = field[row, column], field[row + down, column + 1 - down]
    part = here / (here - there)
    at_x = x[column] + part * (1 - down) * (x[1] - x[0])
    at_y = y[row] + part * down * (y[1] - y[0])
    return np.column_stack([at_x, at_y])


def _area(ring: Floats) -> float:
    """Above zero where the ring goes around the region, below where it goes around a hole."""
    following = np.roll(ring, -1, axis=0)
    return float((following[:, 0] * ring[:, 1] - ring[:, 0] * following[:, 1]).sum()) / 2


def _simplified(ring: Floats, tolerance: float) -> Floats:
    far = int(((ring - ring[0]) ** 2).sum(axis=1).argmax())
    closed = np.concatenate([ring, ring[:1]])
    kept = np.zeros(len(closed), dtype=bool)
    kept[[0, far, len(ring)]] = True
    stretches = [(0, far), (far, len(ring))]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        between = closed[first + 1 : last] - closed[first]
        chord = closed[last] - closed[first]
        length = float(np.hypot(*chord))
        across = np.abs(between[:, 0] * chord[1] - between[:, 1] * chord[0])
        away = across / length if length > 0 else np.hypot(between[:, 0], between[:, 1])
        if away.max() > tolerance:
            middle = first + 1 + int(away.argmax())
            kept[middle] = True
            stretches += [(first, middle), (middle, last)]
    return closed[:-1][kept[:-1]]

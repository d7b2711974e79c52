"""Which marks of different annotators mean the same object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from strongroom.quality.answers import Floats


def clusters(owner: Sequence[int], likeness: Floats, least: float) -> list[list[int]]:
    """Groups of marks, as positions, that are alike; never two marks of one owner in a group.

    Average linkage: the two groups that are most alike on average become one, while they are alike by `least` and share no
    owner. `likeness` is symmetric, (marks × marks). Of equally good pairs the first is taken, so marks must come in an order
    that says nothing about who made them.
    """
    count = len(owner)
    if not count:
        return []
    near = csr_array((likeness >= least).astype(np.int8))
    _, component = connected_components(near, directed=False)
    groups: list[list[int]] = []
    for number in range(component.max() + 1):
        marks = np.flatnonzero(component == number)
        groups.extend(
            [int(marks[position]) for position in group]
            for group in _agglomerated(
                [owner[int(mark)] for mark in marks], likeness[np.ix_(marks, marks)], least
            )
        )
    return sorted(groups)


def pairs(likeness: Floats, least: float) -> list[tuple[int, int]]:
    """The one-to-one matching of rows with columns of the greatest total likeness; pairs below `least` are not pairs."""
    worth: NDArray[np.float64] = np.where(likeness >= least, likeness, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if likeness[r, c] >= least]


def _agglomerated(owner: Sequence[int], likeness: Floats, least: float) -> list[list[int]]:
    groups = [[position] for position in range(len(owner))]
    owners = [{who} for who in owner]
    mean = likeness.astype(np.float64, copy=True)
    for a in range(len(owner)):
        for b in range(len(owner)):
            if owners[a] & owners[b]:
                mean[a, b] = -1.0
    while True:
        a, b = divmod(int(mean.argmax()), len(mean))
        if mean[a, b] < least:
            return [sorted(group) for group in groups if group]
        sizes = len(groups[a]), len(groups[b])
        mean[a] = (sizes[0] * mean[a] + sizes[1] * mean[b]) / sum(sizes)
        groups[a] += groups[b]
        owners[a] |= owners[b]
        groups[b], owners[b] = [], set()
        mean[b] = -1.0
        for other, theirs in enumerate(owners):
            if not groups[other] or theirs & owners[a]:
                mean[a, other] = -1.0
        mean[:, a], mean[:, b] = mean[a], -1.0

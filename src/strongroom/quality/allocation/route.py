"""Who should answer what: hard items to whoever tells these classes apart best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.allocation.state import State

NOBODY = -1


def route(
    state: State, items: ArrayLike, annotators: ArrayLike, each: int | Sequence[int]
) -> NDArray[np.int64]:
    """An annotator for each item, (items), NOBODY where nobody is left who hasn't answered it.

    `items` are positions, most urgent first (as `next_items` gives them); `annotators` are the positions of who is there, `each`
    how many items one of them may get. Item after item, the one gets it who most probably answers rightly, by their confusion and
    what is known about the item. Nobody gets an item twice. People learn and items vary: leave a share of the
    queue to chance, or the skills of those who get nothing are never learnt.
    """
    wanted = np.asarray(items, dtype=np.int64)
    there = np.asarray(annotators, dtype=np.int64)
    room = np.broadcast_to(np.asarray(each, dtype=np.int64), there.shape).copy()
    right = state.found.confusion.diagonal(axis1=1, axis2=2)[there]
    chances = state.found.probabilities[wanted] @ right.T
    rows = state.answers.rows
    column = {int(annotator): place for place, annotator in enumerate(there)}
    chosen = np.full(len(wanted), NOBODY, dtype=np.int64)
    for place, item in enumerate(wanted):
        free = room > 0
        for annotator in rows.annotator[rows.start[item] : rows.start[item + 1]]:
            if int(annotator) in column:
                free[column[int(annotator)]] = False
        if free.any():
            best = int(np.where(free, chances[place], -1.0).argmax())
            chosen[place] = there[best]
            room[best] -= 1
    return chosen

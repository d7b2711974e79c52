"""Budgeted allocation: the next judgements go where they are expected to set most right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.allocation.gain import expected_gain
from strongroom.quality.allocation.state import State
from strongroom.quality.answers import Floats


class Picks(NamedTuple):
    """`item` holds positions, most urgent first; `gain` what a judgement of each is expected to be worth."""

    item: NDArray[np.int64]
    gain: Floats


def next_items(state: State, budget: int) -> Picks:
    """At most `budget` items to ask next, each once.

    Items that have fewer than `state.first` answers come first, those with fewest before the others; then
    by expected gain. Items at their cap and closed ones are never among them, judgements under way counted:
    an empty answer means that nothing is left to ask. Equal items come in their order. Choose budgets of a
    tenth of the items or less, and fit again in between.
    """
    allowed = np.flatnonzero(state.open)
    gain = expected_gain(state.found, state.expected)[allowed]
    lacking = np.maximum(state.first - state.expected[allowed], 0)
    order = np.lexsort((-gain, -lacking))[: max(budget, 0)]
    return Picks(allowed[order], gain[order])

"""When to stop asking."""

from __future__ import annotations

from strongroom.quality.allocation.next_items import next_items
from strongroom.quality.allocation.state import State


def stop(state: State, least_gain: float) -> bool:
    """Whether no judgement is worth its price any more.

    `least_gain` is the price: the chance to set a label right for which a judgement is still worth asking (0.002: five hundred
    judgements for one label). Never true while an item that may be asked lacks its first answers; true where nothing may be
    asked.
    """
    picks = next_items(state, 1)
    if not len(picks.item):
        return True
    return bool(state.expected[picks.item[0]] >= state.first and picks.gain[0] < least_gain)

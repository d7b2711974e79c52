"""What more judgements would buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strongroom.quality.allocation.gain import expected_gain
from strongroom.quality.allocation.state import State


@dataclass(frozen=True, slots=True)
class Forecast:
    """`now` and `then` are expected accuracies, 0 to 1, before and after `judgements` more."""

    judgements: int
    now: float
    then: float


def forecast(state: State, judgements: int) -> Forecast:
    """The accuracy to expect after so many more judgements, given where they are worth most.

    `now` is the mean confidence. Judgements are handed out one an item in the order of gain, round after round; a round's gains
    shrink as more answers are alike. Rests on confidence being honest (calibrate on gold), and on
    annotators who answer as those before did.
    """
    now = float(state.found.confidence.mean()) if len(state.answers.items) else float("nan")
    left, won, expected = judgements, 0.0, state.expected.astype(np.float64)
    allowed = state.open
    while left > 0 and allowed.any():
        gain = np.sort(expected_gain(state.found, expected)[allowed])[::-1][:left]
        won += float(gain.sum())
        left -= len(gain)
        expected[allowed] += 1
        allowed = allowed & (expected < state.cap)
    return Forecast(judgements - max(left, 0), now, min(now + won / max(len(state.answers.items), 1), 1.0))

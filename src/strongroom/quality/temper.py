"""Answers to one item are not independent, and confidence that takes them to be is too high.

What makes an item hard makes several annotators err together. n answers of which each pair is alike by ρ
beyond what the truth explains tell as much as n / (1 + ρ(n − 1)) independent ones: Kish's design effect
(*Survey Sampling*, 1965). So the logarithms of an item's probabilities are divided by 1 + ρ(n − 1). The
most probable class stays the most probable one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.answers import Answers, Floats

TYPICAL = 0.2
"""ρ where nothing is known: the middle of what public sets show when they are compared with gold."""


def answers_each(answers: Answers) -> NDArray[np.int64]:
    """How many answers each item has, (items)."""
    return np.diff(answers.rows.start)


def tempered(probabilities: Floats, temperature: ArrayLike) -> Floats:
    """Probabilities (items × classes) whose logits are divided by a temperature, one number or one an item."""
    each = np.broadcast_to(np.asarray(temperature, dtype=np.float64), (len(probabilities),))
    logits = np.log(np.maximum(probabilities, 1e-12)) / each[:, None]
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def design_effect(answers: Answers, alike: float) -> Floats:
    """1 + ρ(n − 1) for each item, (items); 1 where there is one answer or none."""
    return np.asarray(1.0 + alike * np.maximum(answers_each(answers) - 1.0, 0.0))

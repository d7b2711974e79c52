"""What all annotators have in common, and how one of them is shrunk to it. Arrays are (annotators ×) answered × true."""

from __future__ import annotations

import numpy as np

from strongroom.quality.answers import Floats

FLAT = 1.0
"""Pseudo-answers in each cell of the pooled confusion."""

AGREEMENT = 2.0
"""More of them on its diagonal: annotators are right more often than not."""

SHRINKAGE = 5.0
"""Pseudo-answers that a row of an annotator's confusion gets."""


def pooled(counts: Floats, flat: float = FLAT, agreement: float = AGREEMENT) -> Floats:
    """The confusion of all annotators together, (answered × true)."""
    together = counts.sum(axis=0) + flat + agreement * np.eye(counts.shape[1])
    return _columns(together)


def shrunk(
    counts: Floats, shrinkage: float = SHRINKAGE, flat: float = FLAT, agreement: float = AGREEMENT
) -> Floats:
    """Each annotator's confusion, with `shrinkage` pseudo-answers for each true class in pooled proportions."""
    return _columns(counts + shrinkage * pooled(counts, flat, agreement))


def one_skill(counts: Floats, shrinkage: float, flat: float = FLAT, agreement: float = AGREEMENT) -> Floats:
    """Confusions in which an annotator is right equally often whatever is true; errors fall as they do for all together."""
    together = pooled(counts, flat, agreement)
    classes = len(together)
    if classes == 1:
        return np.ones_like(counts)
    right = counts.diagonal(axis1=1, axis2=2).sum(axis=1)
    typical = np.trace(together) / classes
    skill = (right + shrinkage * typical) / (counts.sum(axis=(1, 2)) + shrinkage)
    skill = np.clip(skill, 1e-6, 1 - 1e-6)[:, None, None]
    wrong = together * (1 - np.eye(classes))
    wrong /= wrong.sum(axis=0)
    confusion: Floats = skill * np.eye(classes) + (1 - skill) * wrong
    return confusion


def _columns(counts: Floats) -> Floats:
    total = counts.sum(axis=-2, keepdims=True)
    uniform = 1 / counts.shape[-1]
    shares: Floats = np.divide(counts, total, out=np.full_like(counts, uniform), where=total > 0)
    return shares

"""Classes as numbers, for coefficients that ask how far apart two of them are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.answers import Floats, Names
from strongroom.quality.errors import AnswersError


def class_values(classes: Names, values: ArrayLike | None = None) -> Floats:
    """`values` (classes), or the names of the classes read as numbers. Raises AnswersError where they are none."""
    try:
        numbers = (
            np.array([float(str(name)) for name in classes]) if values is None else np.asarray(values, float)
        )
    except ValueError:
        raise AnswersError(
            "This level of measurement needs numbers, and some classes are not named by one.",
            remedy="Give values, or choose the nominal or ordinal level.",
        ) from None
    if numbers.shape != (len(classes),) or not np.isfinite(numbers).all():
        raise AnswersError("values must be one finite number a class.")
    return numbers

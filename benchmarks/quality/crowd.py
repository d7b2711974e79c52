"""The public crowd sets with classes: answers and gold, from ../shared/data/crowd or STRONGROOM_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strongroom.quality import Answers
from strongroom.quality.files import read_answers, read_gold

DATA = Path(os.environ.get("STRONGROOM_DATA", Path(__file__).parents[3] / "shared/data")) / "crowd"


def names() -> list[str]:
    """The sets whose README says that they hold classes, and which have gold."""
    found = []
    for folder in sorted(DATA.iterdir()):
        readme = folder / "README.md"
        if readme.is_file() and "Kind: class" in readme.read_text():
            found.append(folder.name)
    return found


def load(name: str) -> tuple[Answers, NDArray[np.int32]]:
    gold = read_gold(DATA / name / "gold.csv")
    answers = read_answers(DATA / name / "answers.csv", classes=gold.values())
    return answers, answers.gold(gold)


def accuracy(probabilities: NDArray[np.float64], gold: NDArray[np.int32]) -> float:
    """The share of gold items whose label is right; a tie counts as the chance to guess it."""
    known = np.flatnonzero(gold >= 0)
    best = probabilities[known] >= probabilities[known].max(axis=1, keepdims=True) - 1e-9
    return float((best[np.arange(len(known)), gold[known]] / best.sum(axis=1)).mean())

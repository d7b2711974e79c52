"""Made-up crowds with a known truth, and where the real ones lie."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from strongroom.quality import Answers

DATA = Path(os.environ.get("STRONGROOM_DATA", Path(__file__).parents[3] / "shared/data")) / "crowd"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA}; set STRONGROOM_DATA")
SETS = ("Bluebird", "D_PosSent", "D_Product", "Dog", "MS", "RTE", "SP", "TEMP", "Web")


def made_up(
    items: int = 120,
    annotators: int = 12,
    classes: int = 3,
    each: int = 5,
    skills: tuple[float, float] = (0.55, 0.95),
    seed: int = 0,
) -> tuple[Answers, NDArray[np.int32]]:
    """Answers of annotators who are right with a probability of their own, and the truth (items)."""
    random = np.random.default_rng(seed)
    truth = random.integers(classes, size=items).astype(np.int32)
    skill = random.uniform(*skills, size=annotators)
    item = np.repeat(np.arange(items), each)
    annotator = np.concatenate([random.permutation(annotators)[:each] for _ in range(items)])
    wrong = (truth[item] + random.integers(1, max(classes, 2), size=len(item))) % classes
    label = np.where(random.random(len(item)) < skill[annotator], truth[item], wrong)
    names = [f"item {i}" for i in range(items)], [f"annotator {w}" for w in range(annotators)]
    return Answers(item, annotator, label, *names, [f"class {k}" for k in range(classes)]), truth


def real(name: str) -> tuple[Answers, NDArray[np.int32]]:
    """A set of ../shared/data/crowd and its gold (items), -1 where there is none."""
    with (DATA / name / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (DATA / name / "gold.csv").open(newline="") as file:
        gold = {row["task"]: row["label"] for row in csv.DictReader(file)}
    answers = Answers.from_names(
        [row["task"] for row in rows],
        [row["worker"] for row in rows],
        [row["label"] for row in rows],
        classes=sorted({*gold.values(), *(row["label"] for row in rows)}),
    )
    return answers, answers.gold(gold)


def accuracy(probabilities: NDArray[np.float64], truth: NDArray[np.int32]) -> float:
    """A tie counts as the chance to guess it."""
    known = np.flatnonzero(truth >= 0)
    best = probabilities[known] >= probabilities[known].max(axis=1, keepdims=True) - 1e-9
    return float((best[np.arange(len(known)), truth[known]] / best.sum(axis=1)).mean())

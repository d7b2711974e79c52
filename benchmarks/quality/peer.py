"""Runs inside the peers' own environment: crowd-kit and cleanlab on answers in a Parquet file; prints one JSON line.

python peer.py speed ANSWERS.parquet        seconds an iteration of crowd-kit's Dawid–Skene
python peer.py accuracy ANSWERS.parquet OUT.json     label of each task by each method
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import pandas as pd

warnings.filterwarnings("ignore")


def iteration(answers: pd.DataFrame) -> dict[str, float]:
    """From fits of 1 and 4 iterations, so that loading and the first vote don't count."""
    from crowdkit.aggregation import DawidSkene

    took = {}
    for iterations in (1, 4):
        started, cpu = time.perf_counter(), time.process_time()
        DawidSkene(n_iter=iterations, tol=-1e9).fit(answers)
        took[iterations] = (time.perf_counter() - started, time.process_time() - cpu)
    return {
        "seconds": (took[4][0] - took[1][0]) / 3,
        "cpu_seconds": (took[4][1] - took[1][1]) / 3,
        "whole_fit_of_4": took[4][0],
    }


def labels_by(model: Any, answers: pd.DataFrame) -> dict[str, str]:
    try:
        found = model.fit_predict(answers)
    except TypeError:  # one model's fit_predict hands its fit more than that takes
        found = model.fit(answers).labels_
    return found.astype(str).to_dict()


def labels(answers: pd.DataFrame) -> dict[str, dict[str, str]]:
    from crowdkit.aggregation import (
        GLAD,
        MMSR,
        DawidSkene,
        MajorityVote,
        OneCoinDawidSkene,
        Wawa,
        ZeroBasedSkill,
    )

    found = {}
    for model in (
        MajorityVote(),
        Wawa(),
        ZeroBasedSkill(),
        DawidSkene(n_iter=100),
        OneCoinDawidSkene(n_iter=100),
        GLAD(n_iter=30),
        MMSR(),
    ):
        try:
            found[f"crowd-kit {type(model).__name__}"] = labels_by(model, answers)
        except Exception as error:
            print(f"crowd-kit {type(model).__name__}: {error!r}", file=sys.stderr)
    try:
        from cleanlab.multiannotator import get_majority_vote_label

        table = answers.drop_duplicates(["task", "worker"]).pivot(
            index="task", columns="worker", values="label"
        )
        names = sorted(answers.label.unique())
        coded = table.apply(lambda column: column.map({name: place for place, name in enumerate(names)}))
        voted = get_majority_vote_label(coded, verbose=False)
        found["cleanlab majority"] = {
            task: names[int(label)] for task, label in zip(table.index, voted, strict=True)
        }
    except Exception as error:
        print(f"cleanlab: {error!r}", file=sys.stderr)
    return found


def main() -> None:
    what, path, *rest = sys.argv[1:]
    answers = pd.read_parquet(path).astype(str)
    if what == "speed":
        print(json.dumps(iteration(answers)))
    else:
        with open(rest[0], "w", encoding="utf-8") as file:
            json.dump(labels(answers), file)


if __name__ == "__main__":
    main()

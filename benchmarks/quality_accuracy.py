"""How right and how honest: our methods and crowd-kit's on the public sets with classes, in one run.

    python benchmarks/quality_accuracy.py [--ours]

Accuracy is on gold, a tie counting as the chance to guess it (the peers give one label, their ties are as they break them).
`error` is the expected calibration error of the default: without gold; and with half of the gold, on the other half. The
peers live in an environment of their own under .cache; cleanlab's own consensus wants a classifier's
predictions, so that its majority vote alone can take part.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import parquet
from quality.crowd import accuracy, load, names

from quality import peers
from strongroom.quality import AGGREGATORS, Answers, consensus
from strongroom.quality.calibrate import calibration_error

HALVES = 5


def of_peers(answers: Answers, gold: NDArray[np.int32]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        given, said = Path(folder) / "answers.parquet", Path(folder) / "labels.json"
        columns = {
            "task": [answers.items[i] for i in answers.item],
            "worker": [answers.annotators[w] for w in answers.annotator],
            "label": [answers.classes[k] for k in answers.label],
        }
        parquet.write_table(pyarrow.table(columns), given)
        peers.ask("accuracy", str(given), str(said))
        labels = json.loads(said.read_text())
    known = np.flatnonzero(gold >= 0)
    truth = {answers.items[i]: answers.classes[gold[i]] for i in known}
    return {
        name: float(np.mean([by_task.get(task) == label for task, label in truth.items()]))
        for name, by_task in labels.items()
    }


def honesty(answers: Answers, gold: NDArray[np.int32]) -> float:
    """The calibration error on one half of the gold where the other half was given; the mean over several halvings."""
    errors = []
    for seed in range(HALVES):
        half = np.random.default_rng(seed).random(len(gold)) < 0.5
        found = consensus(answers, np.where(half, gold, -1))
        errors.append(calibration_error(found.probabilities, np.where(half, -1, gold)))
    return float(np.mean(errors))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    options = parser.parse_args()
    table: dict[str, dict[str, float]] = {}
    sets = names()
    for name in sets:
        answers, gold = load(name)
        found = consensus(answers)
        column = {"default": accuracy(found.probabilities, gold)}
        for method, aggregator in AGGREGATORS.items():
            column[method] = accuracy(aggregator.fit(answers).probabilities, gold)
        if not options.ours:
            column |= of_peers(answers, gold)
        column["error, no gold"] = calibration_error(found.probabilities, gold)
        column["error, half gold"] = honesty(answers, gold)
        plain = AGGREGATORS["dawid-skene"].fit(answers).probabilities
        column["error, Dawid–Skene"] = calibration_error(plain, gold)
        for method, value in column.items():
            table.setdefault(method, {})[name] = value
    print(f"{'':30}" + "".join(f"{name:>10}" for name in sets) + f"{'mean':>8}{'median':>8}")
    for method, values in table.items():
        row = [values.get(name, float("nan")) for name in sets]
        cells = "".join(f"{value:10.3f}" for value in row)
        print(f"{method:30}{cells}{np.mean(row):8.4f}{np.median(row):8.3f}")
    below = min(table["default"][name] - table["majority"][name] for name in sets)
    print(f"default less majority vote, worst set: {below:+.3f}")


if __name__ == "__main__":
    main()

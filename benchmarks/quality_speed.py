"""How fast truth is inferred, beside crowd-kit in the same run.

    python benchmarks/quality_speed.py [--ours]

An iteration of Dawid–Skene on a million answers of ten classes; five million answers through the command
line, from a Parquet file to the written consensus, with its peak memory; a thousand more answers to a
million; importing the package. The peer lives in an environment of its own under .cache. Seconds are wall
clock, and CPU where another process might disturb.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

from quality import peers
from strongroom.quality import Answers
from strongroom.quality.aggregators import DawidSkene
from strongroom.quality.allocation import Live
from strongroom.quality.em.loop import Until
from strongroom.quality.em.sweep import Engine, engine

CLASSES = 10
EACH = 5


def made_up(count: int) -> Answers:
    random = np.random.default_rng(0)
    items, annotators = count // EACH, max(count // 1000, 50)
    truth = random.integers(CLASSES, size=items)
    skill = random.beta(6, 2, size=annotators)
    item = np.repeat(np.arange(items), EACH)
    annotator = random.integers(annotators, size=len(item))
    label = np.where(
        random.random(len(item)) < skill[annotator], truth[item], random.integers(CLASSES, size=len(item))
    )
    return Answers(item, annotator, label, range(items), range(annotators), range(CLASSES))


def write(answers: Answers, path: Path) -> None:
    columns = {"task": answers.item, "worker": answers.annotator, "label": answers.label}
    table = pyarrow.table(
        {name: pyarrow.array(column).cast(pyarrow.string()) for name, column in columns.items()}
    )
    parquet.write_table(table, path)


def an_iteration(answers: Answers, how: Engine) -> tuple[float, float]:
    """Wall-clock and CPU seconds, from fits of 1 and 11 iterations."""
    took = []
    with engine(how):
        DawidSkene(until=Until(0.0, 1)).fit(answers)
        for iterations in (1, 11):
            started, cpu = time.perf_counter(), time.process_time()
            DawidSkene(until=Until(0.0, iterations)).fit(answers)
            took.append((time.perf_counter() - started, time.process_time() - cpu))
    return (took[1][0] - took[0][0]) / 10, (took[1][1] - took[0][1]) / 10


def end_to_end(folder: Path, answers: Answers, ending: str) -> tuple[float, float]:
    """Seconds and GB of `strongroom quality consensus`."""
    write(answers, folder / "answers.parquet")
    command = [sys.executable, "-m", "strongroom", "quality", "consensus", str(folder / "answers.parquet")]
    started = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--out", str(folder / f"consensus{ending}")], stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0
    return time.perf_counter() - started, used.ru_maxrss * 1024 / 1e9


def a_thousand_more(answers: Answers) -> float:
    first = answers.where(np.arange(len(answers)) < len(answers) - 1000)
    live = Live(first)
    last = slice(len(answers) - 1000, None)
    started = time.perf_counter()
    live.add(answers.item[last], answers.annotator[last], answers.label[last])
    return time.perf_counter() - started


def importing() -> float:
    code = "import time; t = time.perf_counter(); import strongroom.quality; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    return min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", action="store_true", help="leave the peer out")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    million = made_up(1_000_000)
    ours = {how: an_iteration(million, how) for how in ("numba", "scipy")}  # type: ignore[arg-type]
    for how, (wall, cpu) in ours.items():
        print(f"an iteration, {len(million):,} answers, {how}: {wall:.3f} s ({cpu:.3f} CPU-s)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not options.ours:
            write(million, folder / "million.parquet")
            theirs = json.loads(peers.ask("speed", str(folder / "million.parquet")))
            print(f"an iteration, crowd-kit: {theirs['seconds']:.2f} s ({theirs['cpu_seconds']:.2f} CPU-s)")
            for how, (wall, cpu) in ours.items():
                print(
                    f"  ratio, {how}: {theirs['seconds'] / wall:.0f} (CPU {theirs['cpu_seconds'] / cpu:.0f})"
                )
        print(f"1,000 answers more: {a_thousand_more(million):.2f} s")
        print(f"import: {importing():.2f} s")
        five = made_up(5_000_000)
        for ending in (".csv", ".parquet"):
            seconds, gigabytes = end_to_end(folder, five, ending)
            print(f"{len(five):,} answers, Parquet to {ending}: {seconds:.1f} s, {gigabytes:.2f} GB")


if __name__ == "__main__":
    main()

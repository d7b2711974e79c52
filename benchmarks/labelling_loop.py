"""The labelling loop beside Label Studio: the same clients, the same machine, one run; prints figures and ratios.

    python benchmarks/labelling_loop.py [--ours] [--seconds 20] [--items 10000]

Label Studio is installed from PyPI into `.cache/label-studio` on first use. Latencies are seen by the client; CPU is
that of the server's processes; memory is that of the web process after the loop.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from labelling.label_studio import LabelStudio
from labelling.measure import Loop, Peer, fsync_seconds, labelling_loop, memory_of, quantile
from labelling.ours import Ours

ROOT = Path(__file__).parents[1]


def run(peer: Peer, sizes: list[int], seconds: float, items: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    peer.start(max(sizes))
    try:
        for annotators in sizes:
            project = peer.create(overlap=1)
            took = peer.load(project, items)
            figures.setdefault(f"import {items} right after the start, s", took)
            figures[f"import {items}, s"] = took
            loop = labelling_loop(peer, project, annotators, seconds)
            figures |= loop_figures(loop)
            _, answers = peer.export(project)
            figures[f"N={annotators} tasks over their overlap"] = sum(n > 1 for n in answers.values())
            figures[f"N={annotators} answers lost"] = len(loop.submit) - sum(answers.values())
        figures["web process, MiB"] = memory_of(peer.process())
        project = peer.create(overlap=1)
        peer.fill(project, items)
        took, answers = peer.export(project)
        figures[f"export {items} annotated, s"] = took
        assert sum(answers.values()) == items
    finally:
        peer.stop()
    return figures


def loop_figures(loop: Loop) -> dict[str, float]:
    n = f"N={loop.annotators}"
    return {
        f"{n} annotations/s": loop.rate,
        f"{n} next p50, ms": quantile(loop.next, 0.5) * 1e3,
        f"{n} next p95, ms": quantile(loop.next, 0.95) * 1e3,
        f"{n} submit p95, ms": quantile(loop.submit, 0.95) * 1e3,
        f"{n} slowest request, ms": max(loop.next + loop.submit) * 1e3,
        f"{n} CPU-s per annotation": loop.cpu_per_annotation,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", action="store_true", help="leave the peer out")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 8, 16])
    options = parser.parse_args()
    print(f"fdatasync {fsync_seconds() * 1e3:.2f} ms; {os.cpu_count()} cores; load {os.getloadavg()[0]:.2f}")
    ours = run(Ours(), options.sizes, options.seconds, options.items)
    theirs: dict[str, float] = {}
    if not options.ours:
        theirs = run(
            LabelStudio(ROOT / ".cache/label-studio", 18081), options.sizes, options.seconds, options.items
        )
    print(f"{'':38}{'ours':>12}{'Label Studio':>14}{'ratio':>9}")
    for name, value in ours.items():
        other = theirs.get(name)
        ratio = f"{other / value:8.2f}x" if other and value else ""
        print(f"{name:38}{value:12.4g}{other if other is not None else float('nan'):14.4g}{ratio}")


if __name__ == "__main__":
    main()

"""Writes the figures of docs/reliability.md: `python -m tests.durability.report` from the root of the repository.

Runs the tests of this folder, the long form with `--long`, and puts what they counted between two marks of the page.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .figures import VARIABLE

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures begin -->", "<!-- figures end -->"
Counted = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="the whole programme, some twenty minutes")
    given = parser.parse_args()
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as notes:
        environment = {**os.environ, VARIABLE: notes.name}
        if given.long:
            environment["STRONGROOM_LONG"] = "1"
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", str(Path(__file__).parent), "-q", "-rs"], env=environment
        )
        if ended.returncode:
            return ended.returncode
        counted = [json.loads(line) for line in notes]
    form = "long" if given.long else "short"
    command = f"python -m tests.durability.report{' --long' if given.long else ''}"
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, `{command}` ({form} form), {os.cpu_count()} cores, "
        f"load {os.getloadavg()[1]:.1f}, {(time.monotonic() - began) / 60:.0f} minutes.",
        "",
        "| tried | how much | lost |",
        "| --- | --- | --- |",
        *(f"| {what} | {how_much} | {lost} |" for what, how_much, lost in table(counted)),
    ]
    text = PAGE.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", "utf-8")
    return 0


def table(counted: list[Counted]) -> Iterator[tuple[str, str, str]]:
    """The tests passed, so what they were to lose nothing of lost nothing."""

    def all_of(name: str) -> list[Counted]:
        return [each for each in counted if each["name"] == name]

    for each in all_of("kills"):
        yield (
            "server killed while people work, at random and at named points",
            f"{each['kills']} kills, {each['acknowledged']} acknowledgements",
            "0",
        )
    for each in all_of("kills of PostgreSQL"):
        yield (
            "PostgreSQL killed under the server, one process or all",
            f"{each['kills']} kills, {each['acknowledged']} acknowledgements",
            "0",
        )
    cuts = len(all_of("cut"))
    for each in all_of("record"):
        yield (
            "power cut while people work",
            f"{cuts} cuts in a record of {each['writes']} writes ({each['mebibytes']} MiB), {each['syncs']} syncs "
            f"and {each['acknowledged']} acknowledgements",
            "0",
        )
    for each in all_of("mutant"):
        yield (
            f"the same without `{each['defence'].partition(':')[2]}`",
            f"{each['points']} cuts",
            f"something at {each['lossy']}",
        )
    deaths = sum(each["count"] for each in all_of("deaths of a job"))
    yield "worker killed at each commit and step of an import and an export", f"{deaths} deaths", "0"
    deaths = sum(each["count"] for each in all_of("deaths of a migration"))
    cuts = len(all_of("cut of a migration"))
    yield "migration killed, or ended by a power cut", f"{deaths} deaths, {cuts} cuts", "0"
    backups = all_of("backup")
    if backups:
        slowest = max(each["slowest"] for each in backups)
        yield (
            "backup of a server at work, drilled and restored",
            f"{len(backups)} backups, {sum(each['saves'] for each in backups)} answers saved meanwhile, "
            f"the slowest in {1000 * slowest:.0f} ms",
            "0",
        )


if __name__ == "__main__":
    sys.exit(main())

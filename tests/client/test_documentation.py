"""What docs/client.md and examples/ show does work, on a real app."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from strongroom.client import Strongroom

from .running import Running

ROOT = Path(__file__).parents[2]


def run(app: Running, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "STRONGROOM_URL": app.url, "STRONGROOM_TOKEN": app.token("mara")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_on_the_page_runs(app: Running, tmp_path: Path) -> None:
    program = re.search(r"```python\n(.*?)```", (ROOT / "docs/client.md").read_text(), re.S)
    assert program is not None
    assert run(app, tmp_path, "-c", program[1]).strip() == "2 added, 0 already there, 0 rejected"
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [row["consensus"]["kind"]["value"] for row in rows] == ["spill", "other"]


def test_the_page_names_every_method() -> None:
    page = (ROOT / "docs/client.md").read_text()
    public = [name for name in vars(Strongroom) if not name.startswith("_") and name != "close"]
    assert [name for name in public if f"`{name}(" not in page] == []


def test_the_examples_run(app: Running, room: Strongroom, form: Path, tmp_path: Path) -> None:
    project = room.create_project(form)
    reports = tmp_path / "reports.csv"
    reports.write_text("id,text\na,Oil on the water\nb,Flames in hold 2\nc,All quiet\n")
    room.wait(room.import_file(project, reports))

    rules = ["kind", "spill=oil|diesel", "fire=smoke|flames?"]
    printed = run(app, tmp_path, str(ROOT / "examples/label_by_rule.py"), project.id, *rules)
    assert sorted(line.split() for line in printed.splitlines()) == [
        ["1", "(skipped)"],
        ["1", "fire"],
        ["1", "spill"],
    ]

    printed = run(app, tmp_path, str(ROOT / "examples/export_to_csv.py"), project.id, "answers.csv")
    assert "2 answers to 3 tasks, marked PUBLIC" in printed
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = {row["task"]: row for row in csv.DictReader(file)}
    assert {task: (row["kind"], row["consensus_kind"], row["person"]) for task, row in rows.items()} == {
        "a": ("spill", "spill", "mara"),
        "b": ("fire", "fire", "mara"),
    }

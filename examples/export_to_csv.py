"""Exports a project and writes one line of CSV for each answer, for a spreadsheet.

    export STRONGROOM_URL=http://127.0.0.1:8710 STRONGROOM_TOKEN=srt_…
    python examples/export_to_csv.py PROJECT_ID answers.csv

The file carries what the working level lets through (STRONGROOM_LEVEL, else the least one), and each line its marking:
treat the file as what the dataset is marked, which is printed at the end.
"""

import csv
import json
import os
import sys
import tempfile
from pathlib import Path

from strongroom.client import Strongroom


def main(project_id: str, target: str) -> None:
    level = os.environ.get("STRONGROOM_LEVEL")
    with (
        Strongroom(os.environ["STRONGROOM_URL"], os.environ["STRONGROOM_TOKEN"], level) as room,
        tempfile.TemporaryDirectory() as folder,
    ):
        fields = [field["key"] for field in room.project(project_id).form["fields"]]
        dataset = room.wait(room.export(project_id))
        lines = room.download(dataset, to=Path(folder) / "dataset.jsonl").read_text("utf-8").splitlines()
        with open(target, "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(
                ["task", "marking", "text", "person", *fields, *(f"consensus_{key}" for key in fields)]
            )
            for task in map(json.loads, lines):
                agreed = [_cell(task["consensus"].get(key, {}).get("value")) for key in fields]
                for answer in task["answers"]:
                    said = [_cell(answer["result"].get(key)) for key in fields]
                    out.writerow(
                        [task["id"], task["marking"], task["text"], answer["person"], *said, *agreed]
                    )
    print(f"{target}: {dataset.answers} answers to {dataset.tasks} tasks, marked {dataset.marking}")


def _cell(value: object) -> str:
    """A label as it is, several with commas, spans and the like as JSON."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

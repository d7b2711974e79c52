"""The label room from a terminal: real commands against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..client.conftest import FORM
from ..client.running import Running, running

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("served") / "workspace") as started:
        yield started


@pytest.fixture
def strongroom(app: Running, tmp_path: Path) -> Command:
    """Runs a command in an empty folder that holds a form."""
    (tmp_path / "form.yaml").write_text(FORM)
    environment = {**os.environ, "STRONGROOM_URL": app.url, "STRONGROOM_TOKEN": app.token("mara")}

    def run(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "strongroom", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**environment, **changed},
        )

    return run


def test_a_project_is_made_filled_and_exported(strongroom: Command, app: Running, tmp_path: Path) -> None:
    made = strongroom("project", "create", "form.yaml", "--name", "From a terminal", "--level", "INTERNAL")
    assert made.returncode == 0, made.stderr
    project_id = made.stdout.strip()
    assert "INTERNAL" in made.stderr

    (tmp_path / "a.csv").write_text("text\nOil on the water\nSmoke in hold 2\n")
    (tmp_path / "b.jsonl").write_text('{"text": "All quiet"}\n')
    imported = strongroom("import", "From a terminal", "a.csv", "b.jsonl")
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.splitlines() == [
        "a.csv: 2 tasks added, 0 already there, 0 rejected",
        "b.jsonl: 1 task added, 0 already there, 0 rejected",
    ]

    with app.room("mara", "INTERNAL") as room:
        for task in room.tasks(project_id):
            room.submit(task, {"kind": "other"})

    listed = strongroom("status")
    assert listed.returncode == 0
    head, row = listed.stdout.splitlines()
    assert head.split()[:3] == ["PROJECT", "ID", "MARKING"]
    assert row.split("  ")[0] == "From a terminal"
    assert "3 of 6" in row

    exported = strongroom("export", project_id, "--out", "out.jsonl")
    assert exported.returncode == 0, exported.stderr
    assert "version 1, 3 tasks, 3 answers, marked INTERNAL" in exported.stdout
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {row["text"] for row in rows} == {"Oil on the water", "Smoke in hold 2", "All quiet"}


def test_rejected_rows_are_listed_and_the_rest_goes_in(strongroom: Command, tmp_path: Path) -> None:
    strongroom("project", "create", "form.yaml", "--name", "With mistakes")
    (tmp_path / "mixed.csv").write_text("report,secrecy\nOne,PUBLIC\nTwo,NO SUCH THING\nThree,INTERNAL\n")
    done = strongroom(
        "import", "With mistakes", "mixed.csv", "--text-column", "report", "--marking-column", "secrecy"
    )
    assert done.returncode == 1
    assert done.stdout.strip() == "mixed.csv: 2 tasks added, 0 already there, 1 rejected"
    assert "mixed.csv:3: " in done.stderr
    assert "expected" in done.stderr


def test_a_name_that_several_projects_have_is_refused_with_their_ids(
    strongroom: Command, tmp_path: Path
) -> None:
    ids = [strongroom("project", "create", "form.yaml", "--name", "Twin").stdout.strip() for _ in range(2)]
    refused = strongroom("export", "Twin", "--out", "out.jsonl")
    assert refused.returncode == 2
    assert all(project_id in refused.stderr for project_id in ids)


@pytest.mark.parametrize(
    ("arguments", "changed", "said"),
    [
        (["status"], {"STRONGROOM_TOKEN": ""}, "STRONGROOM_TOKEN"),
        (["status"], {"STRONGROOM_TOKEN": "srt_wrong"}, "token"),
        (["status"], {"STRONGROOM_URL": "not a url"}, "not a url"),
        (["status", "No such project"], {}, "No such project"),
        (["project", "create", "absent.yaml"], {}, "absent.yaml"),
        (["project", "create", "broken.yaml"], {}, "fields"),
        (["project", "create", "form.yaml", "--level", "NOT A LEVEL"], {}, "level"),
        (["import", "No such project", "form.yaml"], {}, "No such project"),
        (["export", "No such project", "--out", "absent/out.jsonl"], {}, "absent"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_status_2(
    strongroom: Command, tmp_path: Path, arguments: list[str], changed: dict[str, str], said: str
) -> None:
    (tmp_path / "broken.yaml").write_text("name: Broken\nfields: nothing\n")
    done = strongroom(*arguments, **changed)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""

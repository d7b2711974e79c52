"""A disk that fills up under a running server: what was acknowledged stays, and work goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .crowd import create_project, export, import_rows
from .plain_http import Connection
from .running_server import RunningServer
from .test_replay import class_form, exported
from .workspace import staff


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    return filler


def test_a_full_disk_refuses_and_keeps_and_recovers(small_disk: Path, tmp_path: Path) -> None:
    who = staff(small_disk / "workspace", ["ann"])
    server = RunningServer(small_disk / "workspace", tmp_path / "server.log")
    server.start()
    try:
        manager = Connection(server.port, who.manager_token)
        ann = Connection(server.port, who.tokens["ann"])
        project = create_project(manager, class_form(["0", "1"], overlap=1), {who.ids["ann"]: ["annotator"]})
        import_rows(manager, project, [{"id": f"t{n}", "text": f"Item {n}"} for n in range(5)])
        work = ann("POST", f"/projects/{project}/next", {"held": []}).json()
        submit = f"/assignments/{work['id']}/submit"
        answer = {"lease": work["lease"], "result": {"answer": "1"}, "seconds": 1.0}

        filler = fill(small_disk)
        refused = [ann("POST", submit, answer, key="the-same") for _ in range(3)]
        assert {each.status for each in refused} == {507}
        assert refused[0].json()["code"] == "storage_full"
        assert refused[0].json()["kept"]
        assert refused[0].json()["remedy"]
        assert ann("GET", "/session").status == 200
        assert manager("GET", f"/projects/{project}").status == 200

        filler.unlink()
        accepted = ann("POST", submit, answer, key="the-same")
        assert accepted.status in (200, 201), accepted.body
        (task,) = [task for task in exported(export(manager, project)) if task["answers"]]
        assert [a["result"] for a in task["answers"]] == [{"answer": "1"}]
    finally:
        server.stop()

"""A disk that can't be written any more: the server says so, keeps what it has, goes on showing it, and recovers."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from strongroom.vault import Vault

from ..replay.crowd import create_project, export, wait_for
from ..replay.plain_http import Connection, multipart
from ..replay.running_server import RunningServer
from ..replay.workspace import staff
from .disk import Watch
from .ledger import Ledger, bring_in, form, lost

LONG = bool(os.environ.get("STRONGROOM_LONG"))
Stop = Callable[[], Callable[[], None]]
"""Makes writing impossible; gives what makes it possible again."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Stop, dict[str, str]]]:
    """A file system of its own, of 24 MiB, that somebody fills to the last byte."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)

    def fill() -> Callable[[], None]:
        filler = place / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        return filler.unlink

    yield place / "workspace", fill, {}
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def refusing_disk(place: Path, number: int) -> tuple[Path, Stop, dict[str, str]]:
    """A disk that refuses every change, with this number of an error."""
    watch = Watch(place, place / "disk")

    def refuse() -> Callable[[], None]:
        watch.refuse(number)
        return lambda: watch.refuse(None)

    return watch.folder / "workspace", refuse, {**watch.environment, "DISK_LOG": ""}


@contextmanager
def served(workspace: Path, log: Path, environment: dict[str, str]) -> Iterator[tuple[RunningServer, Any]]:
    who = staff(workspace, ["ann"])
    server = RunningServer(workspace, log, environment=environment)
    server.start()
    try:
        yield server, who
    finally:
        server.stop()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EDQUOT, errno.ENOSPC] if LONG else [errno.EROFS])
def test_a_disk_that_refuses(tmp_path: Path, number: int) -> None:
    keeps_and_recovers(*refusing_disk(tmp_path, number), tmp_path / "log")


def test_a_disk_that_is_full(small_disk: tuple[Path, Stop, dict[str, str]], tmp_path: Path) -> None:
    keeps_and_recovers(*small_disk, tmp_path / "log")


def keeps_and_recovers(workspace: Path, stop: Stop, environment: dict[str, str], log: Path) -> None:
    ledger = Ledger()
    with served(workspace, log, environment) as (server, who):
        manager = Connection(server.port, who.manager_token)
        ann = Connection(server.port, who.tokens["ann"])
        project = create_project(manager, form(overlap=1), {who.ids["ann"]: ["annotator"]})
        ledger.say(kind="project", id=project)
        wait_for(manager, f"/imports/{bring_in(manager, project, ledger, 't', 5)}")
        work = ann("POST", f"/projects/{project}/next", {"held": []}).json()
        submit, draft = f"/assignments/{work['id']}/submit", f"/assignments/{work['id']}/draft"
        answer = {"lease": work["lease"], "result": {"answer": "yes"}, "seconds": 1.0}
        upload = multipart("rows.jsonl", b'{"text": "' + b"x" * 100_000 + b'"}\n', {"format": "jsonl"})

        go_on = stop()
        for _ in range(2):
            for refused in (
                ann("POST", submit, answer, key="the-same"),
                ann("PUT", draft, {"result": {"answer": "no"}}),
                manager("POST", f"/projects/{project}/imports", raw=upload),
                manager("POST", "/projects", form()),
            ):
                assert refused.status == 507, refused.body
                problem = refused.json()
                assert (problem["code"], problem["status"]) == ("storage_full", 507)
                assert problem["detail"]
                assert problem["kept"]
                assert problem["remedy"]
        for path in ("/session", "/home", f"/projects/{project}", "/health"):
            assert manager("GET", path).status == 200, path
        # What people wrote is disclosed only when that is on record.
        for path in (f"/assignments/{work['id']}", f"/projects/{project}/recent"):
            assert ann("GET", path).status == 507, path

        go_on()
        accepted = ann("POST", submit, answer, key="the-same")
        assert accepted.status == 200, accepted.body
        ledger.say(kind="submit", assignment=work["id"], revision=1, result=answer["result"])
        assert export(manager, project).count(b'"result"') == 1
    with Vault.open(workspace) as vault:
        assert lost(vault, ledger.said) == []


def test_a_job_that_meets_a_full_disk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    workspace, stop, environment = refusing_disk(tmp_path, errno.ENOSPC)
    ledger = Ledger()
    with served(workspace, tmp_path / "log", environment) as (server, who):
        manager = Connection(server.port, who.manager_token)
        project = create_project(manager, form(), {})
        made = bring_in(manager, project, ledger, "t", 3000)
        go_on = stop()
        seen = manager("GET", f"/imports/{made}")
        assert seen.status == 200
        assert seen.json()["job"]["state"] in ("queued", "running")
        go_on()
        state = settled(manager, made)
        if state == "failed":  # the job itself met the full disk: it says so, and is resumed
            job = manager("GET", f"/imports/{made}").json()["job"]
            assert "room" in job["message"]
            assert manager("POST", f"/jobs/{job['id']}/resume").status == 200
        wait_for(manager, f"/imports/{made}")
    with Vault.open(workspace) as vault:
        assert lost(vault, ledger.said) == []


def settled(manager: Connection, made: str) -> str:
    while True:
        state: str = manager("GET", f"/imports/{made}").json()["job"]["state"]
        if state not in ("queued", "running"):
            return state
        time.sleep(0.05)

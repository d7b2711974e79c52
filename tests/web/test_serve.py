"""`strongroom serve` as a process: loopback alone, one process a workspace, a link to set it up, an orderly end."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from strongroom.cli import main

COMMAND = [sys.executable, "-W", "ignore", "-m", "strongroom"]
Refused = Callable[..., str]


class Serving:
    """A server process, and what it has printed."""

    def __init__(self, workspace: Path, log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--workspace", str(workspace), "--port", "0"], stdout=out, stderr=out
            )

    def wait_for(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text()):
                return found
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve") / "new" / "workspace"


@pytest.fixture(scope="module")
def serving(workspace: Path) -> Iterator[Serving]:
    server = Serving(workspace, workspace.parent.parent / "log")
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs `strongroom serve` here, expects it to refuse, and answers what it says."""

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["strongroom", "serve", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        return capsys.readouterr().err

    return run


def test_the_first_start_makes_the_workspace_and_prints_a_link_that_sets_it_up(serving: Serving) -> None:
    link = serving.wait_for(r"(http://127\.0\.0\.1:\d+)/setup#(\S+)")
    address, token = link.groups()
    with httpx.Client(base_url=address) as client:
        _until_it_answers(client)
        asked = {"token": token, "login": "ada", "name": "Ada", "password": "harbour lights at dusk"}
        assert client.post("/api/v1/setup", json=asked).status_code == 201
        assert client.get("/api/v1/session").json()["person"]["login"] == "ada"
        answer = client.get("/api/v1/version")
        assert {"server", "date"}.isdisjoint(answer.headers)


def test_a_second_process_is_kept_off_the_workspace_with_a_clear_error(
    serving: Serving, workspace: Path, refused: Refused
) -> None:
    serving.wait_for("There is no account yet")
    assert "Another process serves" in refused("--workspace", str(workspace), "--port", "0")


def test_it_ends_in_order_when_told_to_and_takes_its_worker_with_it(serving: Serving) -> None:
    deadline = time.monotonic() + 300
    while not (workers := psutil.Process(serving.process.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(30) == 0
    assert not [worker for worker in workers if worker.is_running() and worker.status() != "zombie"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_it_listens_beyond_this_machine_only_when_told_why_not(
    host: str, tmp_path: Path, refused: Refused
) -> None:
    said = refused("--workspace", str(tmp_path / "w"), "--host", host)
    assert "plain HTTP" in said
    assert "--allow-remote" in said
    assert not (tmp_path / "w").exists()


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path, refused: Refused) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = refused("--workspace", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert "--port" in said
    assert not (tmp_path / "strongroom.db").exists()


def _until_it_answers(client: httpx.Client) -> None:
    deadline = time.monotonic() + 300
    while True:
        try:
            assert client.get("/api/v1/health").json() == {"status": "ok"}
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)

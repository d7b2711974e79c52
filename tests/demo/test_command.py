"""`strongroom demo`: made when absent, served on loopback, signed in with a link, seen through other eyes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom import demo
from strongroom.cli.serve import alone_in

LINK = re.compile(r"(http://127\.0\.0\.1:(\d+))/enter#(\S+)")


def command(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "strongroom", "demo", "--no-browser", *words],
        capture_output=True,
        text=True,
        timeout=600,
        **options,
    )


class Served:
    """A demonstration that runs in a process of its own."""

    def __init__(self, log: Path, *words: str, **environment: str) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "strongroom", "demo", "--no-browser", *words],
                stdout=out,
                stderr=out,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            )
        give_up = time.monotonic() + 600
        while "Strongroom serves" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < give_up, self.said
            time.sleep(0.1)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command") / "workspace"
    demo.create(folder)
    return folder


@pytest.fixture(scope="module")
def another(workspace: Path) -> Path:
    """One like it, which nobody serves."""
    return Path(shutil.copytree(workspace, workspace.with_name("another")))


@pytest.fixture(scope="module")
def served(workspace: Path, another: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("log") / "log", "--workspace", str(workspace), "--port", "0")
    yield running
    running.stop()


@contextmanager
def enter(said: str) -> Iterator[httpx.Client]:
    """Follows the link as the page at `/enter` does."""
    link = LINK.search(said)
    assert link, said
    with httpx.Client(base_url=link[1]) as client:
        give_up = time.monotonic() + 300
        while True:
            try:
                client.post("/api/v1/session/link", json={"token": link[3]}).raise_for_status()
                break
            except httpx.ConnectError:
                assert time.monotonic() < give_up
                time.sleep(0.1)
        yield client


def name(client: httpx.Client) -> str:
    return str(client.get("/api/v1/session").json()["person"]["name"])


def test_the_link_signs_the_newcomer_in_once(served: Served) -> None:
    with enter(served.said) as browser:
        assert name(browser) == "Amara Nwosu-Leclerc"
    with pytest.raises(httpx.HTTPStatusError, match="401"), enter(served.said):
        pass


def test_it_says_who_is_who_and_how_to_be_them(served: Served) -> None:
    for each in demo.characters():
        assert f"{each.login:<10}{each.name}" in served.said
        assert f"sees {each.sees}" in served.said
    assert "--as LOGIN" in served.said


def test_another_terminal_gets_a_link_for_other_eyes(served: Served, workspace: Path) -> None:
    done = command("--workspace", str(workspace), "--as", "tom")
    assert done.returncode == 0, done.stderr
    with enter(done.stdout) as browser:
        assert name(browser) == "Tom Ashgrove"
        items = browser.get("/api/v1/projects").json()["items"]
        assert [each["name"] for each in items] == ["Port incidents"]


def test_a_server_that_is_only_starting_is_waited_for(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "starting"
    shutil.copytree(workspace, folder, ignore=shutil.ignore_patterns("*.lock", "write.next"))
    statuses = iter([503, 503])

    class Starting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(statuses, 200))
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Starting) as server, alone_in(folder):
        (folder / "demo.address").write_text(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = command("--workspace", str(folder))
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert LINK.search(done.stdout)


def test_nobody_by_that_name(workspace: Path) -> None:
    done = command("--workspace", str(workspace), "--as", "nobody")
    assert done.returncode == 2
    assert "the login nobody" in done.stderr
    assert "mehmet" in done.stderr


def test_what_is_being_served_is_not_thrown_away(served: Served, workspace: Path) -> None:
    done = command("--workspace", str(workspace), "--fresh")
    assert done.returncode == 2
    assert "serves" in done.stderr
    assert demo.is_one(workspace)


def test_a_port_that_is_taken_is_named_and_the_next_one_used(another: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = Served(tmp_path / "log", "--workspace", str(another), "--port", str(port))
        try:
            assert f"Port {port} is taken." in running.said
            link = LINK.search(running.said)
            assert link
            assert port < int(link[2]) <= port + 20
            with enter(running.said) as browser:
                assert browser.get("/api/v1/home").json()["groups"]
        finally:
            running.stop()


def test_it_is_made_anew_when_asked_for(another: Path, tmp_path: Path) -> None:
    made = demo.made_at(another)
    running = Served(tmp_path / "log", "--workspace", str(another), "--port", "0", "--fresh")
    running.stop()
    assert demo.made_at(another) > made


def test_a_workspace_in_earnest_gives_nobody_a_link(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "strongroom", "init", "--workspace", str(tmp_path / "real")], check=False
    )
    assert made.returncode == 0
    before = sorted((tmp_path / "real").iterdir())
    for words in ([], ["--fresh"]):
        done = command("--workspace", str(tmp_path / "real"), *words)
        assert done.returncode == 2
        assert "enter#" not in done.stdout
        assert "something else" in done.stderr
    assert sorted((tmp_path / "real").iterdir()) == before


def test_without_a_folder_it_lives_with_the_users_data(tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path), "STRONGROOM_WORKSPACE": str(tmp_path / "in-earnest")}
    running = Served(tmp_path / "log", "--port", "0", **environment)
    running.stop()
    assert demo.is_one(tmp_path / "strongroom" / "demo")
    assert not (tmp_path / "in-earnest").exists()
    assert "--workspace" not in running.said

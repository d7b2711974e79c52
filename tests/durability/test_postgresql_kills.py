"""PostgreSQL is killed under a running server, one of its processes or all of them: what was acknowledged is there."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from databases import OLDEST, OWNER, programs, run_as
from strongroom.vault import Vault
from strongroom.vault.database import VARIABLE

from ..replay.running_server import RunningServer
from ..replay.workspace import staff
from . import figures
from .ledger import Crowd, Ledger, lost

LONG = bool(os.environ.get("STRONGROOM_LONG"))
ROUNDS = 12 if LONG else 1


class Cluster:
    """A PostgreSQL as an operator runs it: what it acknowledges is synced."""

    def __init__(self, home: Path) -> None:
        found = programs()
        if found is None:
            pytest.skip(f"no PostgreSQL of version {OLDEST} or newer")
        self._programs = found
        self._home = home
        self._user = run_as(home)
        self._run(
            "initdb", "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        self.start()
        with self.connect() as connection:
            connection.execute(f"create role {OWNER} login createrole")
            connection.execute(f"create database strongroom owner {OWNER} template template0 encoding 'UTF8'")

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@/strongroom?host={self._home}"

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"postgresql://postgres@/postgres?host={self._home}", autocommit=True)

    def start(self) -> None:
        settings = {"listen_addresses": "", "unix_socket_directories": str(self._home), "fsync": "on"}
        given = [f"--{name}={value}" for name, value in settings.items()]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._home / "data"), *given],
                stdout=log,
                stderr=log,
                cwd=self._home,
                **self._user,
            )
        give_up = time.monotonic() + 300
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < give_up, (self._home / "log").read_text()
                time.sleep(0.05)

    def kill_one(self, chance: random.Random) -> None:
        """A process that works for the server: PostgreSQL then throws out all others and recovers."""
        with self.connect() as connection:
            found = connection.execute("select pid from pg_stat_activity where usename like 'strongroom%'")
            os.kill(chance.choice([int(str(pid)) for (pid,) in found]), signal.SIGKILL)

    def kill_all(self) -> None:
        parent = psutil.Process(self._process.pid)
        family = [parent, *parent.children(recursive=True)]
        for process in family:
            process.kill()
        self._process.wait()
        psutil.wait_procs(family, timeout=20)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._home, **self._user)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    home = Path("/tmp") / f"strongroom-kills-{os.getpid()}"  # a socket's path is short
    home.mkdir()
    try:
        cluster = Cluster(home)
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, cluster.url)
    chance = random.Random(5)
    who = staff(tmp_path / "workspace", ["ann", "ben"])
    server = RunningServer(tmp_path / "workspace", tmp_path / "log")
    ledger = Ledger()
    server.start()
    try:
        crowd = Crowd(server.port, who, ledger, tasks=4000 if LONG else 400)
        crowd.start()
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 1.5))
            cluster.kill_one(chance)
            time.sleep(chance.uniform(0.3, 1.5))
            cluster.kill_all()
            cluster.start()
            time.sleep(chance.uniform(0.3, 1.5))
            server.kill()
            server.start()
        before = ledger.of_kind("submit")
        give_up = time.monotonic() + 300
        while crowd.at_work and ledger.of_kind("submit") < before + 5:
            assert time.monotonic() < give_up, "nobody gets on"
            time.sleep(0.05)
        crowd.stop()
    finally:
        server.stop()
    assert ledger.of_kind("submit") > 5
    with Vault.open(server.workspace) as vault:
        assert lost(vault, ledger.said) == []
    figures.note("kills of PostgreSQL", kills=2 * ROUNDS, acknowledged=ledger.acknowledged)
    assert ledger.refused == {}

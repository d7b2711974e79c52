"""`strongroom serve` keeps the log: taken up, signed when it stops, compared when it starts."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strongroom.vault import Vault, audit_check
from strongroom.vault.strongroom_verify import Checkpoint


@contextmanager
def served(workspace: Path, checkpoints: Path) -> Iterator[list[str]]:
    """A running server; what it wrote to its log, once it has stopped."""
    said: list[str] = []
    environment = {**os.environ, "STRONGROOM_CHECKPOINTS": str(checkpoints)}
    environment.pop("STRONGROOM_DATABASE_URL", None)
    command = [sys.executable, "-m", "strongroom", "serve", "--workspace", str(workspace), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        (address,) = re.findall(r"http://\S+", process.stdout.readline())
        _await(f"{address}/api/v1/health")
        yield said
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        said += errors.splitlines()


def _await(address: str) -> None:
    give_up = time.monotonic() + 300
    while True:
        try:
            urllib.request.urlopen(address, timeout=30).close()
            return
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def test_a_server_signs_when_it_stops_and_refuses_a_database_from_before(tmp_path: Path) -> None:
    workspace, checkpoints = tmp_path / "workspace", tmp_path / "elsewhere"
    with served(workspace, checkpoints):
        pass
    with Vault.open(workspace) as vault, vault.registry(write=True) as session:
        for _ in range(3):
            session.audit("sign_in", "person", how="test")
    before = sqlite3.connect(workspace / "strongroom.db").serialize()
    with served(workspace, checkpoints) as said:
        pass
    assert not any("trouble" in line for line in said)
    with Vault.open(workspace) as vault:
        assert audit_check.check(vault).faults == []
        size = vault.audit_log.head().size
        (folder,) = checkpoints.iterdir()
        last = max(folder.iterdir())
        assert Checkpoint.opened(last.read_text(), vault.audit_log.key).size == size >= 3
    for journal in workspace.glob("strongroom.db-*"):
        journal.unlink()
    (workspace / "strongroom.db").write_bytes(before)
    with served(workspace, checkpoints) as said:
        pass
    assert any("rolled back" in line for line in said)
    assert max(folder.iterdir()) == last

"""A real `strongroom serve` on a workspace, that can be killed without warning and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RunningServer:
    """`program` starts the command line, perhaps with a fault in it; `environment` is added to this process's."""

    def __init__(
        self,
        workspace: Path,
        log: Path,
        *,
        program: Sequence[str] = (sys.executable, "-m", "strongroom"),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.workspace = workspace
        self.program = tuple(program)
        self._environment = environment
        self.port = free_port()
        self.kills = 0
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, within_seconds: float = 300.0) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self.program,
                    "serve",
                    "--workspace",
                    str(self.workspace),
                    "--port",
                    str(self.port),
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment},
            )
        give_up = time.monotonic() + within_seconds
        while True:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/api/v1/health", timeout=1
                ) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the server did not start:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.kills += 1

    def wait_for_death(self, within_seconds: float) -> None:
        """Of a server that was started with a fault in it."""
        assert self._process is not None
        assert self._process.wait(within_seconds) == -signal.SIGKILL

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

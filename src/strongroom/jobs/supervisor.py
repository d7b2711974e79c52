"""Keeps one worker process alive for a workspace, for as long as this process lives."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog

from strongroom.jobs import bell

# A worker that lived this long had started well: the next pause is the first one again.
_WELL_AFTER_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0

log = structlog.get_logger("strongroom.jobs")


class Supervisor:
    """`start` a worker for `workspace`, started again whenever it dies; `stop` it. Its log goes to standard error.

    Orders given in this process wake it at once. When this process dies, however it does, the worker goes too.
    `rooms` names the module that registers the kinds of jobs, if it isn't the program's own.
    """

    def __init__(self, workspace: Path, *, rooms: str | None = None) -> None:
        self._workspace = workspace
        self._command = [sys.executable, "-m", "strongroom.jobs.worker", str(workspace), "--leash"]
        if rooms is not None:
            self._command += ["--rooms", rooms]
        self._mutex = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The worker's, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("this supervisor has been started already")
        bell.hang(self._workspace, self._ring)
        self._thread = threading.Thread(target=self._keep, name="job-supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Kills the worker: what it had begun, the next one goes on with."""
        bell.take_down(self._workspace)
        self._stopping.set()
        with self._mutex:
            if self._process is not None:
                self._process.kill()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            with self._mutex:
                if self._stopping.is_set():
                    return
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, bufsize=0)  # noqa: S603
            started = time.monotonic()
            code = self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            if self._stopping.is_set():
                return
            log.warning("worker died", exit_code=code)
            if time.monotonic() - started > _WELL_AFTER_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._stopping.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _ring(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return  # the next one looks when it starts
        try:
            process.stdin.write(b"\n")
        except (OSError, ValueError):
            return  # it has just died, and so will look again soon

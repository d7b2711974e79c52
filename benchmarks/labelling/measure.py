"""Clients, latencies and processes: what is the same for every peer."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import psutil


class Peer(Protocol):
    """One labelling tool under test. Handles are whatever `next` gave and `submit` takes."""

    name: str

    def start(self, annotators: int) -> None: ...
    def stop(self) -> None: ...
    def create(self, overlap: int) -> str: ...
    def load(self, project: str, count: int) -> float: ...
    def annotate(self, project: str, annotator: int) -> tuple[float, float] | None: ...
    def fill(self, project: str, count: int) -> None: ...
    def export(self, project: str) -> tuple[float, dict[str, int]]: ...
    def process(self) -> psutil.Process: ...


class Http:
    """One kept-alive connection."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.headers = headers
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def __call__(
        self, method: str, path: str, body: Any = None, raw: tuple[bytes, str] | None = None
    ) -> tuple[int, bytes]:
        headers = dict(self.headers)
        data = None
        if raw is not None:
            data, headers["Content-Type"] = raw
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        try:
            self._http.request(method, path, body=data, headers=headers)
            response = self._http.getresponse()
        except (http.client.HTTPException, ConnectionError):
            self._http.close()
            self._http.request(method, path, body=data, headers=headers)
            response = self._http.getresponse()
        return response.status, response.read()


@dataclass
class Loop:
    """Figures of one labelling loop. Latencies in seconds."""

    annotators: int
    seconds: float = 0.0
    next: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.submit) / self.seconds

    @property
    def cpu_per_annotation(self) -> float:
        return self.cpu_seconds / max(1, len(self.submit))


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process and its children so far."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
            total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total


def memory_of(process: psutil.Process) -> float:
    """Resident MiB of the process that answers requests."""
    return float(process.memory_info().rss) / 2**20


def labelling_loop(peer: Peer, project: str, annotators: int, seconds: float) -> Loop:
    """Every annotator asks for the next task and submits it, without a pause, for `seconds`."""
    loop = Loop(annotators)
    lock = threading.Lock()
    stop = time.perf_counter() + seconds
    errors: list[BaseException] = []

    def client(number: int) -> None:
        try:
            while time.perf_counter() < stop and not errors:
                times = peer.annotate(project, number)
                if times is None:
                    return
                with lock:
                    loop.next.append(times[0])
                    loop.submit.append(times[1])
        except BaseException as error:
            errors.append(error)

    before, started = cpu_of(peer.process()), time.perf_counter()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(annotators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loop.seconds = time.perf_counter() - started
    loop.cpu_seconds = cpu_of(peer.process()) - before
    if errors:
        raise errors[0]
    return loop


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


def fsync_seconds(times: int = 200) -> float:
    """Median time of appending 4 KiB and waiting until it is on disk."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=".") as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    return quantile(taken, 0.5)

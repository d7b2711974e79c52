"""Strongroom as `strongroom serve` starts it, one API token for each annotator."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path

import psutil

from strongroom import assembly  # noqa: F401  (makes every table known)
from strongroom.markings import Scheme
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.vault import Vault

from .measure import Http, timed

FORM = {
    "fields": [
        {
            "key": "answer",
            "kind": "class",
            "title": "Answer",
            "labels": [{"id": "alpha", "title": "Alpha"}, {"id": "beta", "title": "Beta"}],
        }
    ]
}


class Ours:
    name = "Strongroom"

    def __init__(self, port: int = 18082) -> None:
        self.port = port
        self._folder = tempfile.TemporaryDirectory()
        self._server: subprocess.Popen[bytes] | None = None
        self._people: list[Http] = []
        self._ids: list[str] = []

    def start(self, annotators: int) -> None:
        workspace = Path(self._folder.name) / "workspace"
        with (
            Vault.create(workspace, Scheme.load("corporate")) as vault,
            vault.registry(write=True) as session,
        ):
            for login in ["manager", *(f"a{n}" for n in range(annotators))]:
                person = add_person(session, login, login)
                _, secret = issue(
                    session, person.id, "benchmark", ["read", "label", "manage"], days=1, longest_days=1
                )
                self._people.append(Http(self.port, {"Authorization": f"Bearer {secret}"}))
                self._ids.append(person.id)
        self._server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "strongroom",
                "serve",
                "--workspace",
                str(workspace),
                "--port",
                str(self.port),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    @property
    def _manager(self) -> Http:
        return self._people[0]

    def process(self) -> psutil.Process:
        assert self._server is not None
        return psutil.Process(self._server.pid)

    def create(self, overlap: int) -> str:
        body = {"name": "Benchmark", "description": "", "guideline": "", "form": FORM, "overlap": overlap}
        status, answer = self._manager("POST", "/api/v1/projects", body)
        assert status in (200, 201), answer
        project = str(json.loads(answer)["id"])
        for person in self._ids[1:]:
            path = f"/api/v1/projects/{project}/members/{person}"
            status, answer = self._manager("PUT", path, {"roles": ["annotator"]})
            assert status < 300, answer
        return project

    def load(self, project: str, count: int) -> float:
        """Until the job is done and its tally can be read."""
        rows = "".join(
            json.dumps({"text": f"Report number {n}: the crane at berth {n % 40} was inspected."}) + "\n"
            for n in range(count)
        )
        boundary = uuid.uuid4().hex
        raw = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="format"\r\n\r\njsonl\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="rows.jsonl"\r\n'
            f"Content-Type: application/x-ndjson\r\n\r\n{rows}\r\n--{boundary}--\r\n"
        ).encode()

        def whole() -> None:
            status, answer = self._manager(
                "POST",
                f"/api/v1/projects/{project}/imports",
                raw=(raw, f"multipart/form-data; boundary={boundary}"),
            )
            assert status in (200, 201, 202), answer
            seen = self._wait(f"/api/v1/imports/{json.loads(answer)['id']}")
            assert sum(tally["added"] for tally in seen["tallies"]) == count, seen

        return timed(whole)[0]

    def fill(self, project: str, count: int) -> None:
        self.load(project, count)
        people = range(len(self._ids) - 1)

        def work(person: int) -> None:
            while self.annotate(project, person):
                pass

        threads = [threading.Thread(target=work, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def annotate(self, project: str, annotator: int) -> tuple[float, float] | None:
        http = self._people[1 + annotator]
        asked, (status, answer) = timed(
            lambda: http("POST", f"/api/v1/projects/{project}/next", {"held": []})
        )
        if status == 204:
            return None
        assert status == 200, answer
        work = json.loads(answer)
        body = {"lease": work["lease"], "result": {"answer": "alpha"}, "seconds": 2.0}
        sent, (status, answer) = timed(lambda: http("POST", f"/api/v1/assignments/{work['id']}/submit", body))
        assert status in (200, 201), answer
        return asked, sent

    def export(self, project: str) -> tuple[float, dict[str, int]]:
        """Until the file is here."""

        def whole() -> bytes:
            status, answer = self._manager("POST", f"/api/v1/projects/{project}/exports", {})
            assert status in (200, 201, 202), answer
            dataset = self._wait(f"/api/v1/datasets/{json.loads(answer)['id']}")
            status, content = self._manager("GET", f"/api/v1/datasets/{dataset['id']}/download?format=jsonl")
            assert status == 200, content
            return content

        seconds, content = timed(whole)
        tasks = [json.loads(line) for line in content.decode().splitlines()]
        return seconds, {task["task_id"]: len(task["answers"]) for task in tasks}

    def _wait(self, path: str) -> dict[str, object]:
        while True:
            _, answer = self._manager("GET", path)
            seen = json.loads(answer)
            if seen["job"]["state"] not in ("queued", "running"):
                assert seen["job"]["state"] == "done", seen
                return dict(seen)
            time.sleep(0.02)

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
        self._folder.cleanup()

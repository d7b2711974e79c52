"""Label Studio as it installs from PyPI, default set-up (SQLite), one account for each annotator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from .measure import Http, timed

VERSION = "1.23.2"
TOKEN = "abcdef0123456789abcdef0123456789abcdef01"
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="answer" toName="text">'
    '<Choice value="alpha"/><Choice value="beta"/></Choices></View>'
)
SIGN_UP = """
import httpx, json, sys
base, count = sys.argv[1], int(sys.argv[2])
admin = httpx.Client(base_url=base, headers={"Authorization": "Token " + sys.argv[3]}, timeout=60)
invite = admin.get("/api/invite").json()["invite_url"]
tokens = []
for n in range(count):
    with httpx.Client(base_url=base, timeout=60) as person:
        person.get(invite)
        form = {"email": f"a{n}@example.org", "password": "a-long-pass-1", "csrfmiddlewaretoken": person.cookies["csrftoken"]}
        person.post(invite, data=form, headers={"Referer": base + invite})
        tokens.append(person.get("/api/current-user/token").json()["token"])
print(json.dumps(tokens))
"""


class LabelStudio:
    name = f"Label Studio {VERSION}"

    def __init__(self, environment: Path, port: int) -> None:
        self.environment, self.port = environment, port
        self._folder = tempfile.TemporaryDirectory()
        self._server: subprocess.Popen[bytes] | None = None
        self._people: list[Http] = []

    def install(self) -> None:
        python = self.environment / "bin/python"
        if not (self.environment / "bin/label-studio").exists():
            subprocess.run([sys.executable, "-m", "venv", str(self.environment)], check=True)
            subprocess.run(
                [str(python), "-m", "pip", "install", "-q", f"label-studio=={VERSION}"], check=True
            )

    def start(self, annotators: int) -> None:
        self.install()
        env = {
            **os.environ,
            "LABEL_STUDIO_BASE_DATA_DIR": self._folder.name,
            "LABEL_STUDIO_USERNAME": "admin@example.org",
            "LABEL_STUDIO_PASSWORD": "a-long-pass-1",
            "LABEL_STUDIO_USER_TOKEN": TOKEN,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "LOG_LEVEL": "ERROR",
        }
        self._server = subprocess.Popen(
            [
                str(self.environment / "bin/label-studio"),
                "start",
                "--no-browser",
                "--port",
                str(self.port),
                "--internal-host",
                "127.0.0.1",
            ],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        base = f"http://127.0.0.1:{self.port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(base + "/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.5)
        self._admin = Http(self.port, {"Authorization": f"Token {TOKEN}"})
        out = subprocess.run(
            [sys.executable, "-c", SIGN_UP, base, str(annotators), TOKEN],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        self._people = [Http(self.port, {"Authorization": f"Token {token}"}) for token in json.loads(out)]

    def process(self) -> psutil.Process:
        assert self._server is not None
        return psutil.Process(self._server.pid)

    def create(self, overlap: int) -> str:
        body = {"title": "Benchmark", "label_config": CONFIG, "maximum_annotations": overlap}
        status, answer = self._admin("POST", "/api/projects/", body)
        assert status == 201, answer
        return str(json.loads(answer)["id"])

    def load(self, project: str, count: int) -> float:
        rows = [
            {"text": f"Report number {n}: the crane at berth {n % 40} was inspected."} for n in range(count)
        ]
        seconds, (status, answer) = timed(
            lambda: self._admin("POST", f"/api/projects/{project}/import", rows)
        )
        assert status == 201, answer
        return seconds

    def fill(self, project: str, count: int) -> None:
        """Tasks that come with an answer each: labelling 10,000 one by one takes it half an hour."""
        rows = [
            {"data": {"text": f"Report number {n}"}, "annotations": [{"result": self._result("alpha")}]}
            for n in range(count)
        ]
        status, answer = self._admin("POST", f"/api/projects/{project}/import", rows)
        assert status == 201, answer

    @staticmethod
    def _result(label: str) -> list[dict[str, object]]:
        return [{"from_name": "answer", "to_name": "text", "type": "choices", "value": {"choices": [label]}}]

    def annotate(self, project: str, annotator: int) -> tuple[float, float] | None:
        http = self._people[annotator]
        asked, (status, answer) = timed(lambda: http("GET", f"/api/projects/{project}/next"))
        if status == 404:
            return None
        assert status == 200, answer
        task = json.loads(answer)["id"]
        body = {"result": self._result("alpha"), "lead_time": 2.0}
        sent, (status, answer) = timed(
            lambda: http("POST", f"/api/tasks/{task}/annotations/?project={project}", body)
        )
        assert status == 201, answer
        return asked, sent

    def export(self, project: str) -> tuple[float, dict[str, int]]:
        seconds, (status, answer) = timed(
            lambda: self._admin("GET", f"/api/projects/{project}/export?exportType=JSON")
        )
        assert status == 200, answer[:300]
        return seconds, {str(task["id"]): len(task["annotations"]) for task in json.loads(answer)}

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
        self._folder.cleanup()

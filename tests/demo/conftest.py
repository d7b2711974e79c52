"""The demonstration's workspace, made once, with the real app over it and anybody's browser in front."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from strongroom import demo
from strongroom.people import sign_in
from strongroom.people.enrol import find_person
from strongroom.vault import Vault
from strongroom.web import Settings, create_app


@dataclass
class Place:
    folder: Path
    vault: Vault
    made_at: datetime
    cpu_seconds: float
    """What making it took."""
    browser: Callable[[str], TestClient]
    """Somebody's browser, signed in with a one-time link."""

    def projects(self, login: str) -> dict[str, str]:
        """Name -> id of the projects that somebody sees."""
        items = self.browser(login).get("/api/v1/projects").json()["items"]
        return {each["name"]: each["id"] for each in items}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    now, begun = datetime.now(UTC), time.process_time()
    demo.create(folder, now=now)
    cpu_seconds = time.process_time() - begun
    with Vault.open(folder) as vault, ExitStack() as stack:
        app = create_app(vault, Settings(workspace=folder))
        browsers: dict[str, TestClient] = {}

        def browser(login: str) -> TestClient:
            if login not in browsers:
                client = stack.enter_context(TestClient(app, base_url="http://127.0.0.1:8710"))
                with vault.registry(write=True) as session:
                    token = sign_in.new_link(session, app.state.gate, find_person(session, login=login).id)
                entered = client.post("/api/v1/session/link", json={"token": token})
                assert entered.status_code == 201, entered.text
                client.headers["X-CSRF-Token"] = entered.json()["csrf_token"]
                browsers[login] = client
            return browsers[login]

        yield Place(folder, vault, now, cpu_seconds, browser)

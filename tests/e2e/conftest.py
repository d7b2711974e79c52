"""A real browser at a real server. `place` is the server with its people and projects, `enter` opens a page as somebody.

Every page fails its test when anything went to the console as an error, when a script failed, or when something
broke the content security policy, unless the test said beforehand that it provokes that: `page.allows("409")`.
"""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select, update

from strongroom import jobs
from strongroom.label import assign, imports, project, uploads
from strongroom.label.schemas import ImportOptions, ProjectIn
from strongroom.label.tables import Annotation, Assignment, Task
from strongroom.markings import Scheme
from strongroom.people import Clearances, Gate, clearances, enrol, set_roles, sign_in
from strongroom.people.gate import COOKIE
from strongroom.vault import Reader, Vault, clock, core
from strongroom.web import Settings, create_app

CHROMIUM = os.environ.get("STRONGROOM_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a long evening at the harbour"
PATIENCE = 30_000
"""Milliseconds until a page that shows nothing of what is expected is given up: no promise, only an end."""
expect.set_options(timeout=PATIENCE)

CLASSES: dict[str, Any] = {
    "fields": [
        {
            "key": "kind",
            "kind": "class",
            "title": "What happened?",
            "labels": [
                {"id": "spill", "title": "Spill"},
                {"id": "fire", "title": "Fire"},
                {"id": "none", "title": "Nothing"},
            ],
        },
        {"key": "note", "kind": "text", "title": "Note", "max_length": 200},
    ]
}
SPANS: dict[str, Any] = {
    "fields": [
        {
            "key": "names",
            "kind": "spans",
            "title": "Names",
            "labels": [{"id": "PER", "title": "Person"}, {"id": "LOC", "title": "Place"}, {"id": "VES", "title": "Vessel"}],
        }
    ]
}  # fmt: skip


class Place:
    """A served workspace. People and projects are made as they are named."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.readers: dict[str, Reader] = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.settings = Settings()
        self.app = create_app(vault, self.settings)
        self.gate: Gate = self.app.state.gate
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, port=port, log_config=None, timeout_graceful_shutdown=1)
        )

    def start(self) -> None:
        threading.Thread(target=self._server.run, daemon=True).start()
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            try:
                urllib.request.urlopen(f"{self.url}/api/v1/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self._server.should_exit = True

    def person(self, login: str, clearance: dict[str, Any] | str = "Confidential", *duties: str) -> Reader:
        spec = {"level": clearance} if isinstance(clearance, str) else clearance
        if login in self.readers:
            known = self.readers[login]
            wanted = self.vault.scheme.clearance({**spec, "name": login})
            # One place serves all files: a name that another test uses has that test's clearance.
            assert clearance == "Confidential" or known.clearance == wanted, (
                f"{login} is another test's person"
            )
            return known
        with self.vault.registry(write=True) as session:
            person = enrol.add_person(session, login, f"{login.title()} Okoro", duties)
            session.flush()
            stored = Clearances(self.vault.scheme).canonical(spec, login)
            clearances.give(session, person, stored, reason="test", by=None)
            sign_in.store_password(session, person.id, self.gate.passwords.hash(PASSWORD), keep_sign_in=None)
            person_id = person.id
        self.readers[login] = Reader(
            person_id,
            login,
            self.vault.scheme.clearance({**spec, "name": login}),
            self.vault.scheme.bottom,
            "session",
            "test",
        )
        return self.readers[login]

    def link(self, login: str) -> str:
        """The address of a one-time sign-in."""
        person = self.person(login)
        with self.vault.registry(write=True) as session:
            return f"{self.url}/enter#{sign_in.new_link(session, self.gate, person.person_id)}"

    def session(self, login: str) -> str:
        """The secret of a fresh session, as the cookie holds it."""
        person = self.person(login)
        with self.vault.registry(write=True) as session:
            visit = sign_in.Visit("127.0.0.1", "test")
            return sign_in.begin(session, self.gate, person.person_id, visit, how="link")

    def project(
        self,
        form: dict[str, Any],
        rows: list[str] | list[dict[str, Any]],
        *,
        manager: str = "mira",
        annotators: tuple[str, ...] = ("ana",),
        level: str = "PUBLIC",
        **settings: Any,
    ) -> str:
        """A project with a task a row. `settings`: name, guideline, overlap, lease_seconds."""
        for login in (manager, *annotators):
            self.person(login)
        asked = ProjectIn.model_validate({"name": "Port incidents", "form": form, **settings})
        with self.vault.writing(self.at(manager, level)) as session:
            made = project.create(session, asked).id
            for login in annotators:
                set_roles(session, made, self.person(login).person_id, ["annotator"])
        content = "".join(json.dumps(row if isinstance(row, dict) else {"text": row}) + "\n" for row in rows)
        if rows:
            upload = uploads.stage(self.vault, BytesIO(content.encode()))
            examined = imports.examine(upload, "rows.jsonl", "jsonl", ImportOptions())
            with project.from_above(self.vault, self.at(manager, level), made) as (session, found):
                imports.begin(session, self.vault, found, examined)
            upload.path.unlink(missing_ok=True)
            jobs.run_waiting(self.vault)
        return made

    def at(self, login: str, level: str = "PUBLIC") -> Reader:
        known = self.person(login)
        marking = self.vault.scheme.parse(level)
        return Reader(known.person_id, login, known.clearance, marking, known.how, "test")

    def answers(self, project_id: str, by: str = "ana") -> list[dict[str, Any]]:
        """The latest answers of a project in the order of its tasks."""
        with self.vault.reading(self.at(by)) as session:
            return list(
                session.scalars(
                    select(Annotation.result)
                    .join(Task, Task.id == Annotation.task_id)
                    .where(Annotation.project_id == project_id, Annotation.latest)
                    .order_by(Task.position)
                )
            )

    def revisions(self, project_id: str, by: str = "ana") -> list[int]:
        with self.vault.reading(self.at(by)) as session:
            query = select(Annotation.revision).where(Annotation.project_id == project_id)
            return sorted(session.scalars(query))

    def assignments(self, project_id: str, by: str = "ana") -> list[Assignment]:
        with self.vault.reading(self.at(by)) as session:
            query = select(Assignment).where(Assignment.project_id == project_id).order_by(Assignment.id)
            return list(session.scalars(query))

    def remove(self, project_id: str, level: str = "PUBLIC") -> None:
        with project.from_above(self.vault, self.at("mira", level), project_id) as (session, found):
            project.remove(session, found)

    def lose(self, project_id: str, to: str, level: str = "PUBLIC") -> None:
        """Lets every lease of a project run out, and gives the tasks to somebody else."""
        table, other = core(Assignment), self.person(to)
        over = clock.now().replace(year=clock.now().year - 1)
        with self.vault.writing(self.at("mira", level)) as session:
            session.connection().execute(
                update(table)
                .where(table.c.marking_id == session.level_id, table.c.project_id == project_id)
                .values(lease_until=over)
            )
        with self.vault.writing(self.at("mira", level)) as session:
            set_roles(session, project_id, other.person_id, ["annotator"])
        held: list[str] = []
        while True:
            with self.vault.writing(self.at(to, level)) as session:
                taken = assign.next_task(session, project_id, held)
            if taken is None:
                return
            held.append(taken.id)


@dataclass
class Watch:
    """What a page complained of."""

    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")
                if message.type == "error"
                else None
            ),
        )

    def unexpected(self) -> list[str]:
        # Who isn't signed in learns it by asking for the session; the browser writes every 401 to the console.
        allowed = [*self.allowed, r"401 .*/api/v1/session\)$"]
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in allowed)]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place") / "workspace"
    with Vault.create(folder, Scheme.load("corporate")) as vault:
        served = Place(vault)
        served.start()
        yield served
        served.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    watched = Watch()
    yield watched
    assert watched.unexpected() == []


@pytest.fixture
def context(chromium: Browser, place: Place, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts: a fresh profile each, on a laptop's screen."""
    made: list[BrowserContext] = []

    def make(*, dark: bool = False, size: tuple[int, int] = (1280, 720)) -> BrowserContext:
        fresh = chromium.new_context(
            base_url=place.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        fresh.set_default_timeout(PATIENCE)
        fresh.on("page", watch.follow)
        made.append(fresh)
        return fresh

    yield make
    for each in made:
        each.close()


@pytest.fixture
def enter(context: Callable[..., BrowserContext], place: Place) -> Callable[..., Page]:
    """Opens a page as somebody, at a path: `enter("ana", "/label/…")`."""

    def opened(login: str, path: str = "/", **window: Any) -> Page:
        entered = context(**window)
        entered.add_cookies([{"name": COOKIE, "value": place.session(login), "url": place.url}])
        page = entered.new_page()
        page.goto(path)
        return page

    return opened


def axe(page: Page, within: str = "body") -> list[str]:
    """What axe finds against WCAG 2.2 AA inside `within`, a CSS selector: one line a rule and place."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        """(within) => axe.run(within, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })""",
        within,
    )
    return [
        f"{each['id']}: {node['html'][:160]} {(node['any'] or node['all'] or node['none'] or [{}])[0].get('message', '')}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]

"""A real app on a real port with a real worker, for tests that come in over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from strongroom import assembly  # noqa: F401  (every table, before a vault is made)
from strongroom.client import Strongroom
from strongroom.jobs import Supervisor
from strongroom.markings import Scheme
from strongroom.people import Clearances, clearances, enrol, tokens
from strongroom.vault import Vault
from strongroom.web import Settings, create_app


class Running:
    """A served workspace; `room` comes in as somebody, who gets an account when first named."""

    def __init__(self, vault: Vault, supervisor: Supervisor | None = None) -> None:
        self.vault = vault
        self.supervisor = supervisor
        self.ids: dict[str, str] = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def served(self) -> Iterator[None]:
        config = uvicorn.Config(
            create_app(self.vault, Settings()), port=self.port, log_config=None, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield
        server.should_exit = True
        thread.join()

    def token(self, login: str, *scopes: str, level: str = "Restricted") -> str:
        with self.vault.registry(write=True) as session:
            if login not in self.ids:
                person = enrol.add_person(session, login, login.title())
                session.flush()
                stored = Clearances(self.vault.scheme).canonical({"level": level}, login)
                clearances.give(session, person, stored, reason="test", by=None)
                self.ids[login] = person.id
            wanted = scopes or ("read", "label", "manage")
            _, secret = tokens.issue(
                session,
                self.ids[login],
                "test",
                wanted,  # type: ignore[arg-type]
                days=1,
                longest_days=1,
            )
        return secret

    def room(self, login: str, level: str | None = None, **options: object) -> Strongroom:
        return Strongroom(self.url, self.token(login), level, **options)  # type: ignore[arg-type]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    with Vault.create(folder, Scheme.load("corporate")) as vault:
        supervisor = Supervisor(folder)
        supervisor.start()
        app = Running(vault, supervisor)
        try:
            with app.served():
                with app.room("probe", patience_seconds=30) as room:
                    room.session()
                yield app
        finally:
            supervisor.stop()

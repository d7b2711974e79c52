"""A world: the program on a copy of a workspace, asked in this process or over real HTTP.

Both ways go through the same app; over HTTP a server process and the bytes on the wire come on top.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol, Self
from urllib.parse import quote

import httpx
from fastapi import APIRouter

from strongroom.errors import InvalidError
from strongroom.people.gate import COOKIE
from strongroom.people.policy import CSRF_HEADER, LEVEL_HEADER
from strongroom.separation import staged
from strongroom.separation.actors import BROKEN_OFF, Actor, Reply, Request
from strongroom.vault import Vault
from strongroom.vault.database import VARIABLE

PATIENCE_SECONDS = 60.0
SERVER = ("-m", "strongroom.separation.server")


class Opened(Protocol):
    """Makes a world of a folder and the address of its database (empty for SQLite)."""

    def __call__(self, folder: Path, database: str) -> World: ...


class World(ABC):
    """`act` sends; `requests` counts. Close it, or use `with`."""

    def __init__(self) -> None:
        self.requests = 0
        self._key = secrets.token_hex(16)
        self._acts: dict[str, int] = {}

    def act(self, actor: Actor, request: Request, when: datetime, seed: int | str) -> Reply:
        """Sends the request and waits until the jobs that it started are done. The dice depend on the actor and on how
        often that actor acted before, on nobody else."""
        number = self._acts[actor.login] = self._acts.get(actor.login, 0) + 1
        self.requests += 1
        stage = {
            staged.MOMENT.decode(): when.isoformat(),
            staged.DICE.decode(): f"{seed} {actor.login} {number}",
            staged.KEY.decode(): self._key,
        }
        try:
            response = self._send(actor, request, {**_headers(request), **stage})
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            return Reply(BROKEN_OFF, (), str(error).encode())
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
        )
        return Reply(response.status_code, headers, response.content)

    @abstractmethod
    def _send(self, actor: Actor, request: Request, headers: dict[str, str]) -> httpx.Response: ...

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class InProcess(World):
    """The app, called in this process."""

    def __init__(self, folder: Path, database: str = "", routers: Sequence[APIRouter] = ()) -> None:
        super().__init__()
        self.vault = Vault.open(folder, database=database)
        self._app = staged.staged(self.vault, self._key, routers)
        # A thread of its own, so that it doesn't matter whether the caller's has a loop already.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="world")
        self._loop = asyncio.Runner()
        self._clients: dict[str, httpx.AsyncClient] = {}

    def _send(self, actor: Actor, request: Request, headers: dict[str, str]) -> httpx.Response:
        client = self._clients.get(actor.address)
        if client is None:
            transport = httpx.ASGITransport(
                self._app, raise_app_exceptions=False, client=(actor.address, 50000)
            )
            client = httpx.AsyncClient(
                transport=transport, base_url="http://localhost/api/v1", trust_env=False
            )
            self._clients[actor.address] = client
        asked = client.request(request.method, request.path, headers=headers, **_content(request))
        return self._thread.submit(self._loop.run, asked).result()

    def close(self) -> None:
        self._thread.submit(self._loop.close).result()
        self._thread.shutdown()
        self.vault.close()


class OverHttp(World):
    """A server process of its own on loopback; each actor comes from an address of their own."""

    def __init__(self, folder: Path, database: str = "", command: Sequence[str] = SERVER) -> None:
        super().__init__()
        self._process = subprocess.Popen(  # noqa: S603 (this interpreter, with a module of this package)
            [sys.executable, *command, str(folder)],
            env={**os.environ, VARIABLE: database},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        _pipe(self._process.stdin).write(self._key + "\n")
        _pipe(self._process.stdin).flush()
        self._clients: dict[str, httpx.Client] = {}

    @cached_property
    def _base(self) -> str:
        """Asked for at the first request: meanwhile the servers of both worlds start side by side."""
        port = _pipe(self._process.stdout).readline().strip()
        if not port:
            raise InvalidError("A server for the trial did not start; standard error says why.")
        return f"http://127.0.0.1:{port}/api/v1"

    def _send(self, actor: Actor, request: Request, headers: dict[str, str]) -> httpx.Response:
        client = self._clients.get(actor.address)
        if client is None:
            # All of 127.0.0.0/8 is this machine on Linux; elsewhere one address serves for all.
            address = actor.address if sys.platform == "linux" else None
            transport = httpx.HTTPTransport(local_address=address)
            client = httpx.Client(
                transport=transport, base_url=self._base, trust_env=False, timeout=PATIENCE_SECONDS
            )
            self._clients[actor.address] = client
        response = client.request(request.method, request.path, headers=headers, **_content(request))
        client.cookies.clear()
        return response

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        _pipe(self._process.stdin).close()
        self._process.wait(timeout=PATIENCE_SECONDS)
        _pipe(self._process.stdout).close()


def _content(request: Request) -> dict[str, Any]:
    return {
        "params": request.query,
        "json": request.body,
        "files": request.files,
        "data": request.form,
    }


def _headers(request: Request) -> dict[str, str]:
    headers = dict(request.headers)
    if request.entry == "token":
        headers["authorization"] = f"Bearer {request.secret}"
    elif request.entry == "session":
        headers["cookie"] = f"{COOKIE}={request.secret}"
        headers[CSRF_HEADER] = request.csrf
    if request.level is not None:
        headers[LEVEL_HEADER] = quote(request.level)
    if request.files is not None:
        # httpx would choose one at random, and both worlds shall be sent the same.
        headers["content-type"] = "multipart/form-data; boundary=the-same-in-both-worlds"
    return headers


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise TypeError("the process was started with pipes")
    return stream

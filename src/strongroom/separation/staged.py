"""The program on a stage: each request comes with the time and the dice that hold while it is answered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

import anyio.to_thread
from fastapi import APIRouter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom import assembly  # noqa: F401 (makes every table and kind of job known)
from strongroom.jobs import run_waiting
from strongroom.vault import Vault, clock, ids
from strongroom.web import Settings, create_app

MOMENT = b"strongroom-stage-moment"
DICE = b"strongroom-stage-dice"
KEY = b"strongroom-stage-key"


class Staged:
    """Sets clock and dice by two headers that the program itself never sees, and does the jobs that a request started
    before its answer ends. Whoever lacks `key` is not let in: with the dice one could choose other people's secrets.
    """

    def __init__(self, app: ASGIApp, vault: Vault, key: str) -> None:
        self.app = app
        self.vault = vault
        self.key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stage = {name: value for name, value in scope["headers"] if name in (MOMENT, DICE, KEY)}
        if not compare_digest(stage.get(KEY, b""), self.key):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in stage]
        last: Message | None = None

        async def hold_the_end(message: Message) -> None:
            nonlocal last
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                last = message
            else:
                await send(message)

        moment = datetime.fromisoformat(stage[MOMENT].decode())
        dice = random.Random(stage[DICE].decode())  # noqa: S311 (it has to be the same dice in both worlds)
        with clock.at(moment), ids.drawn_from(dice):
            await self.app(scope, receive, hold_the_end)
            await anyio.to_thread.run_sync(run_waiting, self.vault)
        if last is not None:
            await send(last)


def staged(vault: Vault, key: str, routers: Sequence[APIRouter] = ()) -> Staged:
    """The whole program over an open vault, on stage. `routers` come on top."""
    settings = Settings(workspace=vault.folder, https=False, host="127.0.0.1")
    return Staged(create_app(vault, settings, routers=routers), vault, key)

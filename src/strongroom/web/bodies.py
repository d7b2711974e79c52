"""How large a request may be: counted as it arrives, refused at once where its length is announced."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import TooLargeError
from strongroom.web.problems import render


class BodyLimit:
    """Uploads (`multipart/form-data`, which goes to disk as it comes) may be large; other bodies lie in memory.

    Args: both limits in bytes.
    """

    def __init__(self, app: ASGIApp, *, upload: int, other: int) -> None:
        self.app = app
        self.upload = upload
        self.other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, announced = self.other, 0
        for name, value in scope["headers"]:
            if name == b"content-type" and value.lower().startswith(b"multipart/form-data"):
                limit = self.upload
            elif name == b"content-length" and value.isdigit():
                announced = int(value)
        if announced > limit:
            await render(_too_large(limit))(scope, receive, send)
            return
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    raise HTTPException(
                        413
                    )  # the one kind of error that FastAPI lets through while it reads a body
            return message

        await self.app(scope, receive_counted, send)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        "The request is larger than this server takes.",
        remedy=f"Send at most {limit // 1024} KiB, or split it.",
    )

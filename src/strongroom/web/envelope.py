"""What goes around every request and answer: its id, the host it was called by, the security headers, the log.

Pure ASGI: one object, no tasks, no wrapping of bodies.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import StrongroomError
from strongroom.vault import ids
from strongroom.web.problems import UnexpectedError, render

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
SLOW_SECONDS = 1.0

log = structlog.get_logger("strongroom.web")


class UnknownHostError(StrongroomError):
    status = 421
    code = "unknown_host"
    title = "This server does not go by that name"


class BrokenOffError(Exception):
    """An answer that had begun could not be finished. Says the request id."""


class Envelope:
    """Outermost layer of the app.

    A page of another site can make a browser call this server under a name that the site owns (DNS rebinding);
    so only loopback names and the hosts an operator has named are answered.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: Iterable[str], https: bool) -> None:
        self.app = app
        self.hosts = frozenset((*LOOPBACK_NAMES, *(host.lower() for host in allowed_hosts)))
        headers = {
            b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; "
            b"frame-ancestors 'none'",
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"no-referrer",
            b"cross-origin-opener-policy": b"same-origin",
            b"cross-origin-resource-policy": b"same-origin",
            b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
            b"cache-control": b"private, no-store",
        }
        if https:
            headers[b"strict-transport-security"] = b"max-age=31536000"
        self.headers = tuple(headers.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = request_id = ids.new_id()
        status = 0
        begun = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = message.setdefault("headers", [])
                names = {name for name, _ in own}
                own.extend(pair for pair in self.headers if pair[0] not in names)
            await send(message)

        try:
            if _host_of(scope) in self.hosts:
                await self.app(scope, receive, send_with_headers)
            else:
                refusal = UnknownHostError(
                    remedy="An operator can name further hosts: STRONGROOM_ALLOWED_HOSTS."
                )
                await render(refusal)(scope, receive, send_with_headers)
        except Exception as error:
            _report(error, scope, request_id)
            if status:
                # The server closes the connection and logs what it gets: a request id, not the words of `error`.
                raise BrokenOffError(request_id) from None
            broken = UnexpectedError(
                "The program met a fault of its own.",
                remedy="Tell the operator the request id; the log has more under it.",
                request_id=request_id,
            )
            await render(broken, {"X-Request-Id": request_id})(scope, receive, send_with_headers)
        seconds = time.perf_counter() - begun
        if seconds > SLOW_SECONDS:
            log.warning(
                "slow", request_id=request_id, route=_route(scope), status=status, seconds=round(seconds, 3)
            )


def _host_of(scope: Scope) -> str:
    """The Host header without its port, in lower case; empty when there is none, or more than one."""
    found: list[bytes] = [value for name, value in scope["headers"] if name == b"host"]
    if len(found) != 1:
        return ""
    host = found[0].decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _route(scope: Scope) -> str:
    """Method and path pattern: a path itself may hold what only its reader may know."""
    return f"{scope['method']} {getattr(scope.get('route'), 'path', '-')}"


def _report(error: Exception, scope: Scope, request_id: str) -> None:
    """Where it broke and what kind of fault it was. Its words may quote content, so they stay out of the log."""
    frames = traceback.extract_tb(error.__traceback__)
    told = [at for at in frames[:-1] if "/strongroom/" in at.filename] + frames[-1:]
    kinds = []
    cause: BaseException | None = error
    while cause is not None:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__
    log.error(
        "unexpected",
        request_id=request_id,
        route=_route(scope),
        error=" from ".join(kinds),
        at=[f"{at.filename.rpartition('/site-packages/')[2]}:{at.lineno} {at.name}" for at in told],
    )

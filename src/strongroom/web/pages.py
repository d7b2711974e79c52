"""The built web client: its files, and `index.html` for every path that isn't the API's."""

from __future__ import annotations

import secrets
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from strongroom.errors import NotFoundError
from strongroom.web.problems import render

STATIC = Path(__file__).parent / "static"
NONCE = "__CSP_NONCE__"
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Strongroom</title>
<h1>The web client is not built</h1>
<p>The server runs, and its API answers. To have the client, run <code>make client</code> in the
source tree (it brings its own Node), or install the wheel, which carries it.</p></html>
"""


class Pages:
    """Answers what no route has taken: a file of the client, its page, or the API's one 404."""

    def __init__(self, static: Path = STATIC) -> None:
        self.index = static / "index.html"
        self.files = StaticFiles(directory=static, check_dir=False)
        self._page: tuple[float, str] = (0.0, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or path == "/api" or path.startswith("/api/"):
            return render(NotFoundError())
        if path.startswith("/assets/"):
            return await self._file(path, scope, "public, max-age=31536000, immutable")
        if path.count("/") == 1 and path.endswith((".ico", ".svg", ".png", ".webmanifest", ".txt")):
            return await self._file(path, scope, "public, max-age=3600")
        return self._client_page()

    async def _file(self, path: str, scope: Scope, caching: str) -> Response:
        try:
            answer = await self.files.get_response(path.lstrip("/"), scope)
        except HTTPException:
            return render(NotFoundError())
        answer.headers["Cache-Control"] = caching
        return answer

    def _client_page(self) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": policy_with(nonce), "Cache-Control": "no-store"}
        try:
            return HTMLResponse(self._read_index().replace(NONCE, nonce), headers=headers)
        except FileNotFoundError:
            return HTMLResponse(NOT_BUILT, status_code=503, headers=headers)

    def _read_index(self) -> str:
        """The page as built, read again only when it has changed."""
        changed = self.index.stat().st_mtime
        if self._page[0] != changed:
            self._page = (changed, self.index.read_text(encoding="utf-8"))
        return self._page[1]


def policy_with(nonce: str) -> str:
    """The content security policy of the client: what it may load, run and connect to is this server alone."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "script-src-attr 'none'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"style-src-elem 'self' 'nonce-{nonce}'",
            "style-src-attr 'none'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

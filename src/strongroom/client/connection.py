"""HTTP as the client speaks it: one pool of connections, patience, and errors that are the server's own."""

from __future__ import annotations

import copy
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from strongroom import errors
from strongroom.errors import NotFoundError, StrongroomError

# Answers of a server, or of what stands before it, that isn't ready: the request was not carried out.
_NOT_READY = {502, 503, 504}
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


class UnreachableError(StrongroomError):
    """No answer for as long as the client's patience lasted."""

    status = 503
    code = "unreachable"
    title = "The server does not answer"


class Connection:
    """Sends requests to one server until they are answered or `patience_seconds` have passed."""

    def __init__(
        self,
        url: str,
        token: str,
        level: str | None,
        *,
        patience_seconds: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._level = {} if level is None else {"Strongroom-Level": quote(level, safe=" /")}
        self._patience_seconds = patience_seconds
        self._http = httpx.Client(
            base_url=self.url + "/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx.Timeout(60.0, connect=5.0),
            transport=transport,
        )

    def at(self, level: str) -> Connection:
        """The same connections, for work at another level."""
        other = copy.copy(self)
        other._level = {"Strongroom-Level": quote(level, safe=" /")}
        return other

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **params: object) -> Any:
        return self.send("GET", path, params=params).json()

    def post(self, path: str, json: object = None) -> Any:
        """One act, under one key however often it is sent. None where the server has nothing to say (204)."""
        response = self.send("POST", path, json=json)
        return response.json() if response.content else None

    def pages(self, path: str, **params: object) -> Iterator[Any]:
        """The items of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        file: Callable[[], tuple[str, Any]] | None = None,
    ) -> httpx.Response:
        """The answer to a request. `file` gives name and stream anew each time that the request is sent."""
        given = {name: str(value) for name, value in (params or {}).items() if value is not None}
        headers = dict(self._level)
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        body: dict[str, Any] = {}
        if json is not None:
            body["json"] = json

        def once() -> httpx.Response:
            if file is None:
                return self._http.request(method, path, params=given, headers=headers, **body)
            name, stream = file()
            with stream:
                return self._http.request(
                    method, path, params=given, headers=headers, data=form, files={"file": (name, stream)}
                )

        response = self._until_answered(once)
        if response.is_error:
            raise _error(response)
        return response

    @contextmanager
    def stream(self, path: str, **params: object) -> Iterator[tuple[httpx.Headers, Iterator[bytes]]]:
        """Headers and body of a GET, the body in chunks: for files that need not fit in memory."""
        given = {name: str(value) for name, value in params.items()}
        request = self._http.build_request("GET", path, params=given, headers=self._level)
        response = self._until_answered(lambda: self._http.send(request, stream=True))
        try:
            if response.is_error:
                response.read()
                raise _error(response)
            yield response.headers, response.iter_bytes()
        except httpx.TransportError as broken:
            raise self._unreachable() from broken
        finally:
            response.close()

    def _until_answered(self, once: Callable[[], httpx.Response]) -> httpx.Response:
        give_up = time.monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            broken: httpx.TransportError | None = None
            try:
                response = once()
                if response.status_code not in _NOT_READY or time.monotonic() + pause > give_up:
                    return response
                response.close()
            except httpx.UnsupportedProtocol as wrong:
                raise UnreachableError(
                    f"{self.url} is not an address of a server.",
                    remedy="Give one like http://127.0.0.1:8710.",
                ) from wrong
            except httpx.TransportError as error:
                broken = error
            if time.monotonic() + pause > give_up:
                raise self._unreachable() from broken
            time.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads clients, keeps no secret
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _unreachable(self) -> UnreachableError:
        return UnreachableError(
            f"{self.url} does not answer.",
            remedy="Start it with `strongroom serve`, or give the address of a running one (STRONGROOM_URL).",
        )


def _error(response: httpx.Response) -> StrongroomError:
    """The server's problem document as the class that it came from; by status where the code is unknown."""
    try:
        problem = dict(response.json())
    except (ValueError, TypeError):
        problem = {"detail": f"The server answered {response.status_code} {response.reason_phrase}."}
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StrongroomError)
    ]
    kind = next(
        (kind for kind in kinds if kind.code == problem.get("code")),
        next((kind for kind in kinds if kind.status == response.status_code), StrongroomError),
    )
    if kind is NotFoundError:
        return NotFoundError()
    known = ("code", "title", "status", "type", "instance")
    fields = {name: value for name, value in problem.items() if name not in known}
    texts = {name: str(fields.pop(name, "") or "") for name in ("detail", "kept", "remedy")}
    error = kind(texts["detail"], kept=texts["kept"], remedy=texts["remedy"])
    error.extra = fields
    return error

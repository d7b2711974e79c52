"""A few lines of HTTP on the standard library, so that these tests don't trust the project's own client."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Connection:
    """One kept-alive connection of one person; reconnects for `patience_seconds` when the server is gone."""

    port: int
    token: str
    patience_seconds: float = 60.0
    level: str | None = None
    retries: int = 0
    _http: http.client.HTTPConnection | None = field(default=None, repr=False)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        raw: tuple[bytes, str] | None = None,
    ) -> Answer:
        """Sends until an answer comes. `key` is the idempotency key; a POST without one gets its own."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        data: bytes | None = None
        if raw is not None:
            data, headers["Content-Type"] = raw
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        if self.level is not None:
            headers["Strongroom-Level"] = self.level
        give_up = time.monotonic() + self.patience_seconds
        while True:
            try:
                if self._http is None:
                    self._http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                self._http.request(method, "/api/v1" + path, body=data, headers=headers)
                response = self._http.getresponse()
                answer = Answer(response.status, response.read())
                if answer.status == 503 and time.monotonic() < give_up:
                    time.sleep(0.05)
                    continue
                return answer
            except (OSError, http.client.HTTPException):
                self.close()
                self.retries += 1
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None


def multipart(file_name: str, content: bytes, fields: dict[str, str]) -> tuple[bytes, str]:
    """Body and content type of a form upload with one file named `file`."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"

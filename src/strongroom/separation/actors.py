"""Who acts in the two worlds, what they send and what they get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Actor:
    """Somebody with a clearance, who works at one level. `address` is where their requests come from."""

    login: str
    clearance: dict[str, Any]
    level: str
    duties: tuple[str, ...] = ()
    address: str = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """What an actor sends. `operation` is the operation id of the API's description.

    `entry` says how the actor comes in: by the API token `secret`, by the browser session whose cookie `secret` is,
    or not at all. `level` goes out as the working level; None leaves it to the session.
    """

    operation: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    files: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    entry: Literal["token", "session", "nobody"] = "token"
    secret: str = ""
    csrf: str = ""
    level: str | None = None


@dataclass(frozen=True)
class Reply:
    """What came back, header by header in the order that they were sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of that name (lower case), empty when there is none."""
        return next((value for each, value in self.headers if each == name), "")


#: The status of an answer that began and then broke off: no server sends it.
BROKEN_OFF = 599

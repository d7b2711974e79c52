"""Who acts in the two worlds, what they send and what they get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Actor:
    """Somebody with a clearance, who works at one level."""

    login: str
    clearance: dict[str, Any]
    level: str
    duties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What an actor sends. `operation` is the operation id of the API's description."""

    operation: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    files: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

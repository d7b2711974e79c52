"""The texts of the demonstration and what is right about them. All of it is invented; nobody in it exists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict

from strongroom.demo import markup


class Incident(BaseModel):
    """A report of the port. One that has `mistaken_for` is honestly ambiguous, and that is the other answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    marking: str
    kind: str
    follow_up: tuple[str, ...]
    mistaken_for: str | None = None
    text: str

    @property
    def hard(self) -> bool:
        return self.mistaken_for is not None


class Message(BaseModel):
    """A message from the field; `marked` is its text with the spans written in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    marking: str
    hard: bool = False
    marked: str

    @property
    def text(self) -> str:
        return markup.read(self.marked)[0]

    @property
    def spans(self) -> list[markup.Span]:
        return markup.read(self.marked)[1]


@cache
def incidents() -> tuple[Incident, ...]:
    return tuple(Incident.model_validate(line) for line in _lines("port.jsonl"))


@cache
def messages() -> tuple[Message, ...]:
    return tuple(Message.model_validate(line) for line in _lines("relief.jsonl"))


def stored(name: str) -> str:
    """A file of the demonstration, whole."""
    return (resources.files("strongroom.demo") / "data" / name).read_text("utf-8")


def _lines(name: str) -> Iterator[Any]:
    return map(json.loads, stored(name).splitlines())

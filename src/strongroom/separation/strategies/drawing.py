"""A request in the making: parameters from the API's description, ids from what was seen, bodies from the rooms."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from strongroom.separation.actors import Actor, Reply, Request

METHODS = ("get", "post", "put", "patch", "delete")

Body = Callable[["Draw"], Any]
Upload = Callable[["Draw"], tuple[dict[str, Any], dict[str, str]]]

#: What an operation takes as JSON, by operation id; what one takes as files and form fields; and what kind of thing a
#: JSON object is, told by a key that only its kind has -> the path parameter that takes its id. Rooms fill them.
BODIES: dict[str, Body] = {}
UPLOADS: dict[str, Upload] = {}
KINDS: dict[str, str] = {}


def body_of(*operation_ids: str) -> Callable[[Body], Body]:
    """Registers what draws the JSON body of these operations."""

    def register(make: Body) -> Body:
        for each in operation_ids:
            BODIES[each] = make
        return make

    return register


def upload_of(*operation_ids: str) -> Callable[[Upload], Upload]:
    """Registers what draws the files and the form fields of these operations."""

    def register(make: Upload) -> Upload:
        for each in operation_ids:
            UPLOADS[each] = make
        return make

    return register


def told_by(key: str, parameter: str) -> None:
    """A JSON object with `key` is the kind of thing whose `id` the path parameter takes. First told, first asked."""
    KINDS[key] = parameter


@dataclass
class Pool:
    """Ids, leases and cursors that an actor has seen, by the parameter that takes them."""

    seen: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    leases: dict[str, str] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)

    def add(self, parameter: str, value: str) -> None:
        if value not in self.seen[parameter]:
            self.seen[parameter].append(value)

    def harvest(self, reply: Reply) -> None:
        if reply.body[:1] not in (b"{", b"["):
            return
        try:
            self._walk(json.loads(reply.body))
        except ValueError:
            return

    def _walk(self, node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                self._walk(each)
        elif isinstance(node, dict):
            for key, parameter in KINDS.items():
                value = node.get(key if key.endswith("_id") and key == parameter else "id")
                if key in node and isinstance(value, str):
                    self.add(parameter, value)
                    break
            if isinstance(node.get("lease"), str) and isinstance(node.get("id"), str):
                self.leases[node["id"]] = node["lease"]
            if isinstance(node.get("next"), str):
                self.cursors.append(node["next"])
            for each in node.values():
                self._walk(each)


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    description: dict[str, Any]

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.description

    @property
    def takes_files(self) -> bool:
        return "multipart/form-data" in self.description.get("requestBody", {}).get("content", {})


def operations(openapi: dict[str, Any]) -> dict[str, Operation]:
    """The operations that an OpenAPI document describes, by operation id."""
    return {
        described["operationId"]: Operation(described["operationId"], method.upper(), path, described)
        for path, item in openapi["paths"].items()
        for method, described in item.items()
        if method in METHODS
    }


def without_strategy(known: dict[str, Operation]) -> list[str]:
    """Operations that take a body which nobody here can draw."""
    return [
        each.id
        for each in known.values()
        if each.takes_body and each.id not in (UPLOADS if each.takes_files else BODIES)
    ]


@dataclass(frozen=True)
class Stage:
    """What the play is about: markings that people try, and who there is."""

    markings: tuple[str, ...]
    logins: tuple[str, ...]


@dataclass
class Draw:
    """One request in the making."""

    dice: random.Random
    actor: Actor
    stage: Stage
    pool: Pool
    hidden: Pool
    ids: dict[str, str] = field(default_factory=dict)

    def id(self, parameter: str) -> str:
        """Mostly something of one's own, sometimes something hidden, sometimes nothing at all."""
        known = self.pool.seen[parameter]
        hidden = self.hidden.seen[parameter]
        roll = self.dice.random()
        if known and roll < 0.78:
            return self.dice.choice(known[-8:]) if roll < 0.6 else self.dice.choice(known)
        if hidden and roll < 0.97:
            return self.dice.choice(hidden)
        return uuid.UUID(int=self.dice.getrandbits(128), version=4).hex

    def marking(self) -> str:
        """The actor's level half of the time, else any, one that is none included."""
        return self.actor.level if self.dice.random() < 0.5 else self.dice.choice(self.stage.markings)

    def login(self) -> str:
        return self.dice.choice(self.stage.logins)

    def lease(self) -> str:
        """The lease of the assignment that the path names, if the actor was ever given it."""
        return self.pool.leases.get(self.ids.get("assignment_id", ""), "no-such-lease")


def request_for(operation: Operation, draw: Draw) -> Request:
    for name in re.findall(r"\{(\w+)\}", operation.path):
        draw.ids[name] = draw.id(name)
    path = operation.path.removeprefix("/api/v1").format(**draw.ids)
    query: dict[str, Any] = {}
    for parameter in operation.description.get("parameters", []):
        if parameter["in"] != "query" or (not parameter.get("required") and draw.dice.random() < 0.5):
            continue
        query[parameter["name"]] = _value(parameter, draw)
    headers = {}
    if operation.method == "POST" and draw.dice.random() < 0.5:
        headers["Idempotency-Key"] = f"key-{draw.dice.randrange(4)}"
    if operation.takes_files:
        files, form = UPLOADS[operation.id](draw)
        return Request(operation.id, operation.method, path, query, None, files, form, headers)
    body = BODIES[operation.id](draw) if operation.takes_body else None
    return Request(operation.id, operation.method, path, query, body, None, None, headers)


def _value(parameter: dict[str, Any], draw: Draw) -> Any:
    name = parameter["name"]
    if name == "id":
        return draw.id("assignment_id")
    if name.endswith("_id"):
        return draw.id(name)
    if name == "cursor":
        cursors = [*draw.pool.cursors[-4:], *draw.hidden.cursors[-2:], "forged"]
        return draw.dice.choice(cursors)
    schema = parameter.get("schema", {})
    options = [schema, *schema.get("anyOf", [])]
    for option in options:
        if "enum" in option:
            return draw.dice.choice(option["enum"])
        if option.get("type") == "integer":
            return draw.dice.randint(1, 5)
        if option.get("type") == "boolean":
            return draw.dice.choice(["true", "false"])
    return draw.dice.choice(["quay", "item", "spill", "PUB"])

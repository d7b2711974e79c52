"""How each operation of the API is tried: parameters from the description, ids from what was seen, bodies by hand.

An operation that takes a body and has no entry in `BODIES` fails the build (`test_every_operation_has_a_strategy`).
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .worlds import CAST, OBSERVERS, Actor, Reply, Request

METHODS = ("get", "post", "put", "patch", "delete")
MARKINGS = ["PUBLIC", "INTERNAL", *(actor.level for actor in OBSERVERS), "RESTRICTED//PHI", "NONSENSE"]

#: What a JSON object is, told by a key that only its kind has -> the path parameter that takes its id.
KINDS = {
    "lease": "assignment_id",
    "assignment_id": "assignment_id",
    "guideline": "project_id",
    "file_name": "import_id",
    "sha256": "dataset_id",
    "excerpt": "task_id",
    "external_id": "task_id",
    "duties": "person_id",
    "scopes": "token_id",
    "eta_seconds": "job_id",
}


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


def operations(openapi: dict[str, Any]) -> dict[str, Operation]:
    return {
        described["operationId"]: Operation(described["operationId"], method.upper(), path, described)
        for path, item in openapi["paths"].items()
        for method, described in item.items()
        if method in METHODS
    }


@dataclass
class Draw:
    """One request in the making."""

    dice: random.Random
    actor: Actor
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
        return self.actor.level if self.dice.random() < 0.5 else self.dice.choice(MARKINGS)

    def lease(self) -> str:
        return self.pool.leases.get(self.ids.get("assignment_id", ""), "no-such-lease")

    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "kind": self.dice.choice(["spill", "fire", "nonsense"][: self.dice.choice([2, 2, 3])])
        }
        if self.dice.random() < 0.5:
            result["places"] = [{"start": 0, "end": 4, "label": "place"}]
        return result

    def form(self) -> dict[str, Any]:
        labels = [
            {"id": "spill", "title": "Spill"},
            {"id": "fire", "title": self.dice.choice(["Fire", "Blaze"])},
        ]
        return {"fields": [{"key": "kind", "kind": "class", "title": "Kind", "labels": labels}]}


Body = Callable[[Draw], Any]


def _person(draw: Draw) -> dict[str, Any]:
    return {"login": draw.dice.choice(["ann", "bob", "harbour", "cid"]), "name": "New Person"}


def _grant(draw: Draw) -> dict[str, Any]:
    return {"clearance": {"level": draw.dice.choice(["Public", "Internal"])}, "reason": "asked for"}


#: Bodies of operations that take JSON.
BODIES: dict[str, Body] = {}


def body_of(*operation_ids: str) -> Callable[[Body], Body]:
    def register(make: Body) -> Body:
        for each in operation_ids:
            BODIES[each] = make
        return make

    return register


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
    content = list(operation.description.get("requestBody", {}).get("content", {}))
    if content == ["multipart/form-data"]:
        files, form = upload(draw)
        return Request(operation.id, operation.method, path, query, None, files, form, headers)
    body = BODIES[operation.id](draw) if operation.takes_body else None
    return Request(operation.id, operation.method, path, query, body, None, None, headers)


def _value(parameter: dict[str, Any], draw: Draw) -> Any:
    if parameter["name"] == "id":
        return draw.id("assignment_id")
    if parameter["name"] == "cursor":
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


def upload(draw: Draw) -> tuple[dict[str, Any], dict[str, str]]:
    rows = []
    for _ in range(draw.dice.randint(1, 4)):
        row = {"id": f"n{draw.dice.randrange(12)}", "text": f"Text {draw.dice.randrange(12)}"}
        if draw.dice.random() < 0.6:
            row["marking"] = draw.marking()
        if draw.dice.random() < 0.2:
            row["people"] = [draw.dice.choice([actor.login for actor in CAST])]  # type: ignore[assignment]
        rows.append(json.dumps(row))
    if draw.dice.random() < 0.2:
        rows.append("{broken")
    return {"file": ("rows.jsonl", "\n".join(rows).encode())}, {"format": "jsonl", "options": "{}"}


@body_of("make_first_account")
def _(draw: Draw) -> Any:
    return {"token": "guess", "login": "first", "name": "First", "password": "a long enough password"}


@body_of("sign_in_with_password")
def _(draw: Draw) -> Any:
    return {"login": draw.actor.login, "password": "a wrong password"}


@body_of("sign_in_with_link")
def _(draw: Draw) -> Any:
    return {"token": "no-such-link"}


@body_of("change_level")
def _(draw: Draw) -> Any:
    return {"level": draw.marking()}


@body_of("change_password")
def _(draw: Draw) -> Any:
    return {"current": "not the one", "new": "short"}


@body_of("make_token")
def _(draw: Draw) -> Any:
    return {"name": "mine", "scopes": ["read"], "expires_in_days": draw.dice.choice([1, 30, 9999])}


@body_of("add_person")
def _(draw: Draw) -> Any:
    return _person(draw)


@body_of("change_person")
def _(draw: Draw) -> Any:
    return {"name": draw.dice.choice(["Renamed", "Again"])}


@body_of("give_clearance")
def _(draw: Draw) -> Any:
    return _grant(draw)


@body_of("roll_up")
def _(draw: Draw) -> Any:
    return {"markings": [draw.marking() for _ in range(draw.dice.randint(1, 3))]}


@body_of("create_project")
def _(draw: Draw) -> Any:
    name = draw.dice.choice(["North", "South"])
    return {
        "name": name,
        "description": "",
        "guideline": "Read.",
        "form": draw.form(),
        "overlap": draw.dice.randint(1, 3),
    }


@body_of("change_project")
def _(draw: Draw) -> Any:
    return draw.dice.choice(
        [{"name": "Renamed"}, {"guideline": "Read twice."}, {"overlap": 3}, {"form": draw.form()}]
    )


@body_of("set_member")
def _(draw: Draw) -> Any:
    return {"roles": [draw.dice.choice(["annotator", "manager", "owner"])]}


@body_of("next_task")
def _(draw: Draw) -> Any:
    return {"held": [draw.id("assignment_id")] if draw.dice.random() < 0.5 else []}


@body_of("renew_lease")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease()}


@body_of("save_draft")
def _(draw: Draw) -> Any:
    return {"result": draw.result()}


@body_of("submit_answer")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease(), "result": draw.result(), "seconds": 3.5}


@body_of("skip_task")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease(), "reason": "unreadable"}


@body_of("flag_task")
def _(draw: Draw) -> Any:
    return {"note": draw.dice.choice(["odd", ""])}


@body_of("begin_export")
def _(draw: Draw) -> Any:
    return {"name": "out", "only_complete": draw.dice.random() < 0.3}

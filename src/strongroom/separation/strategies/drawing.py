"""A request in the making: parameters from the API's description, ids from what was seen, bodies from the rooms."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from strongroom.separation.actors import Actor, Reply, Request

METHODS = ("get", "post", "put", "patch", "delete")

Body = Callable[["Draw"], Any]
Upload = Callable[["Draw"], tuple[dict[str, Any], dict[str, str]]]
Places = Callable[["Draw"], dict[str, str]]

#: What an operation takes as JSON, by operation id; what one takes as files and form fields; what stands in the paths of those
#: whose parameters belong together; and what kind of thing a
#: JSON object is, told by a key that only its kind has -> the path parameter that takes its id. Rooms fill them.
BODIES: dict[str, Body] = {}
UPLOADS: dict[str, Upload] = {}
PLACES: dict[str, Places] = {}
KINDS: dict[str, str] = {}
#: What changes what everybody may see, since accounts and duties carry no marking: hidden people who could do it leave
#: it to somebody who can't, and are refused.
OPEN_TO_ALL: set[str] = set()
#: What leaves an entry in the audit log that every auditor may see, since it is about an account: while an auditor
#: looks, hidden people leave it alone.
ON_RECORD: set[str] = set()
#: What an operation is asked with, by operation id, where names and types of its parameters say too little.
QUERIES: dict[str, Body] = {}


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


def places_of(*operation_ids: str) -> Callable[[Places], Places]:
    """Registers what draws the path parameters of these operations, where an id by itself says too little."""

    def register(make: Places) -> Places:
        for each in operation_ids:
            PLACES[each] = make
        return make

    return register


def open_to_all(*operation_ids: str) -> None:
    """Registers operations whose effect everybody may see, whoever does them."""
    OPEN_TO_ALL.update(operation_ids)


def on_record(*operation_ids: str) -> None:
    """Registers operations about one's own account, which every auditor may see whoever does them."""
    ON_RECORD.update(operation_ids)


def query_of(*operation_ids: str) -> Callable[[Body], Body]:
    """Registers what draws the query parameters of these operations."""

    def register(make: Body) -> Body:
        for each in operation_ids:
            QUERIES[each] = make
        return make

    return register


def told_by(key: str, parameter: str) -> None:
    """A JSON object with `key` is the kind of thing whose `id` the path parameter takes. First told, first asked."""
    KINDS[key] = parameter


@dataclass
class Pool:
    """What an actor has seen: ids by the parameter that takes them, leases, cursors, forms; and the actor's ways in.

    `password` is the present one; `session` is the cookie and its CSRF token, `old_sessions` those that have ended.
    """

    token: str = ""
    password: str = ""
    seen: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    leases: dict[str, str] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)
    forms: dict[str, Any] = field(default_factory=dict)
    works: dict[str, Any] = field(default_factory=dict)
    session: tuple[str, str] | None = None
    old_sessions: list[tuple[str, str]] = field(default_factory=list)
    more_tokens: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    keep: frozenset[str] = frozenset()

    def add(self, parameter: str, value: str) -> None:
        if value not in self.seen[parameter] and value not in self.keep:
            self.seen[parameter].append(value)

    def harvest(self, request: Request, reply: Reply) -> None:
        """Takes from an answer whatever may be of use for further requests."""
        if reply.status == 204:
            self._note(request, None)
        if reply.body[:1] not in (b"{", b"[") or reply.status >= 400:
            return
        try:
            told = json.loads(reply.body)
        except ValueError:
            return  # a file of lines
        self._walk(told)
        self._note(request, told, reply.header("set-cookie"))

    def _note(self, request: Request, told: Any, cookie: str = "") -> None:
        """Ways in that were gained or lost."""
        if cookie and isinstance(told, dict) and "csrf_token" in told:
            self._end_session()
            self.session = cookie.partition("=")[2].partition(";")[0], told["csrf_token"]
        elif request.operation == "sign_out":
            self._end_session()
        elif request.operation == "change_password" and told is None:
            self.password = request.body["new"]
        elif request.operation == "make_token":
            self.more_tokens.append(told["token"])
        elif request.operation == "add_person" and told.get("sign_in_link"):
            self.links.append(told["sign_in_link"])

    def _end_session(self) -> None:
        if self.session is not None:
            self.old_sessions.append(self.session)
        self.session = None

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
                self.works[node["id"]] = node
            if isinstance(node.get("form"), dict) and isinstance(node.get("id"), str):
                self.forms[node["id"]] = node["form"]
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
    """Operations that take a body which nobody here can draw, or that answer with a stream which nobody here reads."""
    return [
        each.id
        for each in known.values()
        if (each.takes_body and each.id not in (UPLOADS if each.takes_files else BODIES))
        or any(
            "text/event-stream" in answer.get("content", {})
            for answer in each.description["responses"].values()
        )
    ]


@dataclass(frozen=True)
class Stage:
    """What the play is about: markings that people try, clearances that they give, and who there is."""

    markings: tuple[str, ...]
    logins: tuple[str, ...]
    clearances: tuple[dict[str, Any], ...]


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

    def work(self) -> Any:
        """The assignment that the path names, as the actor was given it; None when it never was."""
        return self.pool.works.get(self.ids.get("assignment_id", ""))

    def lease(self) -> str:
        """The lease of the assignment that the path names, if the actor was ever given it."""
        return self.pool.leases.get(self.ids.get("assignment_id", ""), "no-such-lease")


def request_for(operation: Operation, draw: Draw, *, at_own_level: bool) -> Request:
    """One request of the actor. With `at_own_level` it always works at the actor's level; without, a browser session
    may work at the level that it keeps."""
    if operation.id in PLACES:
        draw.ids |= PLACES[operation.id](draw)
    for name in re.findall(r"\{(\w+)\}", operation.path):
        if name not in draw.ids:
            draw.ids[name] = draw.id(name)
    path = operation.path.removeprefix("/api/v1").format(**draw.ids)
    query: dict[str, Any] = {}
    for parameter in operation.description.get("parameters", []):
        if parameter["in"] != "query" or (not parameter.get("required") and draw.dice.random() < 0.5):
            continue
        query[parameter["name"]] = _value(parameter, draw)
    if operation.id in QUERIES:
        query = QUERIES[operation.id](draw)
    headers = {}
    if operation.method == "POST" and draw.dice.random() < 0.5:
        headers["Idempotency-Key"] = f"key-{draw.dice.randrange(4)}"
    entry, secret, csrf = _way_in(operation, draw)
    level = draw.actor.level if at_own_level or entry != "session" or draw.dice.random() < 0.5 else None
    files, form, body = None, None, None
    if operation.takes_files:
        files, form = UPLOADS[operation.id](draw)
    elif operation.takes_body:
        body = BODIES[operation.id](draw)
    return Request(
        operation.id,
        operation.method,
        path,
        query,
        body,
        files,
        form,
        headers,
        entry,
        secret,
        csrf,
        level,
    )


def _way_in(operation: Operation, draw: Draw) -> tuple[Literal["token", "session", "nobody"], str, str]:
    """By the browser session where only that will do, else by token or session; rarely by one that has ended, or by
    one that the actor made. Whoever signs in comes as nobody."""
    pool, roll = draw.pool, draw.dice.random()
    security = operation.description.get("security")
    if security is None and operation.takes_body:
        return "nobody", "", ""
    in_person = security == [{"session": []}]
    if pool.old_sessions and roll < 0.05:
        return "session", *draw.dice.choice(pool.old_sessions)
    if pool.more_tokens and roll < 0.1:
        return "token", draw.dice.choice(pool.more_tokens), ""
    if pool.session is not None and (roll < 0.5 or (in_person and roll < 0.95)):
        return "session", *pool.session
    return "token", pool.token, ""


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

"""Leaks that programs of this kind really have, each as a route. The two-worlds test must catch every one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.people import Principal, signed_in
from strongroom.vault import Vault

Leak = Callable[[sqlite3.Connection, Request, Principal, Response], Any]
LEAKS: dict[str, Leak] = {}
_cache: dict[tuple[int, str], Any] = {}


def planted(leak: Leak) -> Leak:
    LEAKS[leak.__name__] = leak
    return leak


@planted
def total_without_a_filter(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    return {"total": db.execute("select count(*) from task").fetchone()[0]}


@planted
def filtering_after_paging(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    page = db.execute(
        "select t.id, m.text from task t join marking m on m.id = t.marking_id order by t.id limit 12"
    )
    vault: Vault = request.app.state.vault
    return {"items": [id_ for id_, text in page if who.reader.clearance.permits(vault.scheme.parse(text))]}


@planted
def forbidden_instead_of_absent(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    if db.execute("select 1 from assignment where id = ?", [request.query_params.get("id", "")]).fetchone():
        raise NotPermittedError
    raise NotFoundError


@planted
def a_name_that_is_taken(db: sqlite3.Connection, request: Request, who: Principal, response: Response) -> Any:
    if db.execute("select 1 from project where name = 'North'").fetchone():
        raise ConflictError("North is taken")
    return {}


@planted
def completion_from_all_answers(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    return [text for (text,) in db.execute("select distinct flag from assignment where flag is not null")]


@planted
def a_serial_number(db: sqlite3.Connection, request: Request, who: Principal, response: Response) -> Any:
    response.headers["X-Number"] = str(db.execute("select max(rowid) from audit_entry").fetchone()[0])
    return {}


@planted
def a_cache_shared_by_all(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    key = (id(request.app), str(db.execute("select count(*) from assignment").fetchone()[0]))
    fresh = key not in _cache
    _cache[key] = True
    return {"fresh": fresh}


@planted
def statistics_of_a_shared_index(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    return {"average_length": db.execute("select round(avg(length(text)), 3) from task").fetchone()[0]}


@planted
def the_time_of_the_last_change(
    db: sqlite3.Connection, request: Request, who: Principal, response: Response
) -> Any:
    return {"changed": db.execute("select max(changed_at) from assignment").fetchone()[0]}


def router(name: str) -> APIRouter:
    routes = APIRouter(prefix="/planted")

    @routes.get("", name="planted", dependencies=[])
    def planted_route(request: Request, response: Response, id: str = "", who: Principal = signed_in) -> Any:  # noqa: A002
        vault: Vault = request.app.state.vault
        db = sqlite3.connect(vault.folder / "strongroom.db")
        try:
            return LEAKS[name](db, request, who, response)
        finally:
            db.close()

    return routes

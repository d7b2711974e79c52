"""Leaks that programs of this kind really have, each as a route. The two-worlds test must catch every one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, text

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.people import Principal, signed_in
from strongroom.separation.strategies import Operation
from strongroom.vault import Vault

Leak = Callable[[Connection, Request, Principal, Response], Any]
LEAKS: dict[str, Leak] = {}
OPERATION = Operation(
    "planted",
    "GET",
    "/api/v1/planted",
    {
        "parameters": [{"in": "query", "name": "id", "schema": {}, "required": True}],
        "responses": {},
        "security": [{"session": []}, {"token": ["read"]}],
    },
)
_cache: dict[tuple[int, str], Any] = {}


def planted(leak: Leak) -> Leak:
    LEAKS[leak.__name__] = leak
    return leak


def one(db: Connection, sql: str, **values: Any) -> Any:
    return db.execute(text(sql), values).scalar()


@planted
def total_without_a_filter(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    return {"total": one(db, "select count(*) from task")}


@planted
def filtering_after_paging(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    found = db.execute(
        text("select t.id, m.text from task t join marking m on m.id = t.marking_id order by t.id")
    ).all()
    scheme, clearance = request.app.state.vault.scheme, who.reader.clearance
    pages = [found[at : at + 4] for at in range(0, len(found), 4)]
    return [[id_ for id_, level in page if clearance.permits(scheme.parse(level))] for page in pages]


@planted
def forbidden_instead_of_absent(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    if one(db, "select 1 from assignment where id = :id", id=request.query_params.get("id", "")):
        raise NotPermittedError
    raise NotFoundError


@planted
def a_name_that_is_taken(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    if one(db, "select 1 from project where name = 'North'"):
        raise ConflictError("North is taken")
    return {}


@planted
def completion_from_all_answers(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    found = db.execute(text("select distinct flag from assignment where flag is not null order by flag"))
    return list(found.scalars())


@planted
def a_serial_number(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    response.headers["X-Number"] = str(one(db, "select count(*) from audit_entry"))
    return {}


@planted
def a_cache_shared_by_all(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    key = (id(request.app), str(one(db, "select count(*) from assignment")))
    fresh = key not in _cache
    _cache[key] = True
    return {"fresh": fresh}


@planted
def statistics_of_a_shared_index(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    return {"average_length": str(one(db, "select round(avg(length(text)), 3) from task"))}


@planted
def the_time_of_the_last_change(db: Connection, request: Request, who: Principal, response: Response) -> Any:
    return {"changed": str(one(db, "select max(changed_at) from assignment"))}


def router(name: str | None = None) -> APIRouter:
    """The route that leaks: as `name` says, or as each request says in its query."""
    routes = APIRouter(prefix="/planted")

    @routes.get("", name="planted", dependencies=[])
    def planted_route(
        request: Request,
        response: Response,
        id: str = "",  # noqa: A002
        leak: str = "",
        who: Principal = signed_in,
    ) -> Any:
        vault: Vault = request.app.state.vault
        with vault._system.reading() as db:
            return LEAKS[name or leak](db, request, who, response)

    return routes

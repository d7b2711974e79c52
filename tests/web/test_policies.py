"""Every route says who may call it, or the program doesn't start."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from strongroom.people import public
from strongroom.vault import Vault
from strongroom.web import Settings, create_app
from strongroom.web.app import UnguardedRouteError, build, policy_of

OPEN_TO_EVERYONE = {
    "get_setup",
    "make_first_account",
    "sign_in_with_password",
    "sign_in_with_link",
    "get_version",
    "get_health",
}


def test_a_route_without_a_policy_stops_the_app_from_starting_and_is_named(vault: Vault) -> None:
    router = APIRouter()

    @router.get("/leaks/{leak_id}")
    def read_leak(leak_id: str) -> dict[str, str]:
        return {}

    with pytest.raises(UnguardedRouteError, match=r"GET /api/v1/leaks/\{leak_id\} \(read_leak\)"):
        create_app(vault, routers=[router])


def test_a_route_nested_in_other_routers_is_looked_at_too(vault: Vault) -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.post("/leaks")
    def make_leak() -> dict[str, str]:
        return {}

    outer.include_router(inner, prefix="/deep")
    with pytest.raises(UnguardedRouteError, match="make_leak"):
        create_app(vault, routers=[outer])


def test_a_plain_starlette_route_or_mount_has_no_policy_either(vault: Vault) -> None:
    for route in (
        Route("/raw", lambda request: PlainTextResponse("x")),
        Mount("/files", app=PlainTextResponse("x")),
    ):
        router = APIRouter()
        router.routes.append(route)
        with pytest.raises(UnguardedRouteError):
            create_app(vault, routers=[router])


def test_two_routes_of_one_name_are_refused(vault: Vault) -> None:
    router = APIRouter()

    @router.get("/other-health", dependencies=[public])
    def get_health() -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match="get_health"):
        create_app(vault, routers=[router])


def test_every_route_of_the_program_has_a_policy_and_few_are_open_to_everyone() -> None:
    routes = list(iter_route_contexts(build(Settings()).routes))
    assert len(routes) > 20
    policies = {route.name: policy_of(route) for route in routes}
    assert None not in policies.values()
    unguarded = {name for name, policy in policies.items() if policy and policy.scope("GET") is None}
    assert unguarded == OPEN_TO_EVERYONE

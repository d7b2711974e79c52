"""The HTTP app: rooms behind one envelope, each route with a declared policy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from strongroom import assembly
from strongroom.people import Gate, Policy
from strongroom.vault import Vault
from strongroom.web import problems, routes
from strongroom.web.bodies import BodyLimit
from strongroom.web.envelope import Envelope
from strongroom.web.openapi import describe
from strongroom.web.pages import Pages
from strongroom.web.settings import Settings

PREFIX = "/api/v1"


class UnguardedRouteError(TypeError):
    """A route says nothing about who may call it. For the author of the route."""


def create_app(
    vault: Vault, settings: Settings | None = None, *, routers: Iterable[APIRouter] = ()
) -> FastAPI:
    """The app over an open vault. `routers` come on top of those of the rooms.

    Raises UnguardedRouteError when a route has no policy among its dependencies.
    """
    settings = settings or Settings()
    app = build(settings, routers=routers)
    app.state.vault = vault
    app.state.gate = Gate(vault, settings)
    app.state.checkpoints = settings.checkpoints
    return app


def build(settings: Settings, *, routers: Iterable[APIRouter] = ()) -> FastAPI:
    """The app without a vault: enough to describe it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield

    app = FastAPI(
        title="Strongroom",
        version=routes.VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False},
    )
    problems.install(app)
    for router in (routes.router, *assembly.ROUTERS, *routers):
        app.include_router(router, prefix=PREFIX)
    policies = policies_of(app.routes)
    app.openapi = lambda: describe(app, policies)  # type: ignore[method-assign]
    app.router.default = Pages()
    app.add_middleware(BodyLimit, upload=settings.upload_mib << 20, other=settings.body_kib << 10)
    app.add_middleware(Envelope, allowed_hosts=(settings.host, *settings.allowed_hosts), https=settings.https)
    return app


def policies_of(found: Iterable[BaseRoute]) -> dict[str, Policy]:
    """The policy of each route, by operation id. Raises UnguardedRouteError naming a route that declares none."""
    policies: dict[str, Policy] = {}
    for route in iter_route_contexts(list(found)):
        policy = policy_of(route)
        if policy is None:
            methods = ",".join(sorted(route.methods or ()))
            raise UnguardedRouteError(
                f"{methods} {route.path} ({route.name}) declares no policy: say who may call it, "
                "with one of strongroom.people's (public, signed_in, duty, project)"
            )
        if route.name in policies:
            raise TypeError(f"two routes are called {route.name}: operation ids come from function names")
        policies[str(route.name)] = policy
    return policies


def policy_of(route: object) -> Policy | None:
    """The policy that a route declares, None where it has none."""
    dependant = getattr(route, "dependant", None)
    return _policy_in(dependant) if isinstance(dependant, Dependant) else None


def _policy_in(dependant: Dependant) -> Policy | None:
    for each in dependant.dependencies:
        if isinstance(each.call, Policy):
            return each.call
        if (nested := _policy_in(each)) is not None:
            return nested
    return None

"""The description of the API. `openapi.json` is committed; the client's types are made from it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from strongroom.people import Policy
from strongroom.web.problems import MEDIA_TYPE, Problem

DESCRIPTION = """\
The API of Strongroom. Errors are `application/problem+json`; lists are `{items, next}` with an opaque cursor; times are
ISO 8601 in UTC; offsets in texts count code points. What does not exist and what you may not see get the same answer.

Every request may name the level it works at (`Strongroom-Level`), every POST a key under which it is done once
(`Idempotency-Key`). Browser sessions send the token of `SessionOut.csrf_token` in `X-CSRF-Token` with all but GET."""

SECURITY_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "strongroom_session",
        "description": "Set by signing in. All but GET also need the header X-CSRF-Token.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token (srt_…) with the scope that the operation names.",
    },
}


def describe(app: FastAPI, policies: dict[str, Policy]) -> dict[str, Any]:
    """The OpenAPI document of `app`; `policies` by operation id."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=DESCRIPTION,
            routes=list(iter_route_contexts(app.routes)),
        )
        components = document.setdefault("components", {})
        components["securitySchemes"] = SECURITY_SCHEMES
        schemas = components.setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {})
        schemas["Problem"] = problem
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        for path in document["paths"].values():
            for method, operation in path.items():
                _add_policy(operation, method.upper(), policies[operation["operationId"]])
                _add_problems(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _add_policy(operation: dict[str, Any], method: str, policy: Policy) -> None:
    scope = policy.scope(method)
    words = policy.words()
    if scope is not None:
        operation["security"] = [{"session": []}, *([{"token": [scope]}] if policy.tokens_pass else [])]
        words += f" API tokens need the scope `{scope}`." if policy.tokens_pass else ""
    operation["description"] = f"{operation.get('description', '')}\n\n{words}".strip()


def _add_problems(operation: dict[str, Any]) -> None:
    """What may go wrong looks the same everywhere, so it is said once for each operation."""
    answers = operation["responses"]
    answers.pop("422", None)
    answers["default"] = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }

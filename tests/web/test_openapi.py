"""The description of the API is committed, complete and true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strongroom.web import Settings
from strongroom.web.app import build

COMMITTED = Path(__file__).parents[2] / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(build(Settings()).openapi()))  # type: ignore[no-any-return]


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_the_committed_description_is_that_of_the_program(document: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == document, "run `make openapi` and commit openapi.json"


def test_operation_ids_are_function_names(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in _operations(document)]
    assert len(ids) == len(set(ids))
    assert "get_session" in ids
    assert all(id_.isidentifier() for id_ in ids)


def test_every_operation_says_what_it_answers_and_who_may_call_it(document: dict[str, Any]) -> None:
    for operation in _operations(document):
        (status,) = [code for code in operation["responses"] if code.startswith("2")][:1]
        answer = operation["responses"][status]
        content = answer.get("content", {})
        told = status == "204" or (
            bool(content) and content.get("application/json", {"schema": True}).get("schema")
        )
        assert told, operation["operationId"]
        assert "default" in operation["responses"]
        assert "Open to" in operation["description"], operation["operationId"]


def test_what_is_not_open_to_everyone_names_how_to_be_recognised(document: dict[str, Any]) -> None:
    guarded = {o["operationId"]: o.get("security") for o in _operations(document)}
    assert guarded["get_session"] == [{"session": []}, {"token": ["read"]}]
    assert guarded["make_token"] == [{"session": []}]
    assert guarded["add_person"] == [{"session": []}, {"token": ["admin"]}]
    assert guarded["get_health"] is None

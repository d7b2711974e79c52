"""What was done away with is gone for every operation, at once and for good."""

from __future__ import annotations

from typing import Any

import pytest

from strongroom.separation.strategies import operations

from .conftest import ABSENT, OPENAPI, House, path_of, work
from .test_ids import bodies

OPERATIONS = operations(OPENAPI)
INTERNAL = {"Strongroom-Level": "INTERNAL"}


def names_with(parameter: str, *, but: tuple[str, ...] = ()) -> list[str]:
    return sorted(
        name
        for name, operation in OPERATIONS.items()
        if f"{{{parameter}}}" in operation.path and name not in but
    )


def ask(house: House, name: str, **ids: str) -> tuple[int, bytes]:
    operation = OPERATIONS[name]
    path = path_of(operation, **ids)
    response = house.ask(operation.method, path, who="owner", headers=INTERNAL, **bodies(house, name))
    return response.status_code, response.content


def made(response: Any) -> Any:
    assert response.status_code < 300, response.content
    return response.json()


@pytest.fixture(scope="module")
def removed(house: House) -> dict[str, str]:
    """A project that had everything, and was removed; the ids of what was in it."""
    seen = work(house, "owner", "annotator", "INTERNAL")
    (project,) = seen["project_id"][:1]
    gone = house.ask("DELETE", f"/api/v1/projects/{project}", who="owner", headers=INTERNAL)
    assert gone.status_code == 204, gone.content
    return {parameter: ids[0] for parameter, ids in seen.items()}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (name, parameter)
        for parameter in ("project_id", "task_id", "import_id", "dataset_id")
        for name in names_with(parameter)
    ],
)
def test_a_removed_project_and_what_was_in_it_are_absent(
    house: House, removed: dict[str, str], name: str, parameter: str
) -> None:
    assert ask(house, name, **{parameter: removed[parameter]}) == ask(house, name, **{parameter: ABSENT})


#: Nothing is lost by a removal: who was at work may read and keep what they had.
KEPT = ("get_assignment", "save_draft", "flag_task")


@pytest.mark.parametrize("name", names_with("assignment_id", but=KEPT))
def test_work_of_a_removed_project_is_over(house: House, removed: dict[str, str], name: str) -> None:
    operation = OPERATIONS[name]
    path = operation.path.format(assignment_id=removed["assignment_id"])
    response = house.ask(operation.method, path, who="annotator", headers=INTERNAL, **bodies(house, name))
    assert response.status_code in (404, 409, 422), response.content


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"get_version", "get_health", "get_setup"}))
def test_a_withdrawn_token_opens_nothing(house: House, name: str) -> None:
    if not OPERATIONS[name].description.get("security"):
        return
    operation = OPERATIONS[name]
    person = house.in_person("owner")
    asked = {"name": "short", "scopes": ["read", "label", "manage", "admin"], "expires_in_days": 1}
    token = made(house.ask("POST", "/api/v1/tokens", headers=person, json=asked))
    entry = {"Authorization": f"Bearer {token['token']}"}
    path = path_of(operation)
    assert house.ask(operation.method, path, headers=entry).status_code != 401
    assert house.ask("DELETE", f"/api/v1/tokens/{token['id']}", headers=person).status_code == 204
    assert house.ask(operation.method, path, headers=entry).status_code == 401


def test_a_session_that_was_signed_out_opens_nothing(house: House) -> None:
    person = house.in_person("other")
    assert house.ask("GET", "/api/v1/session", headers=person).status_code == 200
    assert house.ask("DELETE", "/api/v1/session", headers=person).status_code == 204
    for name, operation in OPERATIONS.items():
        if operation.description.get("security"):
            path = path_of(operation)
            assert house.ask(operation.method, path, headers=person).status_code == 401, name


def test_a_closed_account_is_shut_out_everywhere(house: House) -> None:
    login = {"login": "brief", "name": "Brief", "password": "a password for a day"}
    who = made(house.ask("POST", "/api/v1/people", who="owner", json=login))["id"]
    house.people["brief"] = who
    person = house.in_person("brief")
    asked = {"name": "mine", "scopes": ["read"], "expires_in_days": 1}
    token = made(house.ask("POST", "/api/v1/tokens", headers=person, json=asked))["token"]
    closed = house.ask("PATCH", f"/api/v1/people/{who}", who="owner", json={"active": False})
    assert closed.status_code == 200
    for entry in (person, {"Authorization": f"Bearer {token}"}):
        assert house.ask("GET", "/api/v1/session", headers=entry).status_code == 401
    signing_in = {"login": "brief", "password": login["password"]}
    assert house.ask("POST", "/api/v1/session", json=signing_in).status_code == 401


def test_who_left_a_project_has_no_part_in_it_any_more(house: House) -> None:
    project, other = house.seen["project_id"][0], house.people["other"]
    member = f"/api/v1/projects/{project}/members/{other}"
    roles = {"roles": ["owner"]}
    assert house.ask("PUT", member, who="owner", headers=INTERNAL, json=roles).status_code < 300
    assert house.ask("GET", f"/api/v1/projects/{project}", who="other").status_code == 200
    assert house.ask("DELETE", member, who="owner", headers=INTERNAL).status_code == 204
    for name in names_with("project_id"):
        operation = OPERATIONS[name]
        response = house.ask(
            operation.method,
            path_of(operation, project_id=project),
            who="other",
            headers=INTERNAL,
            **bodies(house, name),
        )
        assert response.status_code == 404, (name, response.content)

"""Whatever is sent, the program answers as its description says, and lets nobody in who doesn't show who they are."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from strongroom.separation.strategies import operations as separation_operations

from .conftest import LONG, OPENAPI, House, path_of

EXAMPLES = 60 if LONG else 4
SCHEMA = schemathesis.openapi.from_dict(OPENAPI)
OPERATIONS: dict[str, Any] = {
    described["operationId"]: SCHEMA[path][method.upper()]
    for path, item in OPENAPI["paths"].items()
    for method, described in item.items()
}
OPEN = {
    described["operationId"]
    for item in OPENAPI["paths"].values()
    for described in item.values()
    if not described.get("security")
}
#: What would take the house apart if it met one of its ids; test_deleted tries them properly.
DESTRUCTIVE = {"remove_project", "remove_member", "change_person", "give_clearance"}
AS_DESCRIBED = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


def many(test: Any) -> Any:
    return settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not LONG,
        phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(test)


@pytest.mark.parametrize("person", ["nobody", "annotator", "owner", "owner in person"])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_answer_is_as_described(house: House, name: str, person: str) -> None:
    operation = OPERATIONS[name]

    @many
    @given(st.data(), st.sampled_from(list(GenerationMode)))
    def whatever_is_sent(data: st.DataObject, mode: GenerationMode) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if name not in DESTRUCTIVE:
            for parameter in case.path_parameters or {}:
                known = [*house.seen.get(parameter, []), *house.hidden.get(parameter, [])]
                if known and data.draw(st.integers(0, 3)):
                    case.path_parameters[parameter] = data.draw(st.sampled_from(known))
        case.headers = {k: v for k, v in (case.headers or {}).items() if k.lower() not in ("authorization",)}
        case.cookies = {}
        headers = {"Authorization": f"Bearer {house.tokens[person]}"} if person in house.tokens else {}
        if person == "owner in person":
            headers = house.in_person("owner")
        response = case.call(base_url="http://localhost", session=house.client, headers=headers)
        case.validate_response(response, checks=AS_DESCRIBED)
        if person == "nobody" and name not in OPEN:
            assert response.status_code in (401, 404, 405, 413, 422), response.content
            assert response.status_code == 401 or mode is GenerationMode.NEGATIVE

    whatever_is_sent()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_cannot_be_a_way_in_is_none(house: House, name: str) -> None:
    """A header of authority that says nothing, an ended session, somebody else's scheme: as if nobody asked."""
    if name in OPEN:
        return
    operation = OPERATIONS[name]
    path = path_of(separation_operations(OPENAPI)[name])
    nothing: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer srt_" + "A" * 43},
        {"Authorization": f"Basic {house.tokens['owner']}"},
        {"Authorization": f"Bearer {house.tokens['owner']}x"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Cookie": "strongroom_session=" + "A" * 43},
        {"Cookie": f"strongroom_session={house.tokens['owner']}"},
    ]
    answers = set()
    for headers in nothing:
        response = house.client.request(operation.method.upper(), f"http://localhost{path}", headers=headers)
        answers.add(response.status_code)
    assert answers == {401}


def test_no_header_breaks_the_program(house: House) -> None:
    value = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80)

    @many
    @given(value, st.text(max_size=80))
    def whatever_it_holds(value: str, text: str) -> None:
        for name in ("Strongroom-Level", "Cookie", "Idempotency-Key", "Origin", "Sec-Fetch-Site", "Range"):
            headers = {"Authorization": f"Bearer {house.tokens['owner']}", name: value}
            url = "http://localhost/api/v1/markings/rollup"
            response = house.client.request("POST", url, headers=headers, json={"markings": [text]})
            assert response.status_code < 500, (name, response.content)

    whatever_it_holds()

"""An id of something hidden, of nothing at all, or one that is no id: every operation refuses them alike, byte for byte."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from strongroom.separation.actors import Actor
from strongroom.separation.strategies import Draw, Pool, Stage, operations
from strongroom.separation.strategies.drawing import BODIES, UPLOADS

from .conftest import ABSENT, HIGH, OPENAPI, House, path_of

OPERATIONS = operations(OPENAPI)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACES = sorted(
    (name, parameter)
    for name, operation in OPERATIONS.items()
    for parameter in re.findall(r"\{(\w+)\}", operation.path)
    if parameter.endswith("_id")
)
#: No ids, as they might come; none has a slash, which would make another path of it.
MALFORMED = (
    "0",
    "-1",
    "x" * 32,
    ABSENT.upper(),
    ABSENT + "0",
    ABSENT[:-1],
    "%F0%9F%94%92",
    "%27%20or%201%3D1--",
    "..%2e",
    "a" * 3000,
)


def bodies(house: House, name: str) -> dict[str, Any]:
    """What the operation takes, as the trial of the two worlds draws it; the same each time."""
    operation = OPERATIONS[name]
    stage = Stage(("PUBLIC", "INTERNAL", HIGH), ("owner", "annotator"), ({"level": "Internal"},))
    draw = Draw(random.Random(name), Actor("owner", {}, "INTERNAL"), stage, Pool(), Pool())
    if operation.takes_files:
        files, form = UPLOADS[name](draw)
        return {"files": files, "data": form}
    return {"json": BODIES[name](draw)} if operation.takes_body else {}


def answer(house: House, name: str, ids: dict[str, str], *, in_person: bool) -> tuple[int, Any, bytes]:
    operation = OPERATIONS[name]
    path = path_of(operation, **ids)
    given = bodies(house, name)
    headers = {"Strongroom-Level": "INTERNAL", **(house.in_person("owner") if in_person else {})}
    who = None if in_person else "owner"
    response = house.ask(operation.method, path, who=who, headers=headers, **given)
    return response.status_code, sorted(response.headers.items()), response.content


@pytest.mark.parametrize(("name", "parameter"), PLACES)
def test_hidden_absent_and_malformed_are_refused_alike(house: House, name: str, parameter: str) -> None:
    operation = OPERATIONS[name]
    in_person = operation.description.get("security") == [{"session": []}]
    others = {each: ids[0] for each, ids in house.seen.items()}
    hidden = house.hidden.get(parameter, [])[:2]
    if parameter == "person_id":
        hidden = []  # accounts carry no marking: everybody may know who there is
    foreign = {
        each for found in house.seen.values() for each in found[:1] if found is not house.seen.get(parameter)
    }
    refusals = {
        id_: answer(house, name, {**others, parameter: id_}, in_person=in_person)
        for id_ in (*hidden, *sorted(foreign), ABSENT, *MALFORMED)
    }
    (status, _, body) = refusals[ABSENT]
    assert status in (404, 422), body
    assert status == 404 or "person_id" in operation.path
    told = {id_: each for id_, each in refusals.items() if each != refusals[ABSENT]}
    assert not told


@pytest.mark.parametrize(("name", "parameter"), PLACES)
def test_an_id_that_no_database_could_hold_is_refused(house: House, name: str, parameter: str) -> None:
    """A zero byte: absent in one database, refused by the other before it looks; in neither a fault."""
    in_person = OPERATIONS[name].description.get("security") == [{"session": []}]
    others = {each: ids[0] for each, ids in house.seen.items()}
    status, _, body = answer(house, name, {**others, parameter: "%00"}, in_person=in_person)
    assert status in (404, 422), body


@pytest.mark.parametrize("path", sorted({operation.path for operation in OPERATIONS.values()}))
def test_every_other_method_is_refused_alike(house: House, path: str) -> None:
    """A method that a path doesn't have is refused without a look at the id."""
    operation = next(operation for operation in OPERATIONS.values() if operation.path == path)
    known = {operation.method for operation in OPERATIONS.values() if operation.path == path}
    parameters = re.findall(r"\{(\w+)\}", path)
    for method in METHODS:
        if method in known:
            continue
        answers = set()
        for which in (house.seen, house.hidden, {}):
            ids = {each: which[each][0] for each in parameters if each in which}
            response = house.ask(method, path_of(operation, **ids), who="owner")
            answers.add((response.status_code, response.headers.get("allow"), response.content))
        assert len(answers) == 1
        assert {status for status, _, _ in answers} == {405}


@pytest.mark.parametrize("name", sorted({name for name, parameter in PLACES if parameter == "project_id"}))
def test_to_somebody_without_a_part_in_it_the_project_is_absent(house: House, name: str) -> None:
    """Who may see the level, and has no role, learns no more of a project than of none."""
    operation = OPERATIONS[name]
    answers = set()
    for project in (house.seen["project_id"][0], ABSENT):
        path = path_of(operation, project_id=project)
        response = house.ask(operation.method, path, who="other", **bodies(house, name))
        answers.add((response.status_code, response.content))
    assert len(answers) == 1, answers
    assert {status for status, _ in answers} == {404}

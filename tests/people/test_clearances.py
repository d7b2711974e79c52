"""Clearances: given by a security officer, never to oneself, in force from the next request on, never forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from strongroom.vault import AuditEntry, Reader

ROOM = "/api/v1/projects/{}/room"
PII = {"level": "Confidential", "compartments": ["PII"]}


@pytest.fixture
def staffed(house: Any) -> Any:
    house.ids = {
        "ada": house.person("ada", None, "administrator"),
        "olga": house.person("olga", {"level": "Internal"}, "security_officer"),
        "otto": house.person("otto", None, "security_officer"),
        "cleo": house.person("cleo", PII),
    }
    return house


def _give(house: Any, by: str, to: str, clearance: dict[str, Any], reason: str = "needs it") -> Any:
    path = f"/api/v1/people/{house.ids[to]}/clearance"
    return house.browser(by).put(path, json={"clearance": clearance, "reason": reason})


def test_whom_nobody_cleared_sees_the_lowest_level_alone(staffed: Any) -> None:
    assert staffed.browser("ada").get("/api/v1/session").json()["clearance"]["json"] == {"level": "Public"}
    staffed.project("INTERNAL", ada="owner")
    assert staffed.browser("ada").get(ROOM.format("e" * 32)).status_code == 404


def test_a_clearance_counts_from_the_next_request_for_sessions_and_tokens(staffed: Any) -> None:
    room = ROOM.format(staffed.project("CONFIDENTIAL//PII", cleo="annotator"))
    browser, program = staffed.browser("cleo"), staffed.program("cleo")
    assert [who.get(room).status_code for who in (browser, program)] == [200, 200]
    assert _give(staffed, "olga", "cleo", {"level": "Internal"}).status_code == 200
    assert [who.get(room).status_code for who in (browser, program)] == [404, 404]
    assert _give(staffed, "olga", "cleo", PII).status_code == 200
    assert [who.get(room).status_code for who in (browser, program)] == [200, 200]


def test_nobody_clears_themselves(staffed: Any) -> None:
    refused = _give(staffed, "olga", "olga", {"level": "Restricted"})
    assert refused.status_code == 403
    assert staffed.browser("olga").get("/api/v1/session").json()["clearance"]["json"]["level"] == "Internal"
    assert _give(staffed, "otto", "olga", {"level": "Restricted"}).status_code == 200


def test_an_administrator_gives_no_clearance(staffed: Any) -> None:
    assert _give(staffed, "ada", "cleo", {"level": "Restricted"}).status_code == 403
    assert _give(staffed, "cleo", "cleo", {"level": "Restricted"}).status_code == 403


def test_each_clearance_is_kept_with_who_gave_it_and_why(staffed: Any) -> None:
    _give(staffed, "olga", "cleo", {"level": "Internal"}, "left the case")
    _give(staffed, "otto", "cleo", PII, "is back")
    history = staffed.browser("olga").get(f"/api/v1/people/{staffed.ids['cleo']}/clearances").json()["items"]
    told = [
        (one["reason"], one["given_by"] and one["given_by"]["login"], one["clearance"]["json"]["level"])
        for one in history
    ]
    assert told == [
        ("is back", "otto", "Confidential"),
        ("left the case", "olga", "Internal"),
        ("for the test", None, "Confidential"),
    ]


def test_a_reason_is_needed(staffed: Any) -> None:
    assert _give(staffed, "olga", "cleo", PII, "").status_code == 422


def test_a_clearance_that_the_scheme_does_not_know_is_refused_and_changes_nothing(staffed: Any) -> None:
    for wrong in ({"level": "Cosmic"}, {"level": "Internal", "compartments": ["NOPE!"]}, {"rank": 3}):
        refused = _give(staffed, "olga", "cleo", wrong)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["where"] == "body.clearance"
    assert (
        staffed.browser("cleo").get("/api/v1/session").json()["clearance"]["json"]["level"] == "Confidential"
    )


def test_a_clearance_carries_the_name_of_its_person_and_of_nobody_else(staffed: Any) -> None:
    given = _give(staffed, "olga", "cleo", {**PII, "name": "ada"})
    assert given.json()["clearance"]["json"]["name"] == "cleo"


def test_clearances_are_shown_to_security_officers_alone(staffed: Any) -> None:
    def shown(login: str) -> set[str | None]:
        listed = staffed.browser(login).get("/api/v1/people").json()["items"]
        assert [person["login"] for person in listed] == ["ada", "cleo", "olga", "otto"]
        return {person["clearance"] and person["clearance"]["text"] for person in listed}

    assert shown("ada") == shown("cleo") == {None}
    assert shown("olga") == {None, "Confidential; PII; as cleo", "Internal; as olga"}


def test_acts_on_clearances_are_on_record(staffed: Any) -> None:
    _give(staffed, "olga", "cleo", PII)
    scheme = staffed.vault.scheme
    auditor = Reader(
        "0" * 32, "x", scheme.clearance({"level": "Public"}), scheme.bottom, "operator", "0" * 32
    )
    with staffed.vault.reading(auditor) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "give_clearance")).one()
    assert (entry.actor_id, entry.object_id, entry.how) == (
        staffed.ids["olga"],
        staffed.ids["cleo"],
        "session",
    )
    assert set(entry.facts) == {"grant"}

"""Accounts: added by administrators, listed for everyone, closed at once."""

from __future__ import annotations

from typing import Any

import pytest

ABSENT = "f" * 32


@pytest.fixture
def staffed(house: Any) -> Any:
    house.ids = {"ada": house.person("ada", None, "administrator"), "cleo": house.person("cleo")}
    return house


def test_a_new_account_comes_with_a_one_time_link(staffed: Any) -> None:
    made = staffed.browser("ada").post("/api/v1/people", json={"login": "dora", "name": "Dora"})
    assert made.status_code == 201
    entered = staffed.visitor().post("/api/v1/session/link", json={"token": made.json()["sign_in_link"]})
    assert entered.json()["person"] == {
        "id": made.json()["id"],
        "login": "dora",
        "name": "Dora",
        "duties": [],
    }
    assert entered.json()["clearance"]["json"] == {"level": "Public"}


def test_a_new_account_with_a_password_gets_no_link(staffed: Any) -> None:
    asked = {"login": "dora", "name": "Dora", "password": "harbour lights at dusk", "duties": ["auditor"]}
    made = staffed.browser("ada").post("/api/v1/people", json=asked)
    assert (made.json()["sign_in_link"], made.json()["duties"]) == (None, ["auditor"])
    entered = staffed.visitor().post(
        "/api/v1/session", json={"login": "Dora ", "password": asked["password"]}
    )
    assert entered.status_code == 201


def test_a_login_is_one_persons(staffed: Any) -> None:
    ada = staffed.browser("ada")
    assert ada.post("/api/v1/people", json={"login": "cleo", "name": "Cleo"}).status_code == 409
    for wrong in ("Cleo", "", "-x", "a b", "x" * 65, "ü"):
        assert ada.post("/api/v1/people", json={"login": wrong, "name": "X"}).status_code == 422


def test_a_closed_account_is_out_at_once_and_stays_out_when_it_opens_again(staffed: Any) -> None:
    cleo, program, ada = staffed.browser("cleo"), staffed.program("cleo"), staffed.browser("ada")
    path = f"/api/v1/people/{staffed.ids['cleo']}"
    assert ada.patch(path, json={"active": False}).json()["active"] is False
    assert [who.get("/api/v1/session").status_code for who in (cleo, program)] == [401, 401]
    assert ada.patch(path, json={"active": True}).json()["active"] is True
    assert [who.get("/api/v1/session").status_code for who in (cleo, program)] == [401, 401]
    assert staffed.browser("cleo").get("/api/v1/session").status_code == 200


def test_duties_count_from_the_next_request(staffed: Any) -> None:
    cleo, ada = staffed.browser("cleo"), staffed.browser("ada")
    new = {"login": "dora", "name": "Dora"}
    assert cleo.post("/api/v1/people", json=new).status_code == 403
    ada.patch(f"/api/v1/people/{staffed.ids['cleo']}", json={"duties": ["administrator"], "name": "Cleo C."})
    assert cleo.post("/api/v1/people", json=new).status_code == 201
    assert cleo.get("/api/v1/session").json()["person"]["name"] == "Cleo C."


def test_nobody_appoints_or_removes_themselves(staffed: Any) -> None:
    ada, path = staffed.browser("ada"), f"/api/v1/people/{staffed.ids['ada']}"
    for change in ({"duties": ["administrator", "security_officer"]}, {"duties": []}, {"active": False}):
        assert ada.patch(path, json=change).status_code == 403
    assert ada.patch(path, json={"name": "Ada L."}).json()["duties"] == ["administrator"]


def test_unknown_people_are_absent(staffed: Any) -> None:
    assert staffed.browser("ada").patch(f"/api/v1/people/{ABSENT}", json={"name": "X"}).status_code == 404


def test_everyone_is_listed_once_page_by_page(staffed: Any) -> None:
    for number in range(5):
        staffed.person(f"p{number}")
    cleo = staffed.browser("cleo")
    logins, cursor = [], None
    while True:
        page = cleo.get(
            "/api/v1/people", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        logins += [person["login"] for person in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert logins == ["ada", "cleo", "p0", "p1", "p2", "p3", "p4"]


def test_a_forged_cursor_is_refused(staffed: Any) -> None:
    assert staffed.browser("cleo").get("/api/v1/people", params={"cursor": "Zm9yZ2Vk"}).status_code == 422

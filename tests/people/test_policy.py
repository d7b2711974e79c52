"""What a route asks of its caller: sessions with CSRF protection, tokens with scopes, levels, duties, roles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from strongroom.vault import clock

ROOM = "/api/v1/projects/{}/room"
ABSENT = "f" * 32
LEVEL = {"level": "INTERNAL"}


@pytest.fixture
def staffed(house: Any) -> Any:
    house.person("ada", {"level": "Confidential", "compartments": ["PII"]}, "administrator")
    house.person("bert", {"level": "Internal"}, "security_officer")
    house.person("cleo", {"level": "Confidential", "compartments": ["PII"]})
    return house


# --- sessions


def test_without_a_session_or_token_nothing_is_open(staffed: Any) -> None:
    for client in (staffed.visitor(), staffed.visitor(Authorization="Bearer srt_guess")):
        assert client.get("/api/v1/session").status_code == 401
    forged = staffed.visitor(Cookie="strongroom_session=guess")
    assert forged.get("/api/v1/session").status_code == 401
    assert staffed.visitor(Authorization="Basic YWRhOmFkYQ==").get("/api/v1/session").status_code == 401


def test_acting_with_a_cookie_needs_the_csrf_token_of_that_session(staffed: Any) -> None:
    ada, bert = staffed.browser("ada"), staffed.browser("bert")
    assert ada.patch("/api/v1/session", json=LEVEL).status_code == 200
    for token in ("", "guess", bert.headers["X-CSRF-Token"]):
        refused = ada.patch("/api/v1/session", json=LEVEL, headers={"X-CSRF-Token": token})
        assert refused.status_code == 403
    del ada.headers["X-CSRF-Token"]
    assert ada.patch("/api/v1/session", json=LEVEL).status_code == 403
    assert ada.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_act_even_with_the_token(staffed: Any, foreign: dict[str, str]) -> None:
    ada = staffed.browser("ada")
    assert ada.patch("/api/v1/session", json=LEVEL, headers=foreign).status_code == 403
    signing_in = staffed.visitor().post(
        "/api/v1/session", json={"login": "ada", "password": "x"}, headers=foreign
    )
    assert signing_in.status_code == 403


def test_our_own_page_may_act(staffed: Any) -> None:
    own = {"Origin": "http://127.0.0.1:8710", "Sec-Fetch-Site": "same-origin"}
    assert staffed.browser("ada").patch("/api/v1/session", json=LEVEL, headers=own).status_code == 200


def test_last_seen_is_written_at_most_once_a_minute(staffed: Any) -> None:
    ada, program = staffed.browser("ada"), staffed.program("ada")
    now = clock.now()
    written: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("UPDATE"):
            written.append(statement.split()[1])

    event.listen(staffed.vault._registry_writers, "before_cursor_execute", note)
    for seconds in (5, 30, 59, 65, 90, 120):
        with clock.at(now + timedelta(seconds=seconds)):
            assert ada.get("/api/v1/session").status_code == 200
            assert program.get("/api/v1/session").status_code == 200
    assert written == ["api_token", "sign_in", "api_token"]


# --- tokens


def test_a_token_acts_without_a_csrf_token_and_goes_before_a_cookie(staffed: Any) -> None:
    staffed.project("INTERNAL", cleo="annotator")
    program = staffed.program("cleo", "read", "label")
    program.cookies.update(staffed.browser("ada").cookies)
    assert program.get("/api/v1/session").json()["person"]["login"] == "cleo"
    assert program.get("/api/v1/session").json()["csrf_token"] is None
    assert program.post(ROOM.format("e" * 32)).status_code == 200


def test_a_token_does_what_its_scopes_say_and_no_more(staffed: Any) -> None:
    room = ROOM.format(staffed.project("PUBLIC", ada="owner"))

    def allowed(*scopes: str) -> list[bool]:
        program = staffed.program("ada", *scopes)
        asked = [
            program.get(room),
            program.post(room),
            program.delete(room),
            program.post("/api/v1/people", json={"login": f"new-{'-'.join(scopes)}", "name": "New"}),
        ]
        assert {answer.status_code for answer in asked} <= {200, 201, 403}
        return [answer.status_code < 400 for answer in asked]

    assert allowed("read") == [True, False, False, False]
    assert allowed("label") == [False, True, False, False]
    assert allowed("manage") == [False, False, True, False]
    assert allowed("admin") == [False, False, False, True]
    assert allowed("read", "label", "manage", "admin") == [True] * 4


def test_a_scope_gives_no_duty_and_no_role(staffed: Any) -> None:
    everything = staffed.program("cleo", "read", "label", "manage", "admin")
    assert everything.post("/api/v1/people", json={"login": "new", "name": "New"}).status_code == 403
    project = staffed.project("PUBLIC", ada="owner", cleo="annotator")
    assert everything.delete(ROOM.format(project)).status_code == 403


def test_a_token_past_its_time_or_withdrawn_is_refused(staffed: Any) -> None:
    program, ada = staffed.program("ada", days=1), staffed.browser("ada")
    assert program.get("/api/v1/session").status_code == 200
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        assert program.get("/api/v1/session").status_code == 401
    (token,) = ada.get("/api/v1/tokens").json()["items"]
    assert ada.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
    assert program.get("/api/v1/session").status_code == 401
    assert ada.get("/api/v1/tokens").json()["items"] == []


def test_tokens_are_shown_once_and_are_their_owners_alone(staffed: Any) -> None:
    ada, bert = staffed.browser("ada"), staffed.browser("bert")
    asked = {
        "name": "replay",
        "scopes": ["label", "read"],
        "expires_in_days": 30,
        "ceiling": {"level": "Internal"},
    }
    made = ada.post("/api/v1/tokens", json=asked).json()
    assert made["token"].startswith("srt_")
    (listed,) = ada.get("/api/v1/tokens").json()["items"]
    assert listed == {name: value for name, value in made.items() if name != "token"}
    assert bert.get("/api/v1/tokens").json()["items"] == []
    others, absent = (bert.delete(f"/api/v1/tokens/{id_}") for id_ in (made["id"], ABSENT))
    assert (others.status_code, others.content, others.headers) == (404, absent.content, absent.headers)


def test_a_token_cannot_make_a_token_or_change_a_password(staffed: Any) -> None:
    program = staffed.program("ada", "read", "label", "manage", "admin")
    asked = {"name": "more", "scopes": ["admin"], "expires_in_days": 300}
    assert program.post("/api/v1/tokens", json=asked).status_code == 403
    assert program.put("/api/v1/session/password", json={"new": "harbour lights at dusk"}).status_code == 403


def test_a_token_lives_no_longer_than_the_operator_allows(staffed: Any) -> None:
    ada = staffed.browser("ada")
    asked = {"name": "t", "scopes": ["read"], "expires_in_days": 366}
    assert ada.post("/api/v1/tokens", json=asked).json()["errors"][0]["where"] == "body.expires_in_days"


def test_a_token_sees_no_more_than_its_ceiling(staffed: Any) -> None:
    room = ROOM.format(staffed.project("CONFIDENTIAL//PII", ada="owner"))
    assert staffed.program("ada").get(room).status_code == 200
    under = staffed.program("ada", ceiling={"level": "Confidential"})
    assert under.get("/api/v1/session").json()["clearance"]["json"] == {
        "level": "Confidential",
        "name": "ada",
    }
    assert under.get(room).status_code == 404
    above = staffed.program("bert", ceiling={"level": "Restricted", "compartments": ["PHI"]})
    assert above.get("/api/v1/session").json()["clearance"]["json"] == {"level": "Internal", "name": "bert"}


# --- levels


def test_a_session_keeps_its_level_and_a_header_overrides_it_for_one_request(staffed: Any) -> None:
    ada = staffed.browser("ada")
    assert ada.get("/api/v1/session").json()["level"]["text"] == "PUBLIC"
    changed = ada.patch("/api/v1/session", json={"level": "(C//PII)"})
    assert changed.json()["level"]["text"] == "CONFIDENTIAL//PII"
    assert ada.get("/api/v1/session").json() == changed.json()
    once = ada.get("/api/v1/session", headers={"Strongroom-Level": "INTERNAL"})
    assert once.json()["level"]["text"] == "INTERNAL"
    assert ada.get("/api/v1/session").json()["level"]["text"] == "CONFIDENTIAL//PII"


def test_a_level_above_the_clearance_is_refused_however_it_is_asked_for(staffed: Any) -> None:
    bert = staffed.browser("bert")
    assert bert.patch("/api/v1/session", json={"level": "CONFIDENTIAL"}).status_code == 403
    assert bert.get("/api/v1/session", headers={"Strongroom-Level": "INTERNAL//PII"}).status_code == 403
    assert bert.get("/api/v1/session").json()["level"]["text"] == "PUBLIC"


def test_a_level_that_cannot_be_read_is_told_with_its_place(staffed: Any) -> None:
    ada = staffed.browser("ada")
    for answer in (
        ada.patch("/api/v1/session", json={"level": "INTERNAL//NONSENSE"}),
        ada.get("/api/v1/session", headers={"Strongroom-Level": "INTERNAL//NONSENSE"}),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["position"] == 10


def test_the_levels_offered_are_those_permitted_and_in_sight(staffed: Any) -> None:
    staffed.project("CONFIDENTIAL//PHI", ada="owner")
    staffed.project("CONFIDENTIAL//PII", ada="owner")

    def offered(login: str) -> list[str]:
        return [level["text"] for level in staffed.browser(login).get("/api/v1/levels").json()["items"]]

    assert offered("ada") == ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "CONFIDENTIAL//PII"]
    assert offered("bert") == ["PUBLIC", "INTERNAL"]


def test_after_a_lowered_clearance_a_session_writes_nothing_below_what_was_on_the_screen(
    staffed: Any,
) -> None:
    room = ROOM.format(staffed.project("PUBLIC", ada="owner"))
    ada = staffed.browser("ada")
    ada.patch("/api/v1/session", json={"level": "CONFIDENTIAL//PII"})
    assert ada.delete(room).json() == {"level": "CONFIDENTIAL//PII"}
    staffed.clear("ada", {"level": "Internal"})
    assert ada.get(room).status_code == 200
    assert ada.delete(room).status_code == 403
    ada.patch("/api/v1/session", json={"level": "INTERNAL"})
    assert ada.delete(room).json() == {"level": "INTERNAL"}


# --- duties and roles


def test_a_duty_is_needed_where_it_is_asked_for(staffed: Any) -> None:
    ada, bert, cleo = (staffed.browser(login) for login in ("ada", "bert", "cleo"))
    new = {"login": "dora", "name": "Dora"}
    assert [who.post("/api/v1/people", json=new).status_code for who in (cleo, bert, ada)] == [403, 403, 201]
    history = f"/api/v1/people/{ABSENT}/clearances"
    assert [who.get(history).status_code for who in (cleo, ada, bert)] == [403, 403, 404]


def test_without_a_role_a_project_is_absent_and_without_the_right_one_forbidden(staffed: Any) -> None:
    room = ROOM.format(staffed.project("INTERNAL", ada="owner", cleo="annotator"))
    ada, bert, cleo = (staffed.browser(login) for login in ("ada", "bert", "cleo"))
    assert [who.get(room).status_code for who in (ada, bert, cleo)] == [200, 404, 200]
    assert [who.delete(room).status_code for who in (ada, bert, cleo)] == [200, 404, 403]


def test_a_project_that_one_cannot_see_is_absent_byte_for_byte(staffed: Any) -> None:
    hidden = ROOM.format(staffed.project("CONFIDENTIAL//PHI", ada="owner", bert="owner"))
    bert = staffed.browser("bert")
    for method in ("GET", "POST", "DELETE"):
        answers = [
            bert.request(method, path) for path in (hidden, ROOM.format(ABSENT), "/api/v1/no/such/route")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1

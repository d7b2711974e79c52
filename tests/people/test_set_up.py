"""The first account: made with a token from the console, once, and by nobody else."""

from __future__ import annotations

from typing import Any

from strongroom.people import set_up

GOOD = "harbour lights at dusk"


def _token(house: Any) -> str:
    with house.vault.registry(write=True) as session:
        token: str | None = set_up.new_token(session)
    assert token is not None
    return token


def _asked(token: str, **other: str) -> dict[str, str]:
    return {"token": token, "login": "ada", "name": "Ada", "password": GOOD, **other}


def test_the_first_account_is_an_administrator_without_a_clearance_and_signed_in(house: Any) -> None:
    browser = house.visitor()
    assert browser.get("/api/v1/setup").json() == {"needed": True}
    made = browser.post("/api/v1/setup", json=_asked(_token(house)))
    assert made.status_code == 201
    assert made.json()["person"]["duties"] == ["administrator"]
    assert made.json()["clearance"]["json"] == {"level": "Public"}
    assert browser.get("/api/v1/session").json() == made.json()
    assert browser.get("/api/v1/setup").json() == {"needed": False}


def test_set_up_works_only_while_there_are_no_accounts(house: Any) -> None:
    token = _token(house)
    assert house.visitor().post("/api/v1/setup", json=_asked(token)).status_code == 201
    again = house.visitor().post("/api/v1/setup", json=_asked(token, login="eve"))
    assert again.status_code == 409
    with house.vault.registry(write=True) as session:
        assert set_up.new_token(session) is None


def test_a_wrong_or_replaced_token_makes_no_account(house: Any) -> None:
    first = _token(house)
    _token(house)
    for token in ("guess", first):
        assert house.visitor().post("/api/v1/setup", json=_asked(token)).status_code == 403
    assert house.visitor().get("/api/v1/setup").json() == {"needed": True}


def test_guessing_the_token_is_slowed_down(house: Any) -> None:
    _token(house)
    visitor = house.visitor()
    answers = [visitor.post("/api/v1/setup", json=_asked(f"guess {n}")).status_code for n in range(21)]
    assert answers == [403] * 20 + [429]


def test_there_is_no_default_password_and_no_way_in_without_an_account(house: Any) -> None:
    _token(house)
    for login in ("admin", "root", "administrator"):
        for password in (login, "password", "strongroom"):
            answer = house.visitor().post("/api/v1/session", json={"login": login, "password": password})
            assert answer.status_code == 401


def test_poor_passwords_are_refused_and_never_echoed(house: Any) -> None:
    token = _token(house)
    for poor in ("short", "aaaaaaaaaaaa", "ada-1234567", "x" * 257):
        refused = house.visitor().post(
            "/api/v1/setup", json=_asked(token, login="ada-1234567", password=poor)
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["where"] == "body.password"
        assert poor not in refused.text
    assert house.visitor().get("/api/v1/setup").json() == {"needed": True}

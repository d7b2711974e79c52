"""Signing in and out: cookies, expiry, passwords, one-time links, and what slows guessing down."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from strongroom.errors import BusyError
from strongroom.people import sign_in
from strongroom.people.passwords import AT_ONCE, MAY_WAIT, Passwords
from strongroom.people.tables import Password
from strongroom.vault import clock
from strongroom.web import Settings

GOOD = "harbour lights at dusk"


@pytest.fixture
def ada(house: Any) -> Any:
    house.person("ada", {"level": "Internal"}, password=GOOD)
    return house


def _enter(client: Any, password: str = GOOD, login: str = "ada", **more: Any) -> Any:
    return client.post("/api/v1/session", json={"login": login, "password": password, **more})


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(ada: Any) -> None:
    entered = _enter(ada.visitor())
    assert entered.status_code == 201
    flags = [flag.strip() for flag in entered.headers["set-cookie"].lower().split(";")[1:]]
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags)
    assert "secure" not in flags


@pytest.mark.parametrize("settings", [Settings(https=True)])
def test_behind_tls_the_cookie_is_secure(ada: Any) -> None:
    entered = _enter(ada.visitor())
    assert "secure" in entered.headers["set-cookie"].lower()
    assert "max-age" in entered.headers["strict-transport-security"]


def test_only_hashes_of_secrets_are_stored(ada: Any) -> None:
    browser = ada.visitor()
    _enter(browser)
    token = browser.post(
        "/api/v1/tokens",
        json={"name": "t", "scopes": ["read"], "expires_in_days": 1},
        headers={"X-CSRF-Token": browser.get("/api/v1/session").json()["csrf_token"]},
    ).json()["token"]
    with ada.vault._system.reading() as connection:
        tables = [
            connection.execute(select(table)).all() for table in ada.vault.layout.metadata.sorted_tables
        ]
    stored = repr(tables).encode()
    assert b"ada" in stored
    for secret in (GOOD, token, browser.cookies["strongroom_session"]):
        assert secret.encode() not in stored


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer_after_the_same_work(
    ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bool] = []
    check = Passwords.check

    def counted(self: Passwords, stored: str | None, password: str) -> bool:
        begun = time.thread_time()
        answer = check(self, stored, password)
        checked.append(time.thread_time() - begun > 0.005)
        return answer

    monkeypatch.setattr(Passwords, "check", counted)
    wrong, unknown = _enter(ada.visitor(), "not this one"), _enter(ada.visitor(), "not this one", "nobody")
    assert wrong.status_code == 401
    assert (wrong.content, wrong.headers) == (unknown.content, unknown.headers)
    assert checked == [True, True]


def test_guessing_is_slowed_down_alike_for_known_and_unknown_logins(ada: Any) -> None:
    for login in ("ada", "nobody"):
        visitor = ada.visitor()
        for _ in range(10):
            assert _enter(visitor, "a wrong guess", login).status_code == 401
        slowed = _enter(visitor, GOOD, login)
        assert slowed.status_code == 429
        assert 0 < int(slowed.headers["retry-after"]) <= 601
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert _enter(ada.visitor()).status_code == 201


def test_somebody_who_guesses_elsewhere_does_not_lock_the_owner_out(ada: Any) -> None:
    for _ in range(10):
        ada.gate.failures_of_pair.attempt("ada\n203.0.113.9")
    assert _enter(ada.visitor()).status_code == 201


def test_a_session_ends_when_idle_and_at_its_limit_however_busy(ada: Any) -> None:
    begun = clock.now()
    browser = ada.visitor()

    def enter() -> None:
        with clock.at(begun):
            _enter(browser)

    def status_after(**later: float) -> int:
        with clock.at(begun + timedelta(**later)):
            return int(browser.get("/api/v1/session").status_code)

    enter()
    for hour in range(1, 12):  # never idle for two hours
        assert status_after(hours=hour) == 200
    assert status_after(hours=12) == 401
    enter()
    assert status_after(minutes=119) == 200
    assert status_after(minutes=119 + 120) == 401


def test_signing_out_ends_the_session_on_the_server(ada: Any) -> None:
    browser, kept = ada.browser("ada"), ada.visitor()
    kept.cookies.update(browser.cookies)
    assert browser.delete("/api/v1/session").status_code == 204
    assert "strongroom_session" not in browser.cookies
    assert kept.get("/api/v1/session").status_code == 401


def test_a_new_password_ends_the_other_sessions(ada: Any) -> None:
    here, there = ada.browser("ada"), ada.browser("ada")
    wrong = here.put("/api/v1/session/password", json={"current": "not this one", "new": "another good one"})
    assert wrong.status_code == 401
    assert there.get("/api/v1/session").status_code == 200
    changed = here.put("/api/v1/session/password", json={"current": GOOD, "new": "another good one"})
    assert changed.status_code == 204
    assert here.get("/api/v1/session").status_code == 200
    assert there.get("/api/v1/session").status_code == 401
    assert _enter(ada.visitor()).status_code == 401
    assert _enter(ada.visitor(), "another good one").status_code == 201


def test_a_link_signs_in_once_and_soon_or_not_at_all(house: Any) -> None:
    person = house.person("ada")
    with house.vault.registry(write=True) as session:
        link = sign_in.new_link(session, house.gate, person)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert house.visitor().post("/api/v1/session/link", json={"token": link}).status_code == 401
    entered = house.visitor().post("/api/v1/session/link", json={"token": link})
    assert entered.json()["person"]["login"] == "ada"
    assert house.visitor().post("/api/v1/session/link", json={"token": link}).status_code == 401


def test_who_came_by_link_sets_a_first_password_without_an_old_one(house: Any) -> None:
    house.person("ada")
    browser = house.browser("ada")
    assert browser.put("/api/v1/session/password", json={"new": GOOD}).status_code == 204
    assert browser.put("/api/v1/session/password", json={"new": "yet another one"}).status_code == 401
    assert _enter(house.visitor()).status_code == 201


def test_a_session_may_have_a_ceiling_of_its_own(house: Any) -> None:
    house.person("ada", {"level": "Restricted", "compartments": ["PII"]}, password=GOOD)
    low = _enter(house.visitor(), ceiling={"level": "Internal"}).json()
    assert low["clearance"]["json"] == {"level": "Internal", "name": "ada"}
    assert _enter(house.visitor(), ceiling={"level": "Interval"}).status_code == 422


def test_at_most_two_passwords_are_hashed_at_once_and_a_crowd_is_turned_away() -> None:
    passwords = Passwords(19)
    running, most, lock, gate = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def hash(self, password: str) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(300)
            with lock:
                running -= 1
            return "hash"

    passwords._argon2 = Slow()  # type: ignore[assignment]
    crowd = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(AT_ONCE + MAY_WAIT)]
    for one in crowd:
        one.start()
    deadline = time.monotonic() + 300
    while passwords._places._value and time.monotonic() < deadline:  # type: ignore[attr-defined]
        time.sleep(0.001)
    with pytest.raises(BusyError):
        passwords.hash("one too many")
    gate.set()
    for one in crowd:
        one.join()
    assert most == AT_ONCE


def test_hashes_are_argon2id_with_at_least_19_mib() -> None:
    assert Passwords(19).hash(GOOD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Passwords(46).hash(GOOD).startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    for outside in (18, 47):
        with pytest.raises(ValueError, match="argon2_memory_mib"):
            Settings(argon2_memory_mib=outside)


def test_a_hash_made_with_older_parameters_is_renewed_at_sign_in(ada: Any) -> None:
    ada.gate.passwords = Passwords(46)
    assert _enter(ada.visitor()).status_code == 201
    with ada.vault.registry() as session:
        assert "m=47104" in session.scalars(select(Password.hash)).one()

"""Accounts, sign-in, clearances, tokens."""

from __future__ import annotations

from typing import Any

from strongroom.separation.strategies.drawing import Draw, body_of, on_record, open_to_all, told_by

told_by("duties", "person_id")
told_by("scopes", "token_id")
open_to_all("add_person", "change_person", "give_clearance")
on_record("sign_in_with_password", "sign_in_with_link", "sign_out", "change_password")
on_record("make_token", "withdraw_token")

PASSWORDS = ("correct horse battery", "staple of the harbour", "short")


@body_of("make_first_account")
def _(draw: Draw) -> Any:
    return {"token": "guess", "login": "first", "name": "First", "password": "a long enough password"}


@body_of("sign_in_with_password")
def _(draw: Draw) -> Any:
    right = draw.dice.random() < 0.75
    asked: dict[str, Any] = {
        "login": draw.actor.login if right else draw.login(),
        "password": draw.pool.password if right else "a wrong password",
    }
    if draw.dice.random() < 0.15:
        asked["ceiling"] = draw.dice.choice(draw.stage.clearances)
    return asked


@body_of("sign_in_with_link")
def _(draw: Draw) -> Any:
    return {"token": draw.dice.choice([*draw.pool.links, "no-such-link"])}


@body_of("change_level")
def _(draw: Draw) -> Any:
    return {"level": draw.marking()}


@body_of("change_password")
def _(draw: Draw) -> Any:
    current = draw.pool.password if draw.dice.random() < 0.7 else "not the one"
    return {"current": current, "new": draw.dice.choice(PASSWORDS)}


@body_of("make_token")
def _(draw: Draw) -> Any:
    asked: dict[str, Any] = {
        "name": "mine",
        "scopes": draw.dice.choice([["read"], ["read", "label"], ["read", "label", "manage", "admin"]]),
        "expires_in_days": draw.dice.choice([1, 30, 9999]),
    }
    if draw.dice.random() < 0.2:
        asked["ceiling"] = draw.dice.choice(draw.stage.clearances)
    return asked


@body_of("add_person")
def _(draw: Draw) -> Any:
    return {"login": draw.dice.choice(["ann", "bob", draw.login(), "cid"]), "name": "New Person"}


@body_of("change_person")
def _(draw: Draw) -> Any:
    return {"name": draw.dice.choice(["Renamed", "Again"])}


@body_of("give_clearance")
def _(draw: Draw) -> Any:
    return {"clearance": draw.dice.choice(draw.stage.clearances), "reason": "asked for"}

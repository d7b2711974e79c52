"""Accounts, sign-in, clearances, tokens."""

from __future__ import annotations

from typing import Any

from strongroom.separation.strategies.drawing import Draw, body_of, told_by

told_by("duties", "person_id")
told_by("scopes", "token_id")


@body_of("make_first_account")
def _(draw: Draw) -> Any:
    return {"token": "guess", "login": "first", "name": "First", "password": "a long enough password"}


@body_of("sign_in_with_password")
def _(draw: Draw) -> Any:
    return {"login": draw.actor.login, "password": "a wrong password"}


@body_of("sign_in_with_link")
def _(draw: Draw) -> Any:
    return {"token": "no-such-link"}


@body_of("change_level")
def _(draw: Draw) -> Any:
    return {"level": draw.marking()}


@body_of("change_password")
def _(draw: Draw) -> Any:
    return {"current": "not the one", "new": "short"}


@body_of("make_token")
def _(draw: Draw) -> Any:
    return {"name": "mine", "scopes": ["read"], "expires_in_days": draw.dice.choice([1, 30, 9999])}


@body_of("add_person")
def _(draw: Draw) -> Any:
    return {"login": draw.dice.choice(["ann", "bob", "harbour", "cid"]), "name": "New Person"}


@body_of("change_person")
def _(draw: Draw) -> Any:
    return {"name": draw.dice.choice(["Renamed", "Again"])}


@body_of("give_clearance")
def _(draw: Draw) -> Any:
    return {"clearance": {"level": draw.dice.choice(["Public", "Internal"])}, "reason": "asked for"}

"""Idempotency keys: a request that is repeated is done once and answered alike."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import func, select

from strongroom.errors import ConflictError
from strongroom.people import Receipt, once
from strongroom.people.receipts import Idempotency
from strongroom.vault import Reader, Vault, clock, ids


class Done(BaseModel):
    id: str


@pytest.fixture
def reader(vault: Vault, house: Any) -> Reader:
    clearance = vault.scheme.clearance({"level": "Confidential", "compartments": ["PII"]})
    return Reader(house.person("ada"), "ada", clearance, vault.scheme.parse("INTERNAL"), "session", "0" * 32)


def _act(vault: Vault, reader: Reader, key: str | None, request: str = "body") -> str:
    with vault.writing(reader) as session:
        done = once(session, reader.person_id, Idempotency(key, request), Done, lambda: Done(id=ids.new_id()))
        return done.id


def test_the_same_key_and_request_get_the_first_answer(vault: Vault, reader: Reader) -> None:
    assert _act(vault, reader, "k1") == _act(vault, reader, "k1")
    assert _act(vault, reader, "k1") != _act(vault, reader, "k2")


def test_without_a_key_each_request_is_done(vault: Vault, reader: Reader) -> None:
    assert _act(vault, reader, None) != _act(vault, reader, None)


def test_the_same_key_with_another_request_is_a_conflict(vault: Vault, reader: Reader) -> None:
    _act(vault, reader, "k1")
    with pytest.raises(ConflictError):
        _act(vault, reader, "k1", "another body")


def test_a_key_belongs_to_its_person(vault: Vault, house: Any, reader: Reader) -> None:
    other = replace(reader, person_id=house.person("bert"), login="bert")
    assert _act(vault, reader, "k1") != _act(vault, other, "k1", "another body")


def test_a_key_is_good_at_its_level_so_nothing_shows_from_one_to_the_other(
    vault: Vault, reader: Reader
) -> None:
    high = replace(reader, level=vault.scheme.parse("CONFIDENTIAL//PII"))
    first = _act(vault, high, "k1")
    assert _act(vault, reader, "k1", "another body") != first
    assert _act(vault, high, "k1") == first


def test_what_failed_leaves_no_receipt(vault: Vault, reader: Reader) -> None:
    def fail() -> Done:
        raise ConflictError

    with pytest.raises(ConflictError), vault.writing(reader) as session:
        once(session, reader.person_id, Idempotency("k1", "body"), Done, fail)
    assert _act(vault, reader, "k1") == _act(vault, reader, "k1")


def test_receipts_are_forgotten_after_a_week(vault: Vault, reader: Reader) -> None:
    def sweeps(key: str) -> bool:
        """One key in sixteen does; which ones is another matter for each person."""
        return hashlib.sha256(f"{reader.person_id} {key}".encode()).hexdigest().startswith("0")

    begun = clock.now()
    for n in range(20):
        _act(vault, reader, f"old {n}")
    new = (f"new {n}" for n in itertools.count())
    with clock.at(begun + timedelta(days=8)):
        _act(vault, reader, next(key for key in new if sweeps(key)))
    with vault.reading(reader) as session:
        kept = session.scalar(
            select(func.count()).select_from(Receipt).where(Receipt.created_at < begun + timedelta(days=7))
        )
    assert kept == 0

"""HTTP: the server itself, and its marking scheme."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import select

from strongroom.errors import InvalidError
from strongroom.markings import MarkingError
from strongroom.people import (
    MarkingOut,
    Person,
    Principal,
    VaultDep,
    levels_of,
    public,
    signed_in,
    signed_in_for,
)
from strongroom.web.schemas import HealthOut, LevelsOut, RollupIn, SchemeOut, VersionOut

VERSION = version("strongroom")

router = APIRouter(tags=["server"])

SignedIn = Annotated[Principal, signed_in]


@router.get("/version", dependencies=[public])
def get_version() -> VersionOut:
    """Which program and API this is."""
    return VersionOut(name="strongroom", version=VERSION, api="v1")


@router.get("/health", dependencies=[public])
def get_health(vault: VaultDep) -> HealthOut:
    """Answers when the database does."""
    with vault.registry() as session:
        session.execute(select(Person.id).limit(1))
    return HealthOut(status="ok")


@router.get("/scheme")
def get_scheme(who: SignedIn, vault: VaultDep) -> SchemeOut:
    """The words that markings and clearances are made of."""
    return SchemeOut.model_validate(vault.scheme.vocabulary())


@router.get("/levels")
def list_levels(who: SignedIn, vault: VaultDep) -> LevelsOut:
    """The markings that I may work at: the plain levels of the scheme, and what is in use among what I can see."""
    with vault.reading(who.reader) as session:
        return LevelsOut(items=[MarkingOut.of(level) for level in levels_of(session)])


@router.post("/markings/rollup")
def roll_up(asked: RollupIn, who: Annotated[Principal, signed_in_for("read")], vault: VaultDep) -> MarkingOut:
    """The banner over several markings: their join. Nothing given: the least marking."""
    read, mistakes = [], []
    for place, text in enumerate(asked.markings):
        try:
            read.append(vault.scheme.parse(text))
        except MarkingError as error:
            mistakes.append(
                {
                    "where": f"body.markings.{place}",
                    "why": str(error),
                    "position": error.position,
                    "expected": error.expected,
                }
            )
    if mistakes:
        raise InvalidError("Some of the markings cannot be read.", errors=mistakes)
    return MarkingOut.of(vault.scheme.join(read))

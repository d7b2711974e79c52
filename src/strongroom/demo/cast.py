"""Who works in the demonstration, what each is cleared for, and how the simulated annotators err."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from strongroom.demo.texts import stored
from strongroom.people import Role

NEWCOMER = "amara"
"""Whose eyes a newcomer looks through first."""

ProjectKey = Literal["port", "relief"]
Rate = Annotated[float, Field(ge=0, le=1)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Errors(_Told):
    """How a simulated annotator errs. Each rate is a share of the answers (`spans`: of the spans) that are wrong."""

    clear: Rate
    hard: Rate
    """Of reports that are honestly ambiguous; what is wrong there is the other reading."""
    slips: dict[str, str]
    """Kind -> the kind it is mostly taken for when this annotator errs on a clear report."""
    follow_up: Rate
    spans: Rate
    """Of the spans in ordinary messages; in hard ones twice as many."""
    span_slips: dict[str, str]
    seconds: float
    """The median time for one answer."""


class Character(_Told):
    """`clearance` is as a scheme reads it; None: nobody cleared this person."""

    login: str
    name: str
    does: str
    sees: str
    clearance: dict[str, Any] | None = None
    reason: str = ""
    duties: tuple[str, ...] = ()
    roles: dict[ProjectKey, tuple[Role, ...]] = {}
    errors: Errors | None = None


@cache
def characters() -> tuple[Character, ...]:
    """Everyone, the newcomer's account first."""
    return tuple(Character.model_validate(told) for told in yaml.safe_load(stored("people.yaml")))


@cache
def by_login(login: str) -> Character:
    """Raises KeyError when nobody is called so."""
    return {character.login: character for character in characters()}[login]

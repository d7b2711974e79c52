"""What goes over the wire about people, sessions and markings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from strongroom.markings import Clearance, Marking

Duty = Literal["administrator", "security_officer", "auditor"]
Role = Literal["owner", "manager", "reviewer", "annotator", "analyst", "evaluator", "auditor"]
Scope = Literal["read", "label", "manage", "admin"]

Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", examples=["iris"])]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]
MarkingText = Annotated[str, Field(max_length=2000)]
ClearanceJson = dict[str, Any]


class In(BaseModel):
    """A body that comes in: a field nobody knows is a mistake, not a whim."""

    model_config = ConfigDict(extra="forbid")


class MarkingOut(BaseModel):
    """A marking as it is shown: banner, portion, and the colours of its level (hex)."""

    text: str
    portion: str
    level: str
    colour: str
    ink: str

    @classmethod
    def of(cls, marking: Marking) -> MarkingOut:
        found = _shown.get(marking)
        if found is None:
            if len(_shown) > 10_000:
                _shown.clear()
            level = marking.level
            found = _shown[marking] = cls(
                text=str(marking),
                portion=marking.portion,
                level=level.long,
                colour=level.colour,
                ink=level.ink,
            )
        return found


_shown: dict[Marking, MarkingOut] = {}


class MarkingsOut(BaseModel):
    items: list[MarkingOut]


class ClearanceOut(BaseModel):
    """A clearance, readable and as JSON."""

    text: str
    json_: ClearanceJson = Field(alias="json", serialization_alias="json")

    model_config = ConfigDict(populate_by_name=True)

    @classmethod
    def of(cls, clearance: Clearance) -> ClearanceOut:
        return cls(text=str(clearance), json_=clearance.to_json())


class SetupOut(BaseModel):
    needed: bool


class SetupIn(In):
    token: Secret
    login: Login
    name: Name
    password: Secret


class SignInIn(In):
    login: Annotated[str, Field(max_length=200)]
    password: Secret
    ceiling: ClearanceJson | None = Field(
        default=None, description="a clearance that this session shall not exceed"
    )


class LinkIn(In):
    token: Secret


class LevelIn(In):
    level: MarkingText


class PasswordIn(In):
    current: Secret | None = Field(default=None, description="left out while the account has no password")
    new: Secret


class PersonCard(BaseModel):
    """Who somebody is, as everyone may see it."""

    id: str
    login: str
    name: str


class MeOut(PersonCard):
    duties: list[Duty]


class SchemeName(BaseModel):
    name: str
    title: str
    hash: str


class SessionOut(BaseModel):
    """Who is signed in, what they may see, the level they work at."""

    person: MeOut
    clearance: ClearanceOut
    level: MarkingOut
    csrf_token: str | None = Field(description="sent back in X-CSRF-Token; null for API tokens")
    scheme: SchemeName
    banner_note: str | None = None


class TokenIn(In):
    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_in_days: Annotated[int, Field(ge=1)]
    ceiling: ClearanceJson | None = Field(default=None, description="a clearance the token shall not exceed")


class TokenOut(BaseModel):
    id: str
    name: str
    scopes: list[Scope]
    ceiling: ClearanceOut | None
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime


class NewTokenOut(TokenOut):
    token: str = Field(description="shown once; only its hash is stored")


class TokensOut(BaseModel):
    items: list[TokenOut]
    next: str | None = None


class PersonIn(In):
    login: Login
    name: Name
    password: Secret | None = Field(default=None, description="left out: a one-time sign-in link is answered")
    duties: list[Duty] = []


class PersonChangeIn(In):
    name: Name | None = None
    active: bool | None = None
    duties: list[Duty] | None = None


class PersonOut(PersonCard):
    """`clearance` is there for security officers only."""

    active: bool
    duties: list[Duty]
    clearance: ClearanceOut | None = None


class NewPersonOut(PersonOut):
    sign_in_link: str | None = Field(default=None, description="one-time token for /enter#…; shown once")


class PeopleOut(BaseModel):
    items: list[PersonOut]
    next: str | None = None


class ClearanceIn(In):
    clearance: ClearanceJson
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class GrantOut(BaseModel):
    """One line of a clearance history. `given_by` is null for an operator at the console."""

    clearance: ClearanceOut
    reason: str
    given_by: PersonCard | None
    given_at: datetime


class GrantsOut(BaseModel):
    items: list[GrantOut]
    next: str | None = None

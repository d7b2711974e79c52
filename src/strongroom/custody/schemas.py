"""What goes over the wire about where things are and what happens to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from strongroom.jobs import JobOut
from strongroom.people import MarkingOut, PersonCard

Item = TypeVar("Item")
Kind = Annotated[str, Field(max_length=64, description="The kind of a thing, such as task, import, dataset.")]
ThingId = Annotated[str, Field(max_length=64)]
Reason = Annotated[str, Field(min_length=3, max_length=2000)]
MarkingText = Annotated[str, Field(min_length=1, max_length=2000)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class ThingOut(BaseModel):
    kind: str
    id: str
    name: str | None = Field(description="What people call it, where they call it something.")
    marking: MarkingOut


class CountOut(BaseModel):
    marking: MarkingOut
    things: int


class GroupOut(BaseModel):
    """All things of a kind to one side, as far as the caller sees them."""

    side: Literal["from", "to"]
    kind: str
    steps: int = Field(description="How many steps away the farthest is.")
    things: int
    more: bool = Field(description="True where the walk ended before it had seen all.")
    markings: list[CountOut]
    only: ThingOut | None = Field(description="The thing itself, where the group has just one.")


class LinkOut(BaseModel):
    """Things of the kind `derived` were made from things of the kind `source`."""

    side: Literal["from", "to"]
    source: str
    derived: str
    how: str


class TraceOut(BaseModel):
    """Where a thing came from and where it went. What the caller may not see isn't in it and isn't hinted at."""

    thing: ThingOut
    project_id: str | None
    groups: list[GroupOut]
    links: list[LinkOut]
    may_see_who: bool = Field(description="Whether the caller may ask who saw it.")
    may_remark: bool = Field(description="Whether the caller may raise it, or ask for another marking.")
    may_report: bool = Field(description="Whether the caller may report a spill.")


class ActOut(BaseModel):
    """An entry of the audit log that names the thing, or what was directly made from it."""

    id: str
    at: datetime
    person: PersonCard | None
    action: str
    kind: str
    thing_id: str
    outcome: str
    how: str
    marking: MarkingOut


class RemarkingIn(In):
    kind: Kind
    thing_id: ThingId
    to: MarkingText
    reason: Reason


class RemarkingOut(BaseModel):
    id: str
    kind: str
    thing_id: str
    marking: MarkingOut = Field(description="What the thing was marked.")
    to: MarkingOut
    raises: bool
    reason: str
    state: Literal["asked", "done", "refused"]
    asked_by: PersonCard
    asked_at: datetime
    decided_by: PersonCard | None
    decided_at: datetime | None


class SpillIn(In):
    kind: Kind
    thing_id: ThingId
    should_be: MarkingText = Field(description="The marking that it should have had, or `purge`.")
    reason: Reason


class AffectedOut(BaseModel):
    """Things of a kind at one marking: how many are in which state."""

    kind: str
    marking: MarkingOut
    quarantined: int
    remarked: int
    released: int
    purged: int


class DecisionOut(BaseModel):
    id: str
    decision: Literal["remark", "release", "purge"]
    to: MarkingOut | None
    kinds: list[str] | None = Field(description="Null: everything that was in quarantine.")
    state: Literal["working", "done"]
    job: JobOut | None
    decided_by: PersonCard
    decided_at: datetime
    done_at: datetime | None
    proof: dict[str, Any] | None = Field(description="Of a purge: what was done and what a search found.")


class SpillRow(BaseModel):
    id: str
    kind: str
    thing_id: str
    marking: MarkingOut
    should_be: MarkingOut | None = Field(description="Null: it should not be here at all.")
    reason: str
    reported_by: PersonCard
    reported_at: datetime
    open: bool = Field(description="Whether something is in quarantine still.")


class SpillOut(SpillRow):
    """A spill, as far as the caller could see the things before."""

    affected: list[AffectedOut]
    decisions: list[DecisionOut]
    acts: int = Field(description="Entries of the audit log that name something affected.")
    people: int = Field(description="People who did those acts.")
    downloads: int = Field(description="Times that something affected was taken out as a file.")


class SpillThingOut(BaseModel):
    kind: str
    thing_id: str
    marking: MarkingOut
    state: Literal["quarantined", "remarked", "released", "purged"]
    became: MarkingOut | None


class DecisionIn(In):
    decision: Literal["remark", "release", "purge"]
    to: MarkingText | None = Field(default=None, description="For `remark`; what the spill says if left out.")
    kinds: list[Kind] | None = Field(
        default=None, max_length=50, description="Only these kinds; everything if left out."
    )


class KeyOut(BaseModel):
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str = Field(description="64 hexadecimal digits.")

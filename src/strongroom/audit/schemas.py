"""What goes over the wire about the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from strongroom.people import MarkingOut, PersonCard

Question = Literal["all", "seen", "failed"]


class AuditEntryOut(BaseModel):
    """Who did what to which thing. An erased entry keeps its time and marking, and says nothing else."""

    entry_id: str
    at: datetime
    actor: PersonCard | None = Field(description="None for nobody known, or for somebody at the console.")
    how: str = Field(description="How the actor was recognised: session, token, job, operator, password, …")
    clearance: str = Field(description="What the actor could see then.")
    level: str = Field(description="Where the actor worked.")
    action: str
    kind: str
    object_id: str | None
    outcome: str
    request_id: str | None
    facts: dict[str, Any] = Field(description="Ids and counts.")
    marking: MarkingOut
    erased: bool


class AuditEntriesOut(BaseModel):
    """`people` are those whom the entries name in any place."""

    items: list[AuditEntryOut]
    people: list[PersonCard]
    next: str | None


class AuditProofOut(BaseModel):
    """Where an entry lies in the log, and a document that proves it offline: save it, and give it to strongroom_verify.py."""

    number: int
    size: int
    root: str = Field(description="In hex.")
    hashes: list[str] = Field(description="From the leaf up to the root, in hex.")
    intact: bool = Field(description="Whether the entry is still what the log took up.")
    document: dict[str, Any]


class AuditEntryDetail(AuditEntryOut):
    """`proof` is for auditors who may see every entry: it tells how many there are. `commitment` is what the log has of it."""

    people: list[PersonCard]
    salt: str | None
    commitment: str | None
    proof: AuditProofOut | None
    withheld: str | None = Field(description="Why there is no proof.")


class AuditCheckpointOut(BaseModel):
    """A signed note (C2SP tlog-checkpoint) over the whole log, and the key to verify it with."""

    size: int
    root: str
    note: str
    key: str


class AuditStateOut(BaseModel):
    """How the log is. `place`: whether checkpoints also go to a second place, and whether the log continues the last one
    there."""

    state: Literal["in_order", "refused", "broken"]
    trouble: str | None
    place: bool
    key: str
    sees_everything: bool = Field(description="Whether you may be shown proofs, numbers and sizes.")
    size: int | None = Field(
        description="Entries in the log; None where that would count what you may not see."
    )

"""What goes over the wire about the server and its marking scheme."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from strongroom.people import MarkingOut


class VersionOut(BaseModel):
    name: str
    version: str
    api: str


class HealthOut(BaseModel):
    status: str


class LevelsOut(BaseModel):
    items: list[MarkingOut]
    next: str | None = None


class SchemeOut(BaseModel):
    """The vocabulary of the scheme: what a form needs in order to build a marking or a clearance."""

    model_config = ConfigDict(extra="allow")

    name: str
    title: str
    version: int
    notice: str
    hash: str
    levels: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    attributes: list[str]


class RollupIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    markings: Annotated[
        list[Annotated[str, Field(max_length=2000)]],
        Field(max_length=10_000, examples=[["(C//PII)", "(I//FOR HARBOUR)"]]),
    ]

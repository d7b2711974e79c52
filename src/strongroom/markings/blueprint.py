"""The shape of a scheme file: what a YAML scheme may say, and what each field means."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Obligation = Literal["no-train", "no-export", "originator-consent"]
"""What a caveat asks of whoever may see the thing. The first two are kept by `Clearance.permits`; the third by
whoever lowers a marking."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Word = Annotated[str, Field(min_length=1, max_length=60)]


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelPlan(Plan):
    """A level. `unmarked` says who may have a thing at this level that names no nation: everyone, or home alone."""

    short: Word
    long: Word
    banner: Word | None = None
    colour: Colour
    ink: Colour
    unmarked: Literal["everyone", "home"] = "everyone"


class CaveatPlan(Plan):
    """A control that travels with the thing.

    implies      other caveats that come with it; the word for "home alone" may be among them
    excludes     caveats that it stands for: the two are never written side by side, joined only this one is written
    requires     attributes that a reader must have, all of them
    obligations  what even a permitted reader may not do
    min_level, max_level  where it may be written; joined with something above max_level, it is absorbed
    """

    short: Word
    long: Word
    title: str = ""
    implies: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    min_level: str | None = None
    max_level: str | None = None


class CompartmentsPlan(Plan):
    """Compartments: a reader must hold each. Listed by name, open by pattern, or both.

    With `children` a name may have sub-compartments (`SI-G`), with `grandchildren` those may have their own
    (`SI-G ABCD`). `prefix` stands before each name, or with `prefix_once` before the first of the block alone.
    """

    kind: Literal["compartments"]
    key: str
    json_name: str
    title: str
    prefix: str = ""
    prefix_once: bool = False
    values: dict[str, str] = {}
    open: Pattern | None = None
    children: Pattern | None = None
    grandchildren: Pattern | None = None
    min_level: str | None = None


class OriginsPlan(Plan):
    """Foreign-government sources; `word` alone conceals which."""

    kind: Literal["origins"]
    key: str
    json_open: str
    json_protected: str
    title: str
    word: Word


class ControlsPlan(Plan):
    """Caveats and the words of release, in the order in which they are written (`order` holds long names)."""

    kind: Literal["controls"]
    key: str
    json_name: str
    title: str
    order: tuple[str, ...]
    caveats: tuple[CaveatPlan, ...] = ()
    combinations: dict[str, tuple[str, ...]] = {}


class AudiencesPlan(Plan):
    """Circles, in any-of clauses: `FOR HARBOUR OR RELIEF`."""

    kind: Literal["audiences"]
    key: str
    json_name: str
    title: str
    word: Word
    between: Word
    values: dict[str, str] = {}
    open: Pattern | None = None


class NamedPlan(Plan):
    """A list of logins: `ONLY anna, bert`; `nobody` is the word for the empty list."""

    kind: Literal["named"]
    key: str
    json_name: str
    title: str
    word: Word
    nobody: Word
    names: Pattern = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}"


BlockPlan = Annotated[
    CompartmentsPlan | OriginsPlan | ControlsPlan | AudiencesPlan | NamedPlan, Field(discriminator="kind")
]


class WordPlan(Plan):
    short: Word
    long: Word


class ListPlan(Plan):
    """How a list of nations is written, and what JSON calls it."""

    name: Word
    prefix: str = ""
    suffix: str = ""
    between: Word = ", "
    json_token: Word
    json_list: Word
    home_first: bool = False


class ReleasePlan(Plan):
    """The words of release: home alone, given to, shown to, and "an official may release it further"."""

    nobody: WordPlan
    to: ListPlan
    display: ListPlan | None = None
    relido: WordPlan | None = None


class GroupPlan(Plan):
    title: str
    members: tuple[str, ...]


class NationsPlan(Plan):
    """Who a thing may be released to. A group is read as its members; an organisation is a member of its own."""

    home: str
    members: dict[str, str]
    groups: dict[str, GroupPlan] = {}
    organisations: dict[str, str] = {}
    release: ReleasePlan


class ChangePlan(Plan):
    duty: str
    people: int = Field(ge=1)


class ChangesPlan(Plan):
    """Who may change a marking by hand: `people` persons with `duty`, a reason each time."""

    raising: ChangePlan
    lowering: ChangePlan

    @model_validator(mode="after")
    def _two_to_lower(self) -> Self:
        if self.lowering.people < 2:
            raise ValueError("lowering takes two people or more")
        return self


class Blueprint(Plan):
    """A whole scheme file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: int = Field(ge=1)
    title: str
    notice: str = ""
    separator: Word = "//"
    within: Word = "/"
    levels: tuple[LevelPlan, ...] = Field(min_length=1)
    nations: NationsPlan | None = None
    blocks: tuple[BlockPlan, ...] = ()
    changes: ChangesPlan

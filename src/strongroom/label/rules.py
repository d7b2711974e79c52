"""The rules of a project: how many answers a task gets, what is made of them, who may answer, what goes to review.

They are written under `rules` in a form file, stored with the project, and may change while work goes on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_ASKED = 100
"""Answers that one task may get under a rule of confidence."""

Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ask(_Part):
    """Ask until the consensus is sure enough: every task `least` times, further ones where it is still uncertain."""

    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = Field(
        default=0.95, description="How sure the consensus of a task has to be, 0.5 to 0.999."
    )
    least: Annotated[int, Field(ge=1, le=MAX_ASKED)] = Field(
        default=2, description="Answers that every task gets."
    )
    most: Annotated[int, Field(ge=1, le=MAX_ASKED)] = Field(
        default=5, description="Answers beyond which no task is asked again."
    )
    budget: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        default=None,
        description="Answers in all; null: as many as it takes. Counted at each marking over what may be seen there.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Ask:
        if self.least > self.most:
            raise ValueError(
                f"`least` is {self.least} and `most` is {self.most}: least must not be above most"
            )
        return self


class Gold(_Part):
    """Tasks whose answer is known, mixed in unseen; and when somebody who gets them wrong is paused."""

    rate: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.1, description="The share of gold among the tasks that are given out."
    )
    pause_below: Share | None = Field(
        default=None, description="Pause who has a smaller share of gold tasks right; null: nobody."
    )
    pause_after: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=10, description="Gold answers before anybody is paused."
    )


class Qualify(_Part):
    """Gold tasks that everyone is given first; who gets too many of them wrong is given no others."""

    answers: Annotated[int, Field(ge=1, le=1_000)] = 5
    score: Share = Field(default=0.8, description="The share of them that must be right.")


class Review(_Part):
    """What goes to a reviewer: a task that is asked no further and whose consensus is less sure than `below`."""

    below: Share = 0.7
    own: bool = Field(
        default=False, description="Whether a reviewer may decide tasks that they answered themselves."
    )


class Rules(_Part):
    """All of it. What is left out is as usual: the project's overlap, consensus by model, no gold."""

    consensus: Literal["model", "majority"] = Field(
        default="model",
        description="`model` weighs annotators by how right they are, once there is evidence for it; `majority` counts.",
    )
    ask: Ask | None = Field(default=None, description="Left out: every task gets the project's overlap.")
    gold: Gold | None = None
    training: bool = Field(
        default=False, description="Whether training tasks are given first, with the right answer afterwards."
    )
    qualify: Qualify | None = None
    review: Review = Review()

    @model_validator(mode="after")
    def _together(self) -> Rules:
        if self.ask is not None and self.consensus == "majority":
            raise ValueError("`ask` needs `consensus: model`: a count of votes has no confidence to reach")
        return self


USUAL = Rules()


def rules_of(stored: dict[str, Any] | None) -> Rules:
    """The rules from what a project stores."""
    return USUAL if stored is None else Rules.model_validate(stored)


@lru_cache(maxsize=256)
def rules(text: str | None) -> Rules:
    """The rules from their stored JSON. The cache is a function of the text alone: it tells nobody anything."""
    return USUAL if text in (None, "null") else Rules.model_validate_json(text or "null")


def first_wanted(overlap: int, found: Rules) -> int:
    """The answers that a task wants before anything is known about it."""
    return overlap if found.ask is None else found.ask.least

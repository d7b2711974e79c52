"""The custody room: where things are, other markings, spills."""

from __future__ import annotations

from typing import Any

from strongroom.separation.strategies.drawing import Draw, body_of, places_of, told_by

told_by("raises", "remarking_id")
told_by("should_be", "spill_id")

KINDS = ("task", "dataset", "import", "assignment", "project", "annotation")


def thing(draw: Draw) -> dict[str, str]:
    """A thing of some kind that was seen; sometimes under a kind that it isn't of."""
    kind = draw.dice.choice(KINDS)
    named = kind if draw.dice.random() < 0.95 else draw.dice.choice(KINDS)
    return {"kind": named, "thing_id": draw.id(f"{kind}_id")}


@places_of("get_trace", "list_acts")
def _(draw: Draw) -> dict[str, str]:
    return thing(draw)


@places_of("list_related")
def _(draw: Draw) -> dict[str, str]:
    return {**thing(draw), "side": draw.dice.choice(("from", "to")), "of_kind": draw.dice.choice(KINDS)}


@body_of("ask_for_marking")
def _(draw: Draw) -> Any:
    return {**thing(draw), "to": draw.marking(), "reason": "asked for"}


@body_of("report_spill")
def _(draw: Draw) -> Any:
    should_be = draw.dice.choice(("purge", draw.marking()))
    return {**thing(draw), "should_be": should_be, "reason": "it should not be here"}


@body_of("decide_spill")
def _(draw: Draw) -> Any:
    decision = draw.dice.choice(("remark", "purge", "release"))
    body: dict[str, Any] = {"decision": decision}
    if decision == "remark" and draw.dice.random() < 0.7:
        body["to"] = draw.marking()
    if draw.dice.random() < 0.3:
        body["kinds"] = [draw.dice.choice(KINDS)]
    return body

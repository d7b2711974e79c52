"""Simulated annotators: people with known error rates and confusions of their own.

What somebody answers to an item depends on the two of them and the seed alone, not on the order of the work.
"""

from __future__ import annotations

import random
from typing import Any

from strongroom.demo.cast import Character, Errors
from strongroom.demo.markup import LETTERS, Span
from strongroom.demo.texts import Incident, Message

KINDS = ("injury", "security", "spill", "contact", "equipment", "weather", "cargo")
FOLLOW_UPS = ("authority", "claim", "medical", "repair", "watch")

_HESITATION = (
    "Could also be {other}. Went by the order in the guideline.",
    "Read it twice; {other} was my second choice.",
    "{other}? The report does not quite say.",
    "Took what happened first. One could argue for {other}.",
)


def classify(person: Character, incident: Incident, seed: int) -> dict[str, Any]:
    """An answer to the form of the port."""
    errors, draw = _begin(person, incident.id, seed)
    follow_up = set(incident.follow_up)
    if draw.random() < errors.follow_up:
        follow_up ^= {draw.choice(FOLLOW_UPS)}
    answer: dict[str, Any] = {"kind": _kind(errors, incident, draw)}
    if follow_up:
        answer["follow_up"] = sorted(follow_up)
    if incident.mistaken_for and draw.random() < 0.2:
        other = incident.mistaken_for if answer["kind"] == incident.kind else incident.kind
        answer["note"] = draw.choice(_HESITATION).format(other=other.capitalize())
    return answer


def mark(person: Character, message: Message, seed: int) -> dict[str, Any]:
    """An answer to the form of the relief desk."""
    errors, draw = _begin(person, message.id, seed)
    rate = min(1.0, errors.spans * (2 if message.hard else 1))
    right = message.spans
    marked = {
        span if draw.random() >= rate else _misread(errors, message.text, span, set(right), draw)
        for span in right
    }
    spans = sorted(span for span in marked if span)
    return {"entities": [span._asdict() for span in spans]} if spans else {}


def _begin(person: Character, item: str, seed: int) -> tuple[Errors, random.Random]:
    if person.errors is None:
        raise ValueError(f"{person.login} is nobody's simulation")
    return person.errors, random.Random(f"{seed} {person.login} {item}")  # noqa: S311 - a simulation, no secret


def _kind(errors: Errors, incident: Incident, draw: random.Random) -> str:
    if draw.random() >= (errors.hard if incident.hard else errors.clear):
        return incident.kind
    if incident.mistaken_for:
        return incident.mistaken_for
    slip = errors.slips.get(incident.kind)
    if slip and draw.random() < 0.7:
        return slip
    return draw.choice([kind for kind in KINDS if kind != incident.kind])


def _misread(errors: Errors, text: str, span: Span, right: set[Span], draw: random.Random) -> Span | None:
    """Overlooked (None), cut in the wrong place, or given the wrong label; never right by accident."""
    how = draw.random()
    wrong: Span | None = None
    if how < 0.4:
        wrong = _miscut(text, span, draw)
    elif how < 0.65:
        label = errors.span_slips.get(span.label) or draw.choice(
            [label for label in LETTERS.values() if label != span.label]
        )
        wrong = span._replace(label=label)
    return None if wrong in right else wrong


def _miscut(text: str, span: Span, draw: random.Random) -> Span | None:
    """A word more in front or behind, or the first word left out."""
    inside, before, after = text[span.start : span.end], text[: span.start], text[span.end :]
    cuts = []
    if " " in inside:
        cuts.append(span._replace(start=span.start + inside.index(" ") + 1))
    if before.endswith(" "):
        cuts.append(span._replace(start=before.rstrip().rfind(" ") + 1))
    if after.startswith(" ") and (word := after.split()[:1]):
        cuts.append(span._replace(end=after.index(word[0]) + len(word[0]) + span.end))
    return draw.choice(cuts) if cuts else None

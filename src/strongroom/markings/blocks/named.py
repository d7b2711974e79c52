"""By name: a list of the logins that may see the thing."""

from __future__ import annotations

import re

from strongroom.markings.algebra import NOTHING, Parts
from strongroom.markings.blocks.shapes import texts
from strongroom.markings.blueprint import NamedPlan
from strongroom.markings.draft import Draft, Place, pieces


class Named:
    def __init__(self, plan: NamedPlan) -> None:
        self.plan = plan
        self.title = plan.title
        self._names = re.compile(plan.names)

    def hint(self) -> str:
        return f"{self.plan.title} ({self.plan.word} anna, bert)"

    def opens(self, token: str) -> bool:
        return token == self.plan.word or token.startswith(self.plan.word + " ")

    def knows(self, name: str) -> bool:
        return name != self.plan.nobody and self._names.fullmatch(name) is not None

    def read(self, places: list[Place], draft: Draft) -> None:
        if len(places) > 1:
            draft.fail(places[1].position, f"all names in one list after {self.plan.word}", places[1].token)
        token, position = places[0].token, places[0].position
        cut = len(self.plan.word) + 1
        if len(token) < cut:
            draft.fail(position + len(token), f"a login, or {self.plan.nobody} alone")
        if token[cut:] == self.plan.nobody:
            draft.named = NOTHING
            return
        names: set[str] = set()
        for place in pieces(token[cut:], ", ", position + cut):
            if not self.knows(place.token):
                draft.fail(place.position, f"a login, or {self.plan.nobody} alone", place.token)
            if place.token in names:
                draft.fail(place.position, "each name once", place.token)
            names.add(place.token)
        draft.named = frozenset(names)

    def write(self, parts: Parts, short: bool) -> list[str]:
        if parts.named is None:
            return []
        return [f"{self.plan.word} {', '.join(sorted(parts.named)) or self.plan.nobody}"]

    def to_json(self, parts: Parts) -> dict[str, object]:
        return {} if parts.named is None else {self.plan.json_name: sorted(parts.named)}

    def json_keys(self) -> tuple[str, ...]:
        return (self.plan.json_name,)

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        if self.plan.json_name not in data:
            return []
        return [f"{self.plan.word} {', '.join(texts(data, self.plan.json_name)) or self.plan.nobody}"]

    def samples(self, few: bool) -> list[str]:
        return [f"{self.plan.word} {names}" for names in ("anna", "anna, bert", "carla", self.plan.nobody)]

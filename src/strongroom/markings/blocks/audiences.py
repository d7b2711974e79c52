"""Audiences: circles of readers, in any-of clauses."""

from __future__ import annotations

import re

from strongroom.markings.algebra import Names, Parts
from strongroom.markings.blocks.shapes import lists_of_texts
from strongroom.markings.blueprint import AudiencesPlan
from strongroom.markings.draft import Draft, Place, pieces


class Audiences:
    def __init__(self, plan: AudiencesPlan) -> None:
        self.plan = plan
        self.title = plan.title
        self._open = re.compile(plan.open) if plan.open else None
        self._between = f" {plan.between} "

    def hint(self) -> str:
        return f"{self.plan.title} ({self.plan.word} A, {self.plan.word} A {self.plan.between} B)"

    def opens(self, token: str) -> bool:
        return token == self.plan.word or token.startswith(self.plan.word + " ")

    def knows(self, circle: str) -> bool:
        return circle in self.plan.values or bool(self._open and self._open.fullmatch(circle))

    def read(self, places: list[Place], draft: Draft) -> None:
        for place in places:
            if not self.opens(place.token):
                draft.fail(place.position, self.hint(), place.token)
            cut = len(self.plan.word) + 1
            if len(place.token) < cut:
                draft.fail(place.position + len(place.token), self._circle_hint())
            circles: set[str] = set()
            for circle in pieces(place.token[cut:], self._between, place.position + cut):
                if not self.knows(circle.token) or circle.token == self.plan.between:
                    draft.fail(circle.position, self._circle_hint(), circle.token)
                if circle.token in circles:
                    draft.fail(circle.position, "each circle once", circle.token)
                circles.add(circle.token)
            clause = frozenset(circles)
            if clause in draft.clauses:
                draft.fail(place.position, "each clause once", place.token)
            draft.clauses.add(clause)

    def _circle_hint(self) -> str:
        return "a circle" + (f" ({', '.join(self.plan.values)})" if not self._open else "")

    def write(self, parts: Parts, short: bool) -> list[str]:
        return [f"{self.plan.word} {self._between.join(clause)}" for clause in _sorted(parts.audiences)]

    def to_json(self, parts: Parts) -> dict[str, object]:
        return {self.plan.json_name: _sorted(parts.audiences)} if parts.audiences else {}

    def json_keys(self) -> tuple[str, ...]:
        return (self.plan.json_name,)

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        clauses = lists_of_texts(data, self.plan.json_name)
        return [f"{self.plan.word} {self._between.join(clause)}" for clause in clauses]

    def samples(self, few: bool) -> list[str]:
        circles = [*self.plan.values, *(one for one in ("A", "B", "C", "AA", "a", "b") if self.knows(one))][
            :3
        ]
        singles = [f"{self.plan.word} {one}" for one in circles]
        both = [f"{self.plan.word} {self._between.join(circles[:2])}"] if len(circles) > 1 else []
        return singles + both


def _sorted(clauses: frozenset[Names]) -> list[list[str]]:
    return sorted(sorted(clause) for clause in clauses)

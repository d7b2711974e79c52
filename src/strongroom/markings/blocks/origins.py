"""Foreign sources: named, or concealed."""

from __future__ import annotations

from strongroom.markings.algebra import Parts
from strongroom.markings.blocks.shapes import texts
from strongroom.markings.blueprint import OriginsPlan
from strongroom.markings.draft import Draft, Place, pieces
from strongroom.markings.nations import Nations


class Origins:
    def __init__(self, plan: OriginsPlan, nations: Nations) -> None:
        self.plan = plan
        self.title = plan.title
        self._nations = nations

    def hint(self) -> str:
        return f"{self.plan.title} ({self.plan.word}, {self.plan.word} …)"

    def opens(self, token: str) -> bool:
        return token == self.plan.word or token.startswith(self.plan.word + " ")

    def read(self, places: list[Place], draft: Draft) -> None:
        if len(places) > 1:
            draft.fail(places[1].position, f"the sources in one list after {self.plan.word}", places[1].token)
        _, *sources = pieces(places[0].token, " ", places[0].position)
        if not sources:
            draft.concealed = True
        for place in sources:
            self.read_source(place, draft)

    def read_source(self, place: Place, draft: Draft) -> None:
        if place.token not in self._nations.sources:
            draft.fail(
                place.position, f"a foreign source: the code of a nation or {self.plan.word}", place.token
            )
        if place.token in draft.origins:
            draft.fail(place.position, "each source once", place.token)
        draft.origins.add(place.token)

    def read_head(self, place: Place, draft: Draft) -> None:
        """The nation before the level, as in `//GBR S`; the word itself (`//FGI S`) conceals it."""
        if place.token == self.plan.word:
            draft.concealed = True
        else:
            self.read_source(place, draft)

    def write(self, parts: Parts, short: bool) -> list[str]:
        if parts.concealed:
            return [self.plan.word]
        if not parts.origins:
            return []
        return [" ".join([self.plan.word, *self._nations.sorted(parts.origins)])]

    def to_json(self, parts: Parts) -> dict[str, object]:
        if parts.concealed:
            return {self.plan.json_protected: [self.plan.word]}
        return {self.plan.json_open: self._nations.sorted(parts.origins)} if parts.origins else {}

    def json_keys(self) -> tuple[str, ...]:
        return self.plan.json_open, self.plan.json_protected

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        known = texts(data, self.plan.json_open)
        concealed = texts(data, self.plan.json_protected)
        if concealed not in ([], [self.plan.word]):
            raise ValueError(f"{self.plan.json_protected}: [{self.plan.word!r}]")
        if concealed and known:
            raise ValueError(f"either {self.plan.json_open} or {self.plan.json_protected}")
        if concealed:
            return [self.plan.word]
        return [" ".join([self.plan.word, *known])] if known else []

    def samples(self, few: bool) -> list[str]:
        return [self.plan.word, *(f"{self.plan.word} {code}" for code in sorted(self._nations.sources)[:2])]

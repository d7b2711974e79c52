"""Controls: caveats, and the words of release."""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.markings.algebra import Parts
from strongroom.markings.blocks.shapes import texts
from strongroom.markings.blueprint import ControlsPlan, ListPlan
from strongroom.markings.caveats import Caveat
from strongroom.markings.draft import Draft, Place, some
from strongroom.markings.errors import SchemeError
from strongroom.markings.nations import Nations


class Controls:
    """A block of controls. `all_caveats` are those of the whole scheme: a combination (`LES-NF`) may reach out of
    its block."""

    def __init__(
        self, plan: ControlsPlan, all_caveats: Mapping[str, Caveat], nations: Nations | None
    ) -> None:
        self.plan = plan
        self.title = plan.title
        self._caveats = all_caveats
        self._nations = nations
        self._long = {
            name: caveat.long for caveat in all_caveats.values() for name in (caveat.short, caveat.long)
        }
        self._own = {name for caveat in plan.caveats for name in (caveat.short, caveat.long)}
        self._words = self._release_words()
        self._check_order()
        self._tokens = {*self._own, *self._words, *plan.combinations}

    def _release_words(self) -> dict[str, str]:
        """Word → its long name, of the words of release that this block writes."""
        if self._nations is None:
            return {}
        words = self._nations.words
        pairs = [(one.short, one.long) for one in (words.nobody, words.relido) if one]
        return {name: long for short, long in pairs if long in self.plan.order for name in (short, long)}

    def _lists(self) -> list[ListPlan]:
        if self._nations is None:
            return []
        words = self._nations.words
        return [one for one in (words.to, words.display) if one and one.name in self.plan.order]

    def _check_order(self) -> None:
        known = (
            {one.long for one in self.plan.caveats}
            | {*self._words.values()}
            | {one.name for one in self._lists()}
        )
        for name in self.plan.order:
            if name not in known:
                raise SchemeError(
                    f"the order of {self.plan.key!r} names {name!r}, which is no control of the block"
                )
        if len(set(self.plan.order)) < len(self.plan.order) or known - set(self.plan.order):
            raise SchemeError(
                f"the order of {self.plan.key!r} must hold each of its controls once: {sorted(known)}"
            )
        for name, means in self.plan.combinations.items():
            nobody = self._nations.words.nobody if self._nations else None
            for one in means:
                if one not in self._long and not (nobody and one in (nobody.short, nobody.long)):
                    raise SchemeError(
                        f"the combination {name!r} names {one!r}, which the scheme does not have"
                    )

    def hint(self) -> str:
        return f"{self.plan.title} ({some(list(self.plan.order), 12)})"

    def opens(self, token: str) -> bool:
        return token in self._tokens or self._list_of(token) is not None

    def _list_of(self, token: str) -> ListPlan | None:
        for plan in self._lists():
            if token.startswith(plan.prefix) and token.endswith(plan.suffix) and (plan.prefix or plan.suffix):
                return plan
        return None

    def read(self, places: list[Place], draft: Draft) -> None:
        for place in places:
            if place.token in self._own:
                self._read_caveat(self._long[place.token], place, draft)
            elif place.token in self._words:
                self._read_word(place, draft)
            elif place.token in self.plan.combinations:
                self._read_combination(place, draft)
            elif plan := self._list_of(place.token):
                self._read_list(plan, place, draft)
            else:
                draft.fail(place.position, self.hint(), place.token)

    def _read_caveat(self, long: str, place: Place, draft: Draft) -> None:
        if long in draft.caveats:
            draft.fail(place.position, "each control once", place.token)
        draft.caveats[long] = place

    def _read_word(self, place: Place, draft: Draft) -> None:
        assert self._nations is not None
        nobody = self._words[place.token] == self._nations.words.nobody.long
        if (draft.nobody if nobody else draft.relido) is not None:
            draft.fail(place.position, "each control once", place.token)
        if nobody:
            draft.nobody = place
        else:
            draft.relido = place

    def _read_combination(self, place: Place, draft: Draft) -> None:
        for name in self.plan.combinations[place.token]:
            if name in self._long:
                self._read_caveat(self._long[name], place, draft)
            else:
                draft.nobody = draft.nobody or place

    def _read_list(self, plan: ListPlan, place: Place, draft: Draft) -> None:
        assert self._nations is not None
        release = plan is self._nations.words.to
        if (draft.release_at if release else draft.display_at) is not None:
            draft.fail(place.position, "each list once", place.token)
        nations = self._nations.read_list(place.token, place.position, draft, plan)
        if release:
            draft.release, draft.release_at = nations, place
        else:
            draft.display, draft.display_at = nations, place

    def write(self, parts: Parts, short: bool) -> list[str]:
        return [token for token in self._slots(parts, short) if token]

    def _slots(self, parts: Parts, short: bool) -> list[str]:
        """What is written at each place of the order, "" where nothing is."""
        shown = self._shown(parts)
        slots = []
        for name in self.plan.order:
            if name not in self._caveats:
                slots.append(self._release_token(name, parts, short))
            elif name in shown:
                slots.append(self._caveats[name].short if short else name)
            else:
                slots.append("")
        return slots

    def _shown(self, parts: Parts) -> frozenset[str]:
        """The caveats that are written: not those that another one stands for."""
        stood_for = [self._caveats[name].excludes for name in parts.caveats]
        return parts.caveats.difference(*stood_for)

    def _release_token(self, name: str, parts: Parts, short: bool) -> str:
        assert self._nations is not None
        if parts.release is None or parts.display is None:
            return ""
        words = self._nations.words
        shown_only = parts.display - parts.release
        if name == words.to.name:
            return self._nations.write_list(parts.release, words.to) if parts.release else ""
        if words.display and name == words.display.name:
            return self._nations.write_list(shown_only, words.display) if shown_only else ""
        if words.relido and name == words.relido.long:
            return (words.relido.short if short else name) if parts.relido else ""
        if parts.release or shown_only or parts.relido or parts.plain:
            return ""
        return words.nobody.short if short else name

    def to_json(self, parts: Parts) -> dict[str, object]:
        tokens: list[str] = []
        lists: dict[str, object] = {}
        for name, token in zip(self.plan.order, self._slots(parts, short=True), strict=True):
            plan = next((one for one in self._lists() if one.name == name), None)
            if not token:
                continue
            if plan is None:
                tokens.append(token)
                continue
            assert self._nations is not None
            assert parts.release is not None
            assert parts.display is not None
            given = plan is self._nations.words.to
            nations = parts.release if given else parts.display - parts.release
            tokens.append(plan.json_token)
            lists[plan.json_list] = self._nations.listed(nations, plan)
        return {self.plan.json_name: tokens, **lists} if tokens else {}

    def json_keys(self) -> tuple[str, ...]:
        return self.plan.json_name, *(one.json_list for one in self._lists())

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        tokens = texts(data, self.plan.json_name)
        for plan in self._lists():
            nations = texts(data, plan.json_list)
            if bool(nations) != (plan.json_token in tokens):
                raise ValueError(
                    f"{plan.json_token} in {self.plan.json_name} and {plan.json_list}, or neither"
                )
            written = plan.prefix + plan.between.join(nations) + plan.suffix
            tokens = [written if token == plan.json_token else token for token in tokens]
        return tokens

    def samples(self, few: bool) -> list[str]:
        found = [one.short for one in self.plan.caveats] + sorted(self._words) + list(self.plan.combinations)
        if self._nations:
            foreign = sorted(self._nations.readers - {self._nations.home})[:3]
            for plan in self._lists():
                found += [
                    self._nations.write_list(frozenset(some), plan)
                    for some in (foreign[:1], foreign[1:], foreign)
                ]
        return found

"""Nations: reading and writing the lists of those a thing may be released or shown to."""

from __future__ import annotations

from strongroom.markings.algebra import Names
from strongroom.markings.blueprint import ListPlan, NationsPlan
from strongroom.markings.bounded import Bounded
from strongroom.markings.draft import Draft, Place, pieces


class Nations:
    """The nations, groups and organisations of a scheme, and the words that release to them."""

    def __init__(self, plan: NationsPlan) -> None:
        self.plan = plan
        self.home = plan.home
        self.words = plan.release
        self._expansion: dict[str, Names] = {
            **{code: frozenset({code}) for code in (*plan.members, *plan.organisations)},
            **{code: frozenset(group.members) for code, group in plan.groups.items()},
        }
        self.readers: Names = frozenset((*plan.members, *plan.organisations))
        """What the nationality of a reader may be."""
        self.sources: Names = frozenset(self._expansion) - {self.home}
        """What a foreign source may be."""
        self._read: Bounded[tuple[str, str], Names] = Bounded(4096)

    def read_list(self, token: str, position: int, draft: Draft, plan: ListPlan) -> Names:
        """The foreign nations in a list such as `REL TO USA, GBR`, groups read as their members."""
        nations = self._read.get((plan.name, token))
        if nations is None:
            nations = self._read.keep((plan.name, token), self._read_list(token, position, draft, plan))
        return nations

    def _read_list(self, token: str, position: int, draft: Draft, plan: ListPlan) -> Names:
        position += len(plan.prefix)
        inner = token[len(plan.prefix) : len(token) - len(plan.suffix)]
        places = pieces(inner, plan.between, position)
        if plan.home_first:
            self._check_home(places, draft, plan, position + len(inner))
            places = places[1:]
        seen: set[str] = set()
        nations: set[str] = set()
        for place in places:
            code = place.token
            if code == self.home:
                draft.fail(place.position, f"a nation other than {self.home}, which is home", code)
            if code not in self._expansion:
                draft.fail(place.position, "the code of a nation, group or organisation of the scheme", code)
            if code in seen:
                draft.fail(place.position, "each nation once", code)
            seen.add(code)
            nations |= self._expansion[code]
        return frozenset(nations - {self.home})

    def _check_home(self, places: list[Place], draft: Draft, plan: ListPlan, end: int) -> None:
        first = places[0]
        if first.token != self.home:
            draft.fail(first.position, f"{self.home}, home, at the head of the list", first.token)
        if len(places) == 1:
            draft.fail(end, f"{plan.between!r} and at least one nation besides {self.home}", draft.text[end:])

    def write_list(self, names: Names, plan: ListPlan) -> str:
        return plan.prefix + plan.between.join(self.listed(names, plan)) + plan.suffix

    def listed(self, names: Names, plan: ListPlan) -> list[str]:
        """Home first where the list wants it, nations A–Z, then organisations A–Z."""
        return ([self.home] if plan.home_first else []) + self.sorted(names)

    def sorted(self, names: Names) -> list[str]:
        return sorted(names, key=lambda code: (code not in self.plan.members, code))

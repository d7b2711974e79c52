"""Compartments: tags, cases, control systems and what is below them."""

from __future__ import annotations

import re

from strongroom.markings.algebra import Names, Parts
from strongroom.markings.blocks.shapes import texts
from strongroom.markings.blueprint import CompartmentsPlan
from strongroom.markings.draft import Draft, Place, some


class Compartments:
    def __init__(self, plan: CompartmentsPlan, floor: int) -> None:
        self.plan = plan
        self.title = plan.title
        self.floor = floor
        self._place = {name: index for index, name in enumerate(plan.values)}
        self._open = _pattern(plan.open)
        self._children = _pattern(plan.children)
        self._grandchildren = _pattern(plan.grandchildren)

    def hint(self) -> str:
        names = [self.plan.prefix + name for name in self.plan.values]
        return f"{self.plan.title} ({some(names or [self.plan.prefix + '…'])})"

    def opens(self, token: str) -> bool:
        if self.plan.prefix:
            return token.startswith(self.plan.prefix)
        return self._knows(token.partition("-")[0] if self._children else token)

    def read(self, places: list[Place], draft: Draft) -> None:
        seen: set[str] = set()
        for index, place in enumerate(places):
            body, at = place.token, place.position
            if self.plan.prefix and body.startswith(self.plan.prefix):
                body, at = body[len(self.plan.prefix) :], at + len(self.plan.prefix)
            elif self.plan.prefix and not (self.plan.prefix_once and index):
                draft.fail(at, self.hint(), body)
            if body in seen:
                draft.fail(place.position, f"each of {self.plan.title} once", place.token)
            seen.add(body)
            self._read_one(Place(at, body), draft)
            draft.floors.append((self.floor, place.token, place))

    def _read_one(self, place: Place, draft: Draft) -> None:
        """Takes `SI-G ABCD DEFG-MMM` as SI, SI-G, SI-G ABCD, SI-G DEFG and SI-MMM."""
        head, *children = place.token.split("-") if self._children else [place.token]
        if not self._knows(head):
            draft.fail(place.position, self.hint(), head)
        system = self.plan.prefix + head
        draft.compartments.add(system)
        at = place.position + len(head)
        for child in children:
            at += 1
            name, *below = child.split(" ") if self._grandchildren else [child]
            if not (self._children and self._children.fullmatch(name)):
                draft.fail(at, f"a compartment of {head}", name)
            compartment = f"{system}-{name}"
            draft.compartments.add(compartment)
            at += len(name)
            for grandchild in below:
                at += 1
                if not (self._grandchildren and self._grandchildren.fullmatch(grandchild)):
                    draft.fail(at, f"a sub-compartment of {compartment}", grandchild)
                draft.compartments.add(f"{compartment} {grandchild}")
                at += len(grandchild)

    def _knows(self, name: str) -> bool:
        return name in self._place or bool(self._open and self._open.fullmatch(name))

    def _owned(self, compartments: Names) -> list[str]:
        """The names of this block, without the prefix."""
        if self.plan.prefix:
            cut = len(self.plan.prefix)
            return [name[cut:] for name in compartments if name.startswith(self.plan.prefix)]
        return [name for name in compartments if self.opens(name)]

    def write(self, parts: Parts, short: bool) -> list[str]:
        names = self._tokens(parts)
        once = self.plan.prefix_once
        return [name if once and index else self.plan.prefix + name for index, name in enumerate(names)]

    def _tokens(self, parts: Parts) -> list[str]:
        owned = self._owned(parts.compartments)
        if not self._children:
            return sorted(owned, key=self._order)
        tree: dict[str, dict[str, set[str]]] = {}
        for name in owned:
            system, dash, rest = name.partition("-")
            children = tree.setdefault(system, {})
            if dash:
                child, _, grandchild = rest.partition(" ")
                children.setdefault(child, set()).add(grandchild)
        return [
            system
            + "".join(
                f"-{' '.join([child, *sorted(tree[system][child] - {''})])}" for child in sorted(tree[system])
            )
            for system in sorted(tree, key=self._order)
        ]

    def _order(self, name: str) -> tuple[int, list[str | int], str]:
        """As listed in the scheme; then A–Z, with numbers as numbers (CASE 9 before CASE 17)."""
        natural = [int(bit) if bit.isdecimal() else bit for bit in re.split(r"([0-9]+)", name)]
        return self._place.get(name, len(self._place)), natural, name

    def to_json(self, parts: Parts) -> dict[str, object]:
        names = self._tokens(parts)
        return {self.plan.json_name: names} if names else {}

    def json_keys(self) -> tuple[str, ...]:
        return (self.plan.json_name,)

    def json_tokens(self, data: dict[str, object]) -> list[str]:
        return [self.plan.prefix + name for name in texts(data, self.plan.json_name)]

    def samples(self, few: bool) -> list[str]:
        found = [self.plan.prefix + name for name in self.plan.values][: 3 if few else None]
        made = (f"{base}{end}" for base in ("A", "17", "AB", "ABC", "a", "x1") for end in ("", "1", "D"))
        if self._open:
            found += [self.plan.prefix + name for name in made if self._open.fullmatch(name)][:2]
        if self._children and found:
            below = [name for name in ("G", "AB", "ABC", "1", "a") if self._children.fullmatch(name)][:2]
            lower = [
                name
                for name in ("ABCD", "DEFG", "AB", "A", "1", "a")
                if self._grandchildren and self._grandchildren.fullmatch(name)
            ][:2]
            found += [f"{found[0]}-{name}" for name in below]
            found += [f"{found[0]}-{name} {end}" for name in below[:1] for end in lower]
        return found


def _pattern(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None

"""A clearance: what a reader holds, and what it lets them have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from strongroom.markings.algebra import NOTHING, Names, Parts
from strongroom.markings.bounded import Bounded
from strongroom.markings.errors import SchemeError
from strongroom.markings.level import Level

if TYPE_CHECKING:
    from strongroom.markings.marking import Marking
    from strongroom.markings.scheme import Scheme

Action = Literal["view", "export", "train"]
"""view: see it here. export: take it away. train: let a model learn from it."""


class ClearanceSpec(BaseModel):
    """A clearance as JSON. What is left out is not held; without a level it is the lowest.

    In a scheme with nations, a reader without one sees only what is everyone's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: str | None = None
    compartments: tuple[str, ...] = ()
    nations: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    name: str | None = None
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a reader holds. Made by `Scheme.clearance`; hashable, equal where all that is held is equal."""

    scheme: Scheme = field(repr=False)
    level: Level
    compartments: Names
    nations: Names
    circles: Names
    name: str | None
    attributes: Names
    _verdicts: dict[str, Bounded[Marking, bool]] = field(
        default_factory=lambda: {"view": Bounded(), "export": Bounded(), "train": Bounded()},
        init=False,
        repr=False,
        compare=False,
    )

    def permits(self, marking: Marking, action: Action = "view") -> bool:
        """Whether a reader who holds this may do `action` with a thing so marked.

        The answer is remembered for each marking. Raises SchemeError for a marking of another scheme, KeyError
        for an action that there is not.
        """
        verdicts = self._verdicts[action]
        verdict = verdicts.get(marking)
        if verdict is None:
            if marking.scheme is not self.scheme:
                raise SchemeError(f"a clearance of {self.scheme.name!r} says nothing about {marking!r}")
            verdict = verdicts.keep(marking, self._decide(marking.parts, action))
        return verdict

    def _decide(self, parts: Parts, action: Action) -> bool:
        audience = parts.display if action == "view" else parts.release
        return (
            self.level.rank >= parts.level
            and self.compartments >= parts.compartments
            and (audience is None or self._within(audience))
            and all(clause & self.circles for clause in parts.audiences)
            and (parts.named is None or self.name in parts.named)
            and all(self._bears(caveat, action) for caveat in parts.caveats)
        )

    def _within(self, audience: Names) -> bool:
        """Every nationality is home or in the audience; whose nationality is unknown is in none."""
        nations = self.scheme.lexicon.nations
        return nations is not None and bool(self.nations) and self.nations - {nations.home} <= audience

    def _bears(self, name: str, action: Action) -> bool:
        caveat = self.scheme.lexicon.caveats[name]
        return self.attributes >= caveat.requires and f"no-{action}" not in caveat.obligations

    def meet(self, ceiling: Clearance) -> Clearance:
        """What both hold: the clearance that is in force under a ceiling.

        `c.meet(d)` permits what c and d both permit by what they have in common: for every marking and action,
        it permits exactly where c permits, d permits, each any-of clause has a circle that both are in, and, for
        a thing marked by name, both are the same person.
        """
        if ceiling.scheme is not self.scheme:
            raise SchemeError(f"clearances of {self.scheme.name!r} and {ceiling.scheme.name!r} do not meet")
        met = Clearance(
            scheme=self.scheme,
            level=min(self.level, ceiling.level, key=lambda level: level.rank),
            compartments=self.compartments & ceiling.compartments,
            nations=self.nations | ceiling.nations if self.nations and ceiling.nations else NOTHING,
            circles=self.circles & ceiling.circles,
            name=self.name if self.name == ceiling.name else None,
            attributes=self.attributes & ceiling.attributes,
        )
        return self.scheme.held(met)

    def to_json(self) -> dict[str, object]:
        """JSON that `Scheme.clearance` reads back; what is not held is left out."""
        data: dict[str, object] = {
            "level": self.level.long,
            "compartments": sorted(self.compartments),
            "nations": sorted(self.nations),
            "circles": sorted(self.circles),
            "name": self.name,
            "attributes": sorted(self.attributes),
        }
        return {key: value for key, value in data.items() if value}

    def __str__(self) -> str:
        held = [self.level.long]
        for word, names in (
            ("", self.compartments),
            ("nations ", self.nations),
            ("circles ", self.circles),
            ("attributes ", self.attributes),
        ):
            if names:
                held.append(word + ", ".join(sorted(names)))
        if self.name:
            held.append(f"as {self.name}")
        return "; ".join(held)

"""A scheme file, compiled into what parser, printer and clearances look things up in."""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.markings.algebra import NOTHING
from strongroom.markings.blocks import Block
from strongroom.markings.blocks.audiences import Audiences
from strongroom.markings.blocks.compartments import Compartments
from strongroom.markings.blocks.controls import Controls
from strongroom.markings.blocks.named import Named
from strongroom.markings.blocks.origins import Origins
from strongroom.markings.blueprint import (
    AudiencesPlan,
    BlockPlan,
    Blueprint,
    CompartmentsPlan,
    ControlsPlan,
    NamedPlan,
    OriginsPlan,
)
from strongroom.markings.caveats import compile_caveats
from strongroom.markings.errors import SchemeError
from strongroom.markings.level import Level
from strongroom.markings.nations import Nations


class Lexicon:
    """The tables of one scheme. Raises SchemeError where the file contradicts itself."""

    def __init__(self, plan: Blueprint) -> None:
        self.separator = plan.separator
        self.within = plan.within
        self.levels = tuple(
            Level(
                one.short,
                one.long,
                one.banner or one.long.upper(),
                one.colour,
                one.ink,
                rank,
                one.unmarked == "everyone",
            )
            for rank, one in enumerate(plan.levels)
        )
        self.rank_of = _ranks(self.levels)
        self.nations = Nations(plan.nations) if plan.nations else None
        if not self.nations and not all(level.open for level in self.levels):
            raise SchemeError("a level is for home alone, and the scheme has no nations")
        self._check_groups(plan)
        controls = [block for block in plan.blocks if isinstance(block, ControlsPlan)]
        words = self.nations.words.nobody if self.nations else None
        self.caveats = compile_caveats(
            [caveat for block in controls for caveat in block.caveats],
            self.rank_of,
            frozenset((words.short, words.long)) if words else NOTHING,
        )
        self.ceilings: Mapping[str, int] = {
            one.long: one.ceiling for one in self.caveats.values() if one.ceiling is not None
        }
        self.blocks = tuple(self._block(block) for block in plan.blocks)
        self._check_words_once(plan)
        self.origins = next((block for block in self.blocks if isinstance(block, Origins)), None)
        self.audiences = next((block for block in self.blocks if isinstance(block, Audiences)), None)
        self.named = next((block for block in self.blocks if isinstance(block, Named)), None)
        self.compartments = tuple(block for block in self.blocks if isinstance(block, Compartments))
        self.attributes = frozenset().union(*(one.requires for one in self.caveats.values()))

    def _block(self, plan: BlockPlan) -> Block:
        match plan:
            case CompartmentsPlan():
                return Compartments(plan, self._floor(plan))
            case OriginsPlan():
                if self.nations is None:
                    raise SchemeError("foreign sources need nations")
                return Origins(plan, self.nations)
            case ControlsPlan():
                return Controls(plan, self.caveats, self.nations)
            case AudiencesPlan():
                return Audiences(plan)
            case NamedPlan():
                return Named(plan)

    def _floor(self, plan: CompartmentsPlan) -> int:
        if plan.min_level is None:
            return 0
        if plan.min_level not in self.rank_of:
            raise SchemeError(
                f"{plan.key!r} names the level {plan.min_level!r}, which the scheme does not have"
            )
        return self.rank_of[plan.min_level]

    def _check_groups(self, plan: Blueprint) -> None:
        if plan.nations is None:
            return
        known = {*plan.nations.members, *plan.nations.organisations}
        if plan.nations.home not in plan.nations.members:
            raise SchemeError(f"home, {plan.nations.home!r}, is no nation of the scheme")
        for code, group in plan.nations.groups.items():
            if strangers := set(group.members) - known:
                raise SchemeError(
                    f"the group {code!r} names {sorted(strangers)}, which the scheme does not have"
                )
            if not set(group.members) - {plan.nations.home}:
                raise SchemeError(f"the group {code!r} has no member besides home")

    def _check_words_once(self, plan: Blueprint) -> None:
        """Each word of release must be written by exactly one block, each kind of single block be there once."""
        kinds: list[str] = [block.kind for block in plan.blocks]
        for kind in ("origins", "audiences", "named"):
            if kinds.count(kind) > 1:
                raise SchemeError(f"two blocks of the kind {kind!r}")
        keys = [key for block in self.blocks for key in block.json_keys()]
        if len(set(keys)) < len(keys):
            raise SchemeError("two blocks share a key of the JSON form")
        if plan.nations is None:
            return
        release = plan.nations.release
        wanted = [release.nobody.long, release.to.name]
        wanted += [release.display.name] if release.display else []
        wanted += [release.relido.long] if release.relido else []
        order = [name for block in plan.blocks if isinstance(block, ControlsPlan) for name in block.order]
        for name in wanted:
            if order.count(name) != 1:
                raise SchemeError(f"{name!r} must stand in the order of exactly one block of controls")

    def samples(self, *, few: bool) -> list[str]:
        """Tokens to try the laws on: all that are listed, or `few` of those that behave alike."""
        return [token for block in self.blocks for token in block.samples(few)]


def _ranks(levels: tuple[Level, ...]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for level in levels:
        for name in {level.short, level.long, level.banner}:
            if name in ranks:
                raise SchemeError(f"two levels are called {name!r}")
            ranks[name] = level.rank
    return ranks

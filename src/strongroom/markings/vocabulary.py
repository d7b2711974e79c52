"""What a form needs to build a marking or a clearance, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable

from strongroom.markings.blueprint import (
    AudiencesPlan,
    Blueprint,
    CompartmentsPlan,
    ControlsPlan,
    NamedPlan,
    NationsPlan,
)
from strongroom.markings.caveats import Caveat
from strongroom.markings.lexicon import Lexicon


def vocabulary(plan: Blueprint, lexicon: Lexicon) -> dict[str, object]:
    """`levels`, `compartments`, `circles`, `names`, `caveats`, `nations`, `attributes`.

    `open` is the pattern that a name may match besides those listed, None where only the listed ones exist;
    `circles`, `names` and `nations` are None in a scheme without them.
    """
    audiences = [block for block in plan.blocks if isinstance(block, AudiencesPlan)]
    named = [block for block in plan.blocks if isinstance(block, NamedPlan)]
    controls = [block for block in plan.blocks if isinstance(block, ControlsPlan)]
    block_of = {caveat.long: block.key for block in controls for caveat in block.caveats}
    return {
        "name": plan.name,
        "title": plan.title,
        "version": plan.version,
        "notice": plan.notice,
        "separator": plan.separator,
        "within": plan.within,
        "blocks": [{"key": block.key, "kind": block.kind, "title": block.title} for block in plan.blocks],
        "levels": [
            {key: getattr(level, key) for key in ("short", "long", "banner", "colour", "ink", "rank")}
            for level in lexicon.levels
        ],
        "compartments": [_compartments(one) for one in plan.blocks if isinstance(one, CompartmentsPlan)],
        "circles": _circles(audiences[0]) if audiences else None,
        "names": {"title": named[0].title, "word": named[0].word} if named else None,
        "caveats": [_caveat(one, block_of[one.long]) for one in lexicon.caveats.values()],
        "nations": _nations(plan.nations, controls) if plan.nations else None,
        "attributes": sorted(lexicon.attributes),
        "changes": plan.changes.model_dump(mode="json"),
    }


def _compartments(plan: CompartmentsPlan) -> dict[str, object]:
    return {
        "key": plan.key,
        "title": plan.title,
        "prefix": plan.prefix,
        "values": _titled((plan.prefix + name, title) for name, title in plan.values.items()),
        "open": plan.open,
        "children": plan.children,
        "grandchildren": plan.grandchildren,
    }


def _circles(plan: AudiencesPlan) -> dict[str, object]:
    return {
        "title": plan.title,
        "word": plan.word,
        "between": plan.between,
        "values": _titled(plan.values.items()),
        "open": plan.open,
    }


def _caveat(caveat: Caveat, block: str) -> dict[str, object]:
    return {
        "name": caveat.long,
        "block": block,
        "short": caveat.short,
        "title": caveat.title,
        "requires": sorted(caveat.requires),
        "obligations": sorted(caveat.obligations),
        "min_rank": caveat.floor,
        "max_rank": caveat.ceiling,
    }


def _nations(plan: NationsPlan, controls: list[ControlsPlan]) -> dict[str, object]:
    return {
        "home": plan.home,
        "block": next(block.key for block in controls if plan.release.to.name in block.order),
        "values": _titled(plan.members.items()),
        "groups": [
            {"name": code, "title": group.title, "members": list(group.members)}
            for code, group in plan.groups.items()
        ],
        "organisations": _titled(plan.organisations.items()),
        "release": plan.release.model_dump(mode="json"),
    }


def _titled(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "title": title} for name, title in pairs]

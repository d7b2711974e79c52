"""A marking in plain words."""

from __future__ import annotations

from strongroom.markings.algebra import Names
from strongroom.markings.marking import Marking


def explain(marking: Marking) -> list[str]:
    """One line for each thing that the marking asks of a reader or says about use."""
    parts, lexicon = marking.parts, marking.scheme.lexicon
    lines = [f"A reader needs the level {marking.level.long} or above."]
    if parts.compartments:
        lines.append(f"They must hold {_and(sorted(parts.compartments))}.")
    for clause in sorted(sorted(clause) for clause in parts.audiences):
        lines.append(f"They must belong to {_or(clause)}.")
    if parts.named is not None:
        lines.append(
            f"They must be {_or(sorted(parts.named))}." if parts.named else "Nobody is named: no one may."
        )
    if lexicon.nations:
        lines += _nations(lexicon.nations.home, parts.release, parts.display)
    if parts.concealed:
        lines.append("It has a foreign source that may not be told.")
    elif parts.origins:
        lines.append(f"It comes from {_and(sorted(parts.origins))}.")
    if lexicon.nations and parts.relido and parts.release is not None:
        lines.append("An official may release it further.")
    for caveat in (lexicon.caveats[name] for name in lexicon.caveats if name in parts.caveats):
        lines.append(f"{caveat.long}: {caveat.title}{_asks(caveat.requires, caveat.obligations)}.")
    return lines


def _nations(home: str, release: Names | None, display: Names | None) -> list[str]:
    if release is None or display is None:
        return ["It may be given to every nation."]
    given = _and([home, *sorted(release)])
    lines = [f"It may be given to {given} alone."]
    if display - release:
        lines.append(f"It may also be shown, not given, to {_and(sorted(display - release))}.")
    return lines


def _asks(requires: Names, obligations: frozenset[str]) -> str:
    asked = [f"a reader must be known as {_and(sorted(requires))}"] if requires else []
    asked += sorted(_OBLIGATIONS[one] for one in obligations)
    return f" ({'; '.join(asked)})" if asked else ""


_OBLIGATIONS = {
    "no-export": "it may not be taken away",
    "no-train": "no model may learn from it",
    "originator-consent": "lowering it needs the originator's consent",
}


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _or(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

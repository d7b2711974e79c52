"""The laws of a scheme, tried on its own tokens; a scheme that breaks one is refused with what broke it.

The algebra keeps its laws whatever the scheme. What a scheme can break is what it makes of them: a caveat that a
higher level absorbs although it keeps somebody out, two controls that exclude one another, a separator that also
stands inside a list. So each token is tried at the lowest and highest level it may have, and all pairs are joined.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, NoReturn, get_args

from strongroom.markings.clearance import Action, Clearance
from strongroom.markings.errors import MarkingError, SchemeError
from strongroom.markings.marking import Marking

if TYPE_CHECKING:
    from strongroom.markings.scheme import Scheme

TRIPLES = 2000


@dataclass(frozen=True, slots=True)
class Findings:
    """How much was tried."""

    markings: int
    pairs: int
    readers: int


def check(scheme: Scheme) -> Findings:
    """Tries the laws; raises SchemeError with the law and a counter-example where one does not hold."""
    singles = _singles(scheme, scheme.lexicon.samples(few=False))
    for marking, text in singles.items():
        _reads_back(scheme, marking, repr(text))
    pairable = list(_singles(scheme, scheme.lexicon.samples(few=True)))
    readers = _readers(scheme, pairable)
    pairs = 0
    for a, b in combinations_with_replacement(pairable, 2):
        pairs += 1
        _joins(scheme, a, b)
        _permits(a, b, readers)
    drawn = random.Random(0)  # noqa: S311 - the same triples each time, nothing secret
    for _ in range(TRIPLES):
        _associates(*drawn.choices(pairable, k=3))
    return Findings(len(singles), pairs, len(readers))


def _singles(scheme: Scheme, tokens: list[str]) -> dict[Marking, str]:
    """Each level alone, and each token at the lowest and the highest level it may be written at, with its text."""
    levels = [level.banner for level in scheme.levels]
    singles = {_parsed(scheme, level): level for level in levels}
    for token in tokens:
        written: dict[Marking, str] = {}
        for level in levels:
            text = level + scheme.lexicon.separator + token
            try:
                written[scheme.parse(text)] = text
            except MarkingError as error:
                refused = error
        if not written:
            _broken("each token can be written", f"{token!r} is refused at every level, {refused}")
        for marking in (next(iter(written)), next(reversed(written))):
            singles.setdefault(marking, written[marking])
    return singles


def _parsed(scheme: Scheme, text: str) -> Marking:
    try:
        return scheme.parse(text)
    except MarkingError as error:
        _broken("what is printed reads back", f"{text!r} is refused, {error}")


def _reads_back(scheme: Scheme, marking: Marking, made_of: str) -> None:
    for text in (str(marking), marking.portion):
        if (read := _parsed(scheme, text)) is not marking:
            _broken(
                "what is printed reads back", f"{made_of} prints as {text!r}, which reads as something else"
            )
    try:
        read = scheme.from_json(marking.to_json())
    except MarkingError as error:
        _broken("JSON reads back", f"{made_of} is {marking.to_json()}, which is refused, {error}")
    if read is not marking:
        _broken("JSON reads back", f"{made_of} is {marking.to_json()}, which reads as {read}")


def _joins(scheme: Scheme, a: Marking, b: Marking) -> None:
    joined = a | b
    if joined is not b | a:
        _broken("join is commutative", f"{a} with {b} is {joined}, {b} with {a} is {b | a}")
    if not (a <= joined and b <= joined):
        _broken("a join is at least as restrictive as both", f"{a} with {b} is {joined}")
    if a is b and joined is not a:
        _broken("join is idempotent", f"{a} with itself is {joined}")
    if not scheme.bottom <= a:
        _broken("the lowest level is below all", f"{scheme.bottom} is not below {a}")
    _reads_back(scheme, joined, f"{str(a)!r} with {str(b)!r}")


def _associates(a: Marking, b: Marking, c: Marking) -> None:
    if (a | b) | c is not a | (b | c):
        _broken("join is associative", f"{a}, {b} and {c} give {(a | b) | c} and {a | (b | c)}")


def _permits(a: Marking, b: Marking, readers: list[Clearance]) -> None:
    joined = a | b
    for reader in readers:
        for action in get_args(Action):
            one, other = reader.permits(a, action), reader.permits(b, action)
            if reader.permits(joined, action) != (one and other):
                _broken(
                    "a join is permitted exactly where both are",
                    f"{a} with {b} is {joined}; a reader holding ({reader}) may {action} the join: "
                    f"{_yes(reader.permits(joined, action))}, the first: {_yes(one)}, the second: {_yes(other)}",
                )
            if reader.permits(joined, action) and not reader.permits(joined):
                _broken("who may export or train may view", f"{joined}, a reader holding ({reader})")


def _readers(scheme: Scheme, markings: list[Marking]) -> list[Clearance]:
    """One reader who holds all that the markings ask for, and others who lack one thing each."""
    everything = _everything(scheme, markings)
    readers = [everything]
    for key, value in everything.items():
        if isinstance(value, list):
            readers += [
                {**everything, key: [one for one in value if one != lacking]} for lacking in value[:4]
            ]
            readers.append({**everything, key: []})
    readers += [{**everything, "level": level.long} for level in scheme.levels[:-1]]
    readers.append({**everything, "name": None})
    nations = scheme.lexicon.nations
    if nations:
        foreign = sorted(nations.readers - {nations.home})[:3]
        readers += [{**everything, "nations": some} for some in ([nations.home], foreign[:1], foreign[1:])]
    return list(dict.fromkeys(scheme.clearance(reader) for reader in readers))


def _everything(scheme: Scheme, markings: list[Marking]) -> dict[str, object]:
    parts = [marking.parts for marking in markings]
    nations = scheme.lexicon.nations
    return {
        "level": scheme.levels[-1].long,
        "compartments": sorted({name for one in parts for name in one.compartments}),
        "nations": [nations.home] if nations else [],
        "circles": sorted({name for one in parts for clause in one.audiences for name in clause}),
        "name": min((name for one in parts for name in one.named or ()), default=None),
        "attributes": sorted(scheme.lexicon.attributes),
    }


def _yes(verdict: bool) -> str:
    return "yes" if verdict else "no"


def _broken(law: str, counter_example: str) -> NoReturn:
    raise SchemeError(f"a law does not hold ({law})", law=law, counter_example=counter_example)

"""How much the check of a scheme is worth: what it accepts keeps the laws where it did not look.

The check tries tokens singly and in pairs. Here schemes are drawn at random, and the accepted ones are tried on
markings of several tokens at once.
"""

import itertools
import random
from typing import get_args

import pytest

from strongroom.markings import Action, MarkingError, Scheme, SchemeError
from strongroom.markings.blueprint import Blueprint
from strongroom.markings.laws import check

LEVELS = "ABC"
CAVEATS = "XYZ"
RELEASES = [[], ["NF"], ["REL I"], ["REL I, J"], ["RO"], ["REL I", "RO"], ["DIS I"], ["REL J", "DIS I"]]


def drawn_scheme(luck: random.Random) -> Scheme:
    caveats = []
    for name in CAVEATS:
        caveat: dict[str, object] = {"short": name, "long": name * 2}
        others = [other * 2 for other in CAVEATS if other != name]
        for key, chance, value in (
            ("implies", 0.3, [luck.choice([*others, "NF"])]),
            ("excludes", 0.35, [luck.choice(others)]),
            ("requires", 0.2, [f"at {name}"]),
            ("obligations", 0.15, [luck.choice(["no-train", "no-export"])]),
            ("min_level", 0.3, luck.choice(LEVELS)),
            ("max_level", 0.3, luck.choice(LEVELS)),
        ):
            if luck.random() < chance:
                caveat[key] = value
        caveats.append(caveat)
    first_closed = luck.choice([0, 1, 2, 3])
    levels = [
        {
            "short": name,
            "long": name * 2,
            "colour": "#000000",
            "ink": "#ffffff",
            "unmarked": "home" if rank >= first_closed else "everyone",
        }
        for rank, name in enumerate(LEVELS)
    ]
    return Scheme(
        Blueprint.model_validate(
            {
                "name": "drawn",
                "version": 1,
                "title": "Drawn",
                "levels": levels,
                "nations": {
                    "home": "H",
                    "members": {"H": "Home", "I": "One", "J": "Other"},
                    "release": {
                        "nobody": {"short": "NF", "long": "NF"},
                        "to": {"name": "REL", "prefix": "REL ", "json_token": "REL", "json_list": "given"},
                        "display": {
                            "name": "DIS",
                            "prefix": "DIS ",
                            "json_token": "DIS",
                            "json_list": "shown",
                        },
                        "relido": {"short": "RO", "long": "RO"},
                    },
                },
                "blocks": [
                    {
                        "kind": "controls",
                        "key": "controls",
                        "json_name": "controls",
                        "title": "controls",
                        "order": ["XX", "NF", "YY", "REL", "RO", "ZZ", "DIS"],
                        "caveats": caveats,
                    }
                ],
                "changes": {
                    "raising": {"duty": "officer", "people": 1},
                    "lowering": {"duty": "officer", "people": 2},
                },
            }
        )
    )


def all_markings(scheme: Scheme):
    markings = {}
    for level, count, release in itertools.product(LEVELS, range(4), RELEASES):
        for caveats in itertools.combinations(CAVEATS, count):
            tokens = "/".join([*caveats, *release])
            try:
                markings[scheme.parse(f"{level}//{tokens}" if tokens else level)] = None
            except MarkingError:
                continue
    return list(markings)


@pytest.mark.parametrize("seed", range(8))
def test_a_scheme_that_is_accepted_keeps_the_laws_for_markings_of_several_tokens(seed):
    luck = random.Random(seed)
    accepted = 0
    while accepted < 3:
        scheme = drawn_scheme(luck)
        try:
            check(scheme)
        except SchemeError:
            continue
        accepted += 1
        markings = all_markings(scheme)
        readers = [
            scheme.clearance(
                {
                    "level": level,
                    "nations": nations,
                    "attributes": [one for one in scheme.lexicon.attributes if luck.random() < 0.6],
                }
            )
            for level in LEVELS
            for nations in (["H"], ["I"], ["I", "J"], [])
        ]
        for _ in range(300):
            a, b, c = luck.choices(markings, k=3)
            joined = a | b | c
            assert joined is a | (c | b)
            assert scheme.parse(str(joined)) is scheme.parse(joined.portion) is joined
            assert scheme.from_json(joined.to_json()) is joined
            for reader, action in itertools.product(readers, get_args(Action)):
                permitted = all(reader.permits(one, action) for one in (a, b, c))
                assert reader.permits(joined, action) == permitted

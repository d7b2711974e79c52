"""Schemes are data: the shipped ones keep the laws, a broken one is refused with a counter-example."""

from pathlib import Path

import pytest
import yaml

from strongroom.markings import SHIPPED, Scheme, SchemeError
from strongroom.markings.laws import check

SOUND = """
name: harbour
version: 1
title: Port authority
levels:
  - {short: O, long: Open, colour: "#000000", ink: "#ffffff"}
  - {short: G, long: Guarded, colour: "#000000", ink: "#ffffff"}
  - {short: H, long: Hidden, colour: "#000000", ink: "#ffffff"}
nations:
  home: AAA
  members: {AAA: Home, BBB: Neighbour, CCC: Other neighbour}
  groups: {SEA: {title: All at sea, members: [BBB, CCC]}}
  release:
    nobody: {short: OWN, long: OUR OWN}
    to: {name: GIVE, prefix: "GIVE ", json_token: GIVE, json_list: givenTo}
blocks:
  - kind: controls
    key: controls
    json_name: controls
    title: controls
    order: [QUIET, LOUD, OUR OWN, GIVE]
    caveats:
      - {short: Q, long: QUIET}
      - {short: L, long: LOUD}
changes:
  raising: {duty: officer, people: 1}
  lowering: {duty: officer, people: 2}
"""


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str, *replaced: tuple[str, str]) -> Scheme:
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "scheme.yaml"
        file.write_text(text)
        return Scheme.load(file)

    return load


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_schemes_keep_the_laws(name):
    scheme = Scheme.load(name)
    assert scheme.name == name
    assert check(scheme).markings >= len(scheme.levels)


def test_a_scheme_of_ones_own_needs_no_code(load):
    scheme = load(SOUND)
    assert str(scheme.parse("(G//Q/GIVE SEA)") | scheme.parse("(O//GIVE BBB)")) == "GUARDED//QUIET/GIVE BBB"
    assert str(scheme.parse("(H//OWN)") | scheme.parse("(O//GIVE BBB)")) == "HIDDEN//OUR OWN"


def test_the_hash_is_of_what_a_scheme_says_not_of_how_it_is_laid_out(load):
    scheme = load(SOUND)
    assert load("# a comment\n" + SOUND).hash == scheme.hash
    assert load(yaml.safe_dump(yaml.safe_load(SOUND))) is scheme
    assert load(SOUND, ("version: 1", "version: 2")).hash != scheme.hash


@pytest.mark.parametrize(
    ("replaced", "law", "shows"),
    [
        (
            # A higher level absorbs the caveat, and with it the requirement: the join would open what was shut.
            ("{short: Q, long: QUIET}", "{short: Q, long: QUIET, max_level: G, requires: [quiet]}"),
            "a join is permitted exactly where both are",
            "may view the join: yes, the first: yes, the second: no",
        ),
        (
            ("{short: Q, long: QUIET}", "{short: Q, long: QUIET, max_level: O, obligations: [no-train]}"),
            "a join is permitted exactly where both are",
            "may train the join: yes, the first: yes, the second: no",
        ),
        (
            # Joined, neither stands for both, so that what is printed loses one of them.
            (
                "{short: Q, long: QUIET}\n      - {short: L, long: LOUD}",
                "{short: Q, long: QUIET, excludes: [LOUD]}\n      - {short: L, long: LOUD, excludes: [QUIET]}",
            ),
            "what is printed reads back",
            "'OPEN//Q' prints as 'OPEN', which reads as something else",
        ),
        (
            # A level above home's own that is everyone's: GUARDED joined with it is neither.
            (
                '{short: G, long: Guarded, colour: "#000000"',
                '{unmarked: home, short: G, long: Guarded, colour: "#000000"',
            ),
            "what is printed reads back",
            "prints as 'HIDDEN'",
        ),
        (
            ("{short: Q, long: QUIET}", "{short: Q, long: QUIET, min_level: H, max_level: G}"),
            "each token can be written",
            "'Q' is refused at every level",
        ),
        (
            # The list is written with what separates tokens.
            ('prefix: "GIVE ", json', 'prefix: "GIVE ", between: "/", json'),
            "each token can be written",
            "'GIVE BBB/CCC' is refused at every level",
        ),
        (
            # The short name of a caveat is the word for "home alone".
            ("{short: Q, long: QUIET}", "{short: OWN, long: QUIET}"),
            "what is printed reads back",
            "reads as",
        ),
        (
            # What it implies may not be written where it may.
            (
                "{short: Q, long: QUIET}\n      - {short: L, long: LOUD}",
                "{short: Q, long: QUIET, implies: [LOUD]}\n      - {short: L, long: LOUD, min_level: H}",
            ),
            "what is printed reads back",
            "HIDDEN or above for LOUD",
        ),
    ],
    ids=[
        "absorbed requirement",
        "absorbed obligation",
        "mutual exclusion",
        "open level above a closed one",
        "no level to write it at",
        "separator inside a list",
        "one word for two things",
        "implied below its level",
    ],
)
def test_a_scheme_that_breaks_a_law_is_refused_with_a_counter_example(load, replaced, law, shows):
    with pytest.raises(SchemeError) as refusal:
        load(SOUND, replaced)
    assert refusal.value.law == law
    assert shows in refusal.value.counter_example
    assert refusal.value.counter_example in str(refusal.value)


@pytest.mark.parametrize(
    ("replaced", "says"),
    [
        (("name: harbour", "name: Harbour!"), "name: "),
        (("version: 1", "version: 0"), "version: "),
        (("title: Port authority\n", ""), "title: Field required"),
        (("kind: controls", "kind: controlls"), "blocks.0"),
        (('colour: "#000000"', "colour: black"), "levels.0.colour"),
        (("people: 2", "people: 1"), "lowering"),
        (("short: G, long: Guarded", "short: O, long: Guarded"), "two levels are called 'O'"),
        (("home: AAA", "home: ZZZ"), "home, 'ZZZ', is no nation"),
        (("members: [BBB, CCC]", "members: [BBB, ZZZ]"), "the group 'SEA' names ['ZZZ']"),
        (("members: [BBB, CCC]", "members: [AAA]"), "no member besides home"),
        (
            ("order: [QUIET, LOUD, OUR OWN, GIVE]", "order: [QUIET, LOUD, OUR OWN]"),
            "'GIVE' must stand in the order",
        ),
        (("order: [QUIET, LOUD,", "order: [QUIET, QUIET,"), "must hold each of its controls once"),
        (("order: [QUIET, LOUD,", "order: [QUIET, LOUDER,"), "names 'LOUDER'"),
        (("long: QUIET}", "long: QUIET, implies: [NOTHING]}"), "caveat 'QUIET' names 'NOTHING'"),
        (("long: QUIET}", "long: QUIET, min_level: X}"), "caveat 'QUIET' names the level 'X'"),
        (("long: QUIET}", "long: LOUD}"), "two caveats are called 'LOUD'"),
        (("name: harbour", "name: harbour\nname: other"), "'name' stands there twice"),
        (("name: harbour", "name: [harbour"), "is not YAML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_scheme_is_refused_in_words(load, replaced, says):
    with pytest.raises(SchemeError) as refusal:
        load(SOUND, replaced)
    assert says in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SchemeError, match="no scheme can be read"):
        Scheme.load(tmp_path / "none.yaml")
    with pytest.raises(SchemeError, match="no scheme can be read"):
        Scheme.load("corporatish")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_vocabulary_lists_what_a_form_can_offer(name):
    scheme = Scheme.load(name)
    words = scheme.vocabulary()
    assert [level["long"] for level in words["levels"]] == [level.long for level in scheme.levels]
    assert words["hash"] == scheme.hash
    offered = {
        "level": words["levels"][-1]["long"],
        "compartments": [value["name"] for block in words["compartments"] for value in block["values"]],
        "nations": [value["name"] for value in words["nations"]["values"]] if words["nations"] else [],
        "circles": [value["name"] for value in words["circles"]["values"]] if words["circles"] else [],
        "attributes": words["attributes"],
    }
    assert scheme.clearance(offered).level is scheme.levels[-1]


@pytest.mark.parametrize(
    ("scheme", "portions", "banner"),
    [
        ("tlp", ["TLP:GREEN", "TLP:AMBER+STRICT", "TLP:AMBER"], "TLP:AMBER+STRICT"),
        (
            "uk-gscp",
            ["(O-S - PERSONAL DATA)", "(S - UK/US EYES ONLY)"],
            "SECRET - PERSONAL DATA - UK/US EYES ONLY",
        ),
        ("uk-gscp", ["(S - UK/FVEY EYES ONLY)", "(S - UK/NATO EYES ONLY)"], "SECRET - UK EYES ONLY"),
        ("us-cui", ["(CUI//SP-CTI//FEDCON)", "(CUI//PRVCY//FED ONLY)"], "CUI//SP-CTI/PRVCY//FED ONLY"),
        ("us-cui", ["(U)", "(CUI//REL TO USA, FVEY)", "(CUI//REL TO USA, GBR, JPN)"], "CUI//REL TO USA, GBR"),
    ],
)
def test_the_other_shipped_schemes_roll_up(scheme, portions, banner):
    rules = Scheme.load(scheme)
    assert str(rules.join(rules.parse(portion) for portion in portions)) == banner

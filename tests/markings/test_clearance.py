"""What a reader may do."""

import pytest

from strongroom.markings import ClearanceSpec, MarkingError, Scheme, SchemeError


@pytest.fixture(scope="module")
def us():
    return Scheme.load("us-notional")


@pytest.fixture(scope="module")
def corporate():
    return Scheme.load("corporate")


def test_who_holds_nothing_sees_the_bottom_alone(us, corporate):
    for scheme in (us, corporate):
        nobody = scheme.clearance({})
        assert nobody.permits(scheme.bottom)
        assert nobody.level is scheme.levels[0]
        for level in scheme.levels[1:]:
            assert not nobody.permits(scheme.parse(level.banner))
    assert not corporate.clearance({}).permits(corporate.parse("PUBLIC//FOR HARBOUR"))
    assert not us.clearance({}).permits(us.parse("(U//NF)"))


@pytest.mark.parametrize(
    ("lacking", "permitted"),
    [
        ({}, True),
        ({"level": "Internal"}, False),
        ({"compartments": ["PII"]}, False),
        ({"circles": ["LEGAL"]}, False),
        ({"circles": ["LEGAL", "RELIEF"]}, True),
        ({"circles": ["HARBOUR", "RELIEF"]}, False),
        ({"name": "bert"}, False),
        ({"name": None}, False),
        ({"attributes": []}, False),
    ],
)
def test_each_thing_that_is_asked_for_is_needed(corporate, lacking, permitted):
    marking = corporate.parse(
        "C//PII//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna, carla//PRIVILEGED"
    )
    held = {
        "level": "Confidential",
        "compartments": ["PII", "CASE 17"],
        "circles": ["HARBOUR", "LEGAL"],
        "name": "anna",
        "attributes": ["privileged"],
    }
    assert corporate.clearance({**held, **lacking}).permits(marking) is permitted


@pytest.mark.parametrize(
    ("nations", "text", "view", "export"),
    [
        (["USA"], "(S//NF)", True, True),
        (["USA"], "(S)", True, True),
        (["GBR"], "(S)", False, False),
        (["GBR"], "(S//NF)", False, False),
        (["GBR"], "(S//REL TO USA, GBR)", True, True),
        (["GBR"], "(S//REL TO USA, FVEY)", True, True),
        (["GBR"], "(S//DISPLAY ONLY GBR)", True, False),
        (["GBR"], "(S//REL TO USA, JPN/DISPLAY ONLY GBR)", True, False),
        (["GBR"], "(S//RELIDO)", False, False),
        (["GBR", "JPN"], "(S//REL TO USA, GBR)", False, False),
        (["GBR", "JPN"], "(S//REL TO USA, GBR, JPN)", True, True),
        (["USA", "GBR"], "(S//NF)", False, False),
        (["GBR"], "(U)", True, True),
        ([], "(U)", True, True),
        ([], "(S//REL TO USA, GBR)", False, False),
        ([], "(S)", False, False),
    ],
)
def test_every_nationality_must_be_home_or_in_the_audience(us, nations, text, view, export):
    reader = us.clearance({"level": "TS", "nations": nations})
    assert reader.permits(us.parse(text)) is view
    assert reader.permits(us.parse(text), "export") is export
    assert reader.permits(us.parse(text), "train") is export


def test_obligations_forbid_what_even_a_permitted_reader_may_not_do(corporate):
    reader = corporate.clearance({"level": "Restricted"})
    held_back = {"NO-EXPORT": "export", "NO-TRAIN": "train"}
    for caveat, action in held_back.items():
        marking = corporate.parse(f"INTERNAL//{caveat}")
        for other in ("view", "export", "train"):
            assert reader.permits(marking, other) is (other != action)


def test_who_holds_a_sub_compartment_holds_those_above(us):
    reader = us.clearance({"level": "TS", "nations": ["USA"], "compartments": ["SI-G ABCD"]})
    assert reader.permits(us.parse("(TS//SI//NF)"))
    assert reader.permits(us.parse("(TS//SI-G ABCD//NF)"))
    assert not reader.permits(us.parse("(TS//SI-G DEFG//NF)"))
    assert not us.clearance({"level": "TS", "nations": ["USA"], "compartments": ["SI"]}).permits(
        us.parse("(TS//SI-G ABCD//NF)")
    )


def test_a_level_goes_by_any_of_its_names(us):
    assert len({us.clearance({"level": name}) for name in ("TS", "TOP SECRET")}) == 1


def test_a_ceiling_lowers_and_never_raises(corporate):
    anna = corporate.clearance({"level": "Confidential", "compartments": ["PII"], "circles": ["HARBOUR"]})
    token = corporate.clearance({"level": "Restricted", "circles": ["HARBOUR", "LEGAL"]})
    assert anna.meet(token) == corporate.clearance({"level": "Confidential", "circles": ["HARBOUR"]})


def test_home_under_a_ceiling_lowers_nothing_and_an_unknown_nationality_everything(us):
    gbr = us.clearance({"level": "S", "nations": ["GBR"]})
    marking = us.parse("(S//REL TO USA, GBR)")
    assert gbr.meet(us.clearance({"level": "TS", "nations": ["USA"]})).permits(marking)
    assert not gbr.meet(us.clearance({"level": "TS"})).permits(marking)


def test_a_clearance_reads_as_one_line(corporate):
    held = {
        "level": "Confidential",
        "compartments": ["PII", "CASE 17"],
        "circles": ["HARBOUR"],
        "name": "anna",
        "attributes": ["privileged"],
    }
    line = "Confidential; CASE 17, PII; circles HARBOUR; attributes privileged; as anna"
    assert str(corporate.clearance(held)) == line


def test_a_spec_and_its_json_give_the_same_clearance(corporate):
    spec = ClearanceSpec(level="Internal", circles=("LEGAL",))
    assert corporate.clearance(spec) == corporate.clearance({"level": "Internal", "circles": ["LEGAL"]})
    assert hash(corporate.clearance(spec)) == hash(corporate.clearance({"level": "I", "circles": ["LEGAL"]}))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"level": "Secretish"}, "a level (Public, Internal, Confidential, Restricted)"),
        ({"compartments": ["PIII"]}, "tags (PII, PHI, PCI, MNPI); cases (CASE …)"),
        ({"compartments": ["CASE x y"]}, "cases (CASE …)"),
        ({"circles": ["harbour"]}, "a circle of the scheme"),
        ({"nations": ["USA"]}, "a nation of the scheme"),
        ({"attributes": ["tall"]}, "an attribute of the scheme"),
        ({"colour": "red"}, "a clearance (colour:"),
        ({"compartments": "PII"}, "a clearance (compartments:"),
        ([], "a clearance ("),
    ],
)
def test_a_clearance_that_the_scheme_does_not_know_is_refused(corporate, data, expected):
    with pytest.raises(MarkingError) as refusal:
        corporate.clearance(data)
    assert expected in refusal.value.expected


def test_clearances_and_markings_of_two_schemes_do_not_mix(us, corporate):
    with pytest.raises(SchemeError):
        us.clearance({}).permits(corporate.bottom)
    with pytest.raises(SchemeError):
        us.clearance({}).meet(corporate.clearance({}))
    with pytest.raises(SchemeError):
        us.bottom | corporate.bottom
    with pytest.raises(SchemeError):
        us.bottom <= corporate.bottom  # noqa: B015
    assert us.bottom != corporate.bottom

"""Reading and writing: what is accepted, where a wrong text is wrong, and what was expected there."""

import pytest

from strongroom.markings import MarkingError, Scheme
from strongroom.markings.parse import LONGEST


@pytest.fixture(scope="module")
def us():
    return Scheme.load("us-notional")


@pytest.fixture(scope="module")
def corporate():
    return Scheme.load("corporate")


@pytest.mark.parametrize(
    ("text", "banner"),
    [
        ("(U)", "UNCLASSIFIED"),
        ("(S)", "SECRET"),
        ("SECRET", "SECRET"),
        ("  (S//NF) ", "SECRET//NOFORN"),
        ("(U//FOUO)", "UNCLASSIFIED//FOUO"),
        ("(U//RELIDO)", "UNCLASSIFIED//RELIDO"),
        ("(U//LES-NF)", "UNCLASSIFIED//NOFORN//LES"),
        ("(S//OC)", "SECRET//ORCON/NOFORN"),
        ("(S//SI)", "SECRET//SI"),
        ("(S//TK/SI)", "SECRET//SI/TK"),
        ("(S//REL TO USA, JPN, AUS)", "SECRET//REL TO USA, AUS, JPN"),
        ("(S//REL TO USA, NATO, GBR)", "SECRET//REL TO USA, GBR, NATO"),
        ("(S//REL TO USA, TEYE)", "SECRET//REL TO USA, AUS, GBR"),
        ("(S//REL TO USA, GBR/RELIDO)", "SECRET//REL TO USA, GBR/RELIDO"),
        ("(//GBR S)", "SECRET//FGI GBR//NOFORN"),
        ("(//FGI S//REL TO USA, GBR)", "SECRET//FGI//REL TO USA, GBR"),
        ("(TS//SI-G ABCD DEFG-MMM/TK//NF)", "TOP SECRET//SI-G ABCD DEFG-MMM/TK//NOFORN"),
        ("(S//SAR-AMBER LANTERN/COPPER QUAY//NF)", "SECRET//SAR-AMBER LANTERN/COPPER QUAY//NOFORN"),
        ("(S//SAR-AMBER LANTERN/SAR-COPPER QUAY//NF)", "SECRET//SAR-AMBER LANTERN/COPPER QUAY//NOFORN"),
        ("(S//RD-SIGMA 14//NF)", "SECRET//RD-SIGMA 14//NOFORN"),
        ("(S//NF//ND)", "SECRET//NOFORN//NODIS"),
        ("(S//ND)", "SECRET//NOFORN//NODIS"),
    ],
)
def test_a_us_text_has_one_canonical_banner(us, text, banner):
    marking = us.parse(text)
    assert str(marking) == banner
    assert us.parse(banner) is marking


@pytest.mark.parametrize(
    ("text", "banner", "portion"),
    [
        ("PUBLIC", "PUBLIC", "(P)"),
        ("Confidential", "CONFIDENTIAL", "(C)"),
        (
            "CONFIDENTIAL//PHI/PII//CASE 17//FOR LEGAL/FOR RELIEF OR HARBOUR",
            "CONFIDENTIAL//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL",
            "(C//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL)",
        ),
        ("(C//PII//FOR HARBOUR)", "CONFIDENTIAL//PII//FOR HARBOUR", "(C//PII//FOR HARBOUR)"),
        ("(I//CASE 17/CASE 9)", "INTERNAL//CASE 9/CASE 17", "(I//CASE 9/CASE 17)"),
        ("(I//FOR HARBOUR OR RELIEF/FOR HARBOUR)", "INTERNAL//FOR HARBOUR", "(I//FOR HARBOUR)"),
        ("(R//ONLY bert, anna)", "RESTRICTED//ONLY anna, bert", "(R//ONLY anna, bert)"),
        ("(R//NO-TRAIN/NO-EXPORT)", "RESTRICTED//NO-EXPORT/NO-TRAIN", "(R//NX/NT)"),
    ],
)
def test_a_corporate_text_has_one_canonical_banner_and_portion(corporate, text, banner, portion):
    marking = corporate.parse(text)
    assert (str(marking), marking.portion) == (banner, portion)
    assert corporate.parse(banner) is marking
    assert corporate.parse(portion) is marking


@pytest.mark.parametrize(
    ("text", "position", "found", "expected"),
    [
        ("", 0, "", "a level (U or UNCLASSIFIED"),
        ("()", 1, "", "a level"),
        ("(S", 2, "", "')' at the end"),
        ("secret", 0, "secret", "a level"),
        ("  (XX)", 3, "XX", "a level"),
        ("(S//)", 4, "", "SCI control systems (HCS"),
        ("(S// NF)", 4, " NF", "dissemination controls"),
        ("(S//NF/)", 7, "", "dissemination controls"),
        ("(S//NF/NF)", 7, "NF", "each control once"),
        ("(S//NF//SI)", 8, "SI", "each block once, in the order"),
        ("(S//NF//OC)", 8, "OC", "each block once, in the order"),
        ("(U//SI)", 4, "SI", "CONFIDENTIAL or above"),
        ("(U//FOUO/OC)", 9, "OC", "CONFIDENTIAL or above"),
        ("(S//FOUO)", 4, "FOUO", "UNCLASSIFIED or below"),
        ("(S//OC/OC-USGOV)", 7, "OC-USGOV", "no ORCON-USGOV beside ORCON"),
        ("(S//RELIDO/NF)", 11, "NF", "no release beside NOFORN"),
        ("(S//REL TO USA, GBR//ND)", 21, "ND", "no release beside NOFORN"),
        ("(S//RELIDO/DISPLAY ONLY AFG)", 11, "DISPLAY ONLY AFG", "beside RELIDO"),
        ("(S//REL TO USA, GBR, XXX)", 21, "XXX", "the code of a nation"),
        ("(S//REL TO USA, GBR, GBR)", 21, "GBR", "each nation once"),
        ("(S//REL TO USA, GBR, USA)", 21, "USA", "a nation other than USA"),
        ("(S//REL TO USA,GBR)", 11, "USA,GBR", "USA, home"),
        ("(S//REL TO USA, GBR/REL TO USA, JPN)", 20, "REL TO USA, JPN", "each list once"),
        ("(S//DISPLAY ONLY USA)", 17, "USA", "a nation other than USA"),
        ("(//XYZ S)", 3, "XYZ", "a foreign source"),
        ("(//USA S)", 3, "USA", "a foreign source"),
        ("(//GBR)", 6, "", "a space and a level"),
        ("(//GBR X)", 7, "X", "a level"),
        ("(S//FGI GBR XXX)", 12, "XXX", "a foreign source"),
        ("(S//FGI GBR/FGI DEU)", 12, "FGI DEU", "the sources in one list"),
        ("(S//SI-)", 7, "", "a compartment of SI"),
        ("(S//SI-G abcd)", 9, "abcd", "a sub-compartment of SI-G"),
        ("(S//SI/SI)", 7, "SI", "once"),
        ("(S//SI/XX)", 7, "XX", "SCI control systems"),
        ("(S//SAR-AMBER LANTERN/NOBODY)", 22, "NOBODY", "special access programs"),
    ],
)
def test_a_wrong_us_text_is_refused_where_it_is_wrong(us, text, position, found, expected):
    with pytest.raises(MarkingError) as refusal:
        us.parse(text)
    error = refusal.value
    assert (error.text, error.position, error.found) == (text, position, found)
    assert expected in error.expected
    assert f"at position {position}" in str(error)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("CONFIDENTIAL//PIII", 14, "tags (PII, PHI, PCI, MNPI); cases (CASE …); circles (FOR A, FOR A OR B)"),
        ("CONFIDENTIAL//PII/CASE 17", 18, "tags"),
        ("CONFIDENTIAL//CASE", 14, "cases (CASE …)"),
        ("CONFIDENTIAL//CASE x", 19, "cases (CASE …)"),
        ("CONFIDENTIAL//FOR", 17, "a circle"),
        ("CONFIDENTIAL//FOR HARBOUR OR", 18, "a circle"),
        ("CONFIDENTIAL//FOR OR", 18, "a circle"),
        ("CONFIDENTIAL//FOR HARBOUR OR HARBOUR", 29, "each circle once"),
        ("CONFIDENTIAL//FOR HARBOUR/FOR HARBOUR", 26, "each clause once"),
        ("CONFIDENTIAL//FOR HARBOUR//PII", 27, "each block once, in the order: tags, cases, circles"),
        ("CONFIDENTIAL//ONLY", 18, "a login"),
        ("CONFIDENTIAL//ONLY anna, NOBODY", 25, "a login"),
        ("CONFIDENTIAL//ONLY anna/ONLY bert", 24, "all names in one list"),
        ("CONFIDENTIAL//NOFORN", 14, "handling (PRIVILEGED, NO-EXPORT, NO-TRAIN)"),
    ],
)
def test_a_wrong_corporate_text_is_refused_where_it_is_wrong(corporate, text, position, expected):
    with pytest.raises(MarkingError) as refusal:
        corporate.parse(text)
    assert refusal.value.position == position
    assert expected in refusal.value.expected


def test_the_caret_stands_under_the_position(us):
    with pytest.raises(MarkingError) as refusal:
        us.parse("(S//\tXYZZY)")
    assert refusal.value.pointed() == "(S// XYZZY)\n    ^"


def test_a_text_without_end_is_refused(corporate):
    with pytest.raises(MarkingError) as refusal:
        corporate.parse("CONFIDENTIAL//" + "PII/" * LONGEST)
    assert refusal.value.position == LONGEST


def test_compartments_are_closed_upward(us):
    assert us.parse("(S//SI-G ABCD//NF)").parts.compartments == {"SI", "SI-G", "SI-G ABCD"}
    assert us.parse("(S//SI//NF)") <= us.parse("(S//SI-G ABCD//NF)")


def test_a_control_that_stands_for_another_hides_it(us):
    joined = us.parse("(S//OC/NF)") | us.parse("(S//OC-USGOV/NF)")
    assert str(joined) == "SECRET//ORCON/NOFORN"
    assert us.parse("(S//OC-USGOV/NF)") <= us.parse("(S//OC/NF)")


@pytest.mark.parametrize(
    ("one", "other", "banner"),
    [
        ("(S)", "(C)", "SECRET"),
        ("(U)", "(S)", "SECRET"),
        ("(S)", "(S//NF)", "SECRET//NOFORN"),
        ("(S)", "(S//SI)", "SECRET//SI"),
        ("(S)", "(S//OC)", "SECRET//ORCON/NOFORN"),
        ("(U//FOUO)", "(S)", "SECRET"),
        ("(U//FOUO)", "(U//NF)", "UNCLASSIFIED//FOUO/NOFORN"),
        ("(U//FOUO)", "(S//RELIDO)", "SECRET//RELIDO"),
        ("(U//LES)", "(S)", "SECRET//NOFORN//LES"),
        ("(S//RELIDO)", "(S)", "SECRET//NOFORN"),
        ("(S//REL TO USA, GBR/RELIDO)", "(S//REL TO USA, JPN/RELIDO)", "SECRET//RELIDO"),
        ("(//GBR U)", "(S//REL TO USA, GBR)", "SECRET//FGI GBR//REL TO USA, GBR"),
    ],
)
def test_unmarked_things_join_by_the_rule_for_unmarked_things(us, one, other, banner):
    assert str(us.parse(one) | us.parse(other)) == banner
    assert us.parse(banner) is us.parse(one) | us.parse(other)


def test_named_audiences_that_have_nobody_in_common_leave_nobody(corporate):
    joined = corporate.parse("(R//ONLY anna)") | corporate.parse("(R//ONLY bert)")
    assert str(joined) == "RESTRICTED//ONLY NOBODY"
    for name in ("anna", "bert", "NOBODY"):
        assert not corporate.clearance({"level": "Restricted", "name": name}).permits(joined)

"""The JSON form, in the shape of ISM's."""

import json

import pytest

from strongroom.markings import MarkingError, Scheme


@pytest.mark.parametrize(
    ("scheme", "text", "data"),
    [
        (
            "us-notional",
            "(TS//SI-G ABCD/TK//SAR-BRASS HERON//FGI DEU GBR//OC/REL TO USA, AUS, GBR/DISPLAY ONLY AFG//LES)",
            {
                "classification": "TS",
                "ownerProducer": ["USA"],
                "sciControls": ["SI-G ABCD", "TK"],
                "sarIdentifier": ["BRASS HERON"],
                "fgiSourceOpen": ["DEU", "GBR"],
                "disseminationControls": ["OC", "REL", "DISPLAYONLY"],
                "releasableTo": ["USA", "AUS", "GBR"],
                "displayOnlyTo": ["AFG"],
                "nonICmarkings": ["LES"],
            },
        ),
        (
            "us-notional",
            "(//FGI S)",
            {
                "classification": "S",
                "ownerProducer": ["USA"],
                "fgiSourceProtected": ["FGI"],
                "disseminationControls": ["NF"],
            },
        ),
        ("us-notional", "(S)", {"classification": "S", "ownerProducer": ["USA"]}),
        (
            "corporate",
            "(C//PII//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna//NT)",
            {
                "classification": "C",
                "tags": ["PII"],
                "cases": ["17"],
                "audiences": [["HARBOUR", "RELIEF"], ["LEGAL"]],
                "named": ["anna"],
                "handling": ["NT"],
            },
        ),
        ("corporate", "(R//ONLY NOBODY)", {"classification": "R", "named": []}),
    ],
)
def test_a_marking_and_its_json_stand_for_each_other(scheme, text, data):
    rules = Scheme.load(scheme)
    marking = rules.parse(text)
    assert marking.to_json() == data
    assert rules.from_json(json.loads(json.dumps(data))) is marking


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "a classification"),
        ([], "an object"),
        ({"classification": 3}, "a classification"),
        ({"classification": "X"}, "a level"),
        ({"classification": "S//NF"}, "one token"),
        ({"classification": "(S"}, "without brackets"),
        ({"classification": "S", "colour": "red"}, "a key of the scheme"),
        ({"classification": "S", "ownerProducer": ["GBR"]}, "ownerProducer ['USA']"),
        ({"classification": "S", "sciControls": "SI"}, "sciControls: a list of texts"),
        ({"classification": "S", "sciControls": ["SI//TK"]}, "one token"),
        ({"classification": "S", "sciControls": ["SI", 3]}, "sciControls: a list of texts"),
        ({"classification": "S", "disseminationControls": ["NF/OC"]}, "one token"),
        (
            {"classification": "S", "disseminationControls": ["REL"]},
            "REL in disseminationControls and releasableTo",
        ),
        (
            {"classification": "S", "releasableTo": ["USA", "GBR"]},
            "REL in disseminationControls and releasableTo",
        ),
        (
            {"classification": "S", "disseminationControls": ["REL"], "releasableTo": ["GBR", "USA"]},
            "USA, home",
        ),
        (
            {"classification": "S", "disseminationControls": ["REL", "NF"], "releasableTo": ["USA", "GBR"]},
            "no release beside NOFORN",
        ),
        (
            {"classification": "S", "fgiSourceOpen": ["GBR"], "fgiSourceProtected": ["FGI"]},
            "either fgiSourceOpen",
        ),
        ({"classification": "S", "fgiSourceProtected": ["GBR"]}, "fgiSourceProtected: ['FGI']"),
        ({"classification": "U", "sciControls": ["SI"]}, "CONFIDENTIAL or above"),
    ],
)
def test_json_that_is_no_marking_is_refused(data, expected):
    with pytest.raises(MarkingError) as refusal:
        Scheme.load("us-notional").from_json(data)
    assert expected in refusal.value.expected


@pytest.mark.parametrize("audiences", [["HARBOUR"], "HARBOUR", [[]], [["HARBOUR OR RELIEF/FOR LEGAL"]]])
def test_audiences_of_the_wrong_shape_are_refused(audiences):
    with pytest.raises(MarkingError):
        Scheme.load("corporate").from_json({"classification": "C", "audiences": audiences})

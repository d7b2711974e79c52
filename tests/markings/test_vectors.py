"""Roll-up of US portions to banners, against published examples.

Sources: IC Markings System Register and Manual, 2016 release (pages, and the rows of §D.2 table 3 as T3 rN), and
the rules of the IC's ISM (ISM-ID-NNNNN). Rows with a page are printed there; the others are instances of the rule.
"""

import json
import os
from pathlib import Path

import pytest

from strongroom.markings import MarkingError, Scheme

ROLLUPS = [
    (["(TS//NF)", "(S//REL TO USA, JPN)"], "TOP SECRET//NOFORN", "IC 2016 p146 ex1"),
    (["(S//REL TO USA, JPN)", "(C//RELIDO)"], "SECRET//NOFORN", "IC 2016 p146 ex2 / T3 r10"),
    (["(S//REL TO USA, JPN)", "(U//LES-NF)"], "SECRET//NOFORN//LES", "IC 2016 p147 ex3 / T3 r15"),
    (["(S//NF/PR)"], "SECRET//NOFORN/PROPIN", "IC 2016 p149"),
    (
        ["(S//IMC/REL TO USA, AUS, CAN, GBR, NZL)"],
        "SECRET//IMCON/REL TO USA, AUS, CAN, GBR, NZL",
        "IC 2016 p143",
    ),
    (["(S//IMC/REL TO USA, AUS, CAN, GBR, NZL)", "(TS//NF)"], "TOP SECRET//IMCON/NOFORN", "IC 2016 p144"),
    (["(S//REL TO USA, AUS, GBR)", "(C//REL TO USA, CAN, GBR)"], "SECRET//REL TO USA, GBR", "T3 r21"),
    (["(S//REL TO USA, AUS)", "(S//REL TO USA, JPN)"], "SECRET//NOFORN", "T3 r9"),
    (["(S//REL TO USA, FVEY)", "(S//REL TO USA, GBR, JPN)"], "SECRET//REL TO USA, GBR", "T3 r23"),
    (["(S//REL TO USA, GBR)", "(S)"], "SECRET//NOFORN", "T3 r16"),
    (["(S//RELIDO)", "(C//RELIDO)"], "SECRET//RELIDO", "T3 r24"),
    (["(S//DISPLAY ONLY AFG, IRQ)", "(S//DISPLAY ONLY AFG)"], "SECRET//DISPLAY ONLY AFG", "T3 r25"),
    (["(S//DISPLAY ONLY AFG, GBR)", "(S//REL TO USA, GBR)"], "SECRET//DISPLAY ONLY GBR", "T3 r26"),
    (["(S//DISPLAY ONLY AFG)", "(S//REL TO USA, GBR)"], "SECRET//NOFORN", "T3 r11"),
    (["(S//RELIDO)", "(S//DISPLAY ONLY AFG)"], "SECRET//NOFORN", "T3 r18"),
    (
        ["(S//REL TO USA, GBR/DISPLAY ONLY AFG)", "(S//REL TO USA, AUS, GBR/DISPLAY ONLY AFG, IRQ)"],
        "SECRET//REL TO USA, GBR/DISPLAY ONLY AFG",
        "T3 r27",
    ),
    (["(U//FOUO)", "(S//NF)"], "SECRET//NOFORN", "IC 2016 p134; ISM-ID-00066"),
    (["(U)", "(S//REL TO USA, GBR)"], "SECRET//REL TO USA, GBR", "ISM-ID-00088"),
    (
        ["(TS//SI/TK//NF)", "(S//HCS//OC/NF)"],
        "TOP SECRET//HCS/SI/TK//ORCON/NOFORN",
        "ISM-ID-00060..67",
    ),
    (["(//GBR S)", "(//DEU TS)"], "TOP SECRET//FGI DEU GBR//NOFORN", "D.2 FGI [LIST]"),
    (["(//GBR S)", "(//FGI S)"], "SECRET//FGI//NOFORN", "D.2 concealed FGI absorbs"),
    (
        ["(TS//SI-G ABCD//OC/NF)", "(TS//SI-G DEFG//OC/NF)"],
        "TOP SECRET//SI-G ABCD DEFG//ORCON/NOFORN",
        "SCI hierarchy",
    ),
]
REFUSED = [
    ("(S//REL TO USA)", 14, "at least one nation besides USA"),
    ("(S//REL TO GBR, USA)", 11, "USA, home, at the head of the list"),
    ("(S//NF/REL TO USA, GBR)", 7, "no release beside NOFORN"),
    ("(SECRETISH)", 1, "a level"),
    ("(S//XYZZY)", 4, "dissemination controls"),
]


@pytest.fixture(scope="module")
def us():
    return Scheme.load("us-notional")


@pytest.mark.parametrize(("portions", "banner", "source"), ROLLUPS, ids=[row[2] for row in ROLLUPS])
def test_portions_roll_up_to_the_published_banner(us, portions, banner, source):
    assert str(us.join(us.parse(portion) for portion in portions)) == banner
    assert str(us.join(us.parse(portion) for portion in reversed(portions))) == banner


@pytest.mark.parametrize(("text", "position", "expected"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_portion_is_refused_where_it_is_wrong(us, text, position, expected):
    with pytest.raises(MarkingError) as refusal:
        us.parse(text)
    assert refusal.value.position == position
    assert expected in refusal.value.expected


@pytest.mark.data
def test_the_rows_here_are_those_of_the_shared_file(us):
    file = Path(os.environ.get("STRONGROOM_DATA", "../shared/data")).parent / "vectors" / "markings.json"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    shared = json.loads(file.read_text())
    assert [(row["portions"], row["banner"], row["source"]) for row in shared["rollup"]] == ROLLUPS
    assert shared["reject"] == [row[0] for row in REFUSED]

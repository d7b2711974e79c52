"""The tour says of the demonstration what is so."""

from __future__ import annotations

import re
from pathlib import Path

from strongroom.demo import NEWCOMER, characters
from strongroom.demo.texts import incidents
from strongroom.markings import Scheme

TOUR = (Path(__file__).parents[2] / "docs/tour.md").read_text("utf-8")


def test_the_rates_in_the_tour_are_those_of_the_simulation() -> None:
    stated = {
        row[0]: [cell.rstrip(" %") for cell in row[1:5]]
        for row in (
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in re.findall(r"^\|.* % \|.*\|$", TOUR, re.M)
        )
    }
    simulated = {each.name.split()[0]: each for each in characters() if each.errors}
    assert set(stated) == set(simulated)
    for name, who in simulated.items():
        assert who.errors
        rates = [who.errors.clear, who.errors.hard, who.errors.follow_up]
        if "relief" in who.roles:
            rates.append(who.errors.spans)
        assert [cell for cell in stated[name] if cell] == [f"{100 * rate:.0f}" for rate in rates]


def test_everyone_but_the_newcomer_is_in_the_table() -> None:
    for each in characters():
        assert each.login == NEWCOMER or f"`{each.login}`" in TOUR


def test_the_counts_in_the_tour_are_right() -> None:
    scheme = Scheme.load("corporate")
    seen = {
        each.login: sum(
            scheme.clearance(each.clearance).permits(scheme.parse(item.marking)) for item in incidents()
        )
        for each in characters()
        if each.clearance
    }
    assert (seen[NEWCOMER], seen["priya"], seen["tom"]) == (167, 157, 33)
    for count in ("167 tasks", "157 tasks, not 167", "33 tasks"):
        assert count in TOUR

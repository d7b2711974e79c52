"""Simulated annotators err as often as is said of them, and in the way that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt

import pytest

from strongroom.demo.annotators import classify, mark
from strongroom.demo.cast import Character, characters
from strongroom.demo.texts import incidents, messages

SIMULATED = [each for each in characters() if each.errors]
SEEDS = range(40)


def close(found: list[bool], stated: float) -> bool:
    """Within three and a half standard deviations of what was stated."""
    return abs(sum(found) / len(found) - stated) < 3.5 * sqrt(stated * (1 - stated) / len(found))


def kinds(person: Character, *, hard: bool) -> Iterator[bool]:
    for seed in SEEDS:
        for incident in incidents():
            if incident.hard == hard:
                yield classify(person, incident, seed)["kind"] != incident.kind


def follow_ups(person: Character) -> Iterator[bool]:
    for seed in SEEDS:
        for incident in incidents():
            yield classify(person, incident, seed).get("follow_up", []) != sorted(incident.follow_up)


def spans(person: Character, *, hard: bool) -> Iterator[bool]:
    for seed in SEEDS:
        for message in messages():
            if message.hard == hard:
                given = [tuple(each.values()) for each in mark(person, message, seed).get("entities", [])]
                for span in message.spans:
                    yield tuple(span) not in given


RATES: dict[str, Callable[[Character], tuple[Iterator[bool], float]]] = {
    "clear reports": lambda who: (kinds(who, hard=False), who.errors.clear),  # type: ignore[union-attr]
    "ambiguous reports": lambda who: (kinds(who, hard=True), who.errors.hard),  # type: ignore[union-attr]
    "follow-ups": lambda who: (follow_ups(who), who.errors.follow_up),  # type: ignore[union-attr]
    "spans": lambda who: (spans(who, hard=False), who.errors.spans),  # type: ignore[union-attr]
    "spans of hard messages": lambda who: (spans(who, hard=True), 2 * who.errors.spans),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("person", SIMULATED, ids=lambda who: who.login)
@pytest.mark.parametrize("rate", RATES)
def test_errors_are_as_frequent_as_stated(rate: str, person: Character) -> None:
    found, stated = RATES[rate](person)
    assert close(list(found), stated)


def test_what_is_wrong_on_an_ambiguous_report_is_its_other_reading() -> None:
    for person in SIMULATED:
        for incident in incidents():
            if incident.hard:
                assert classify(person, incident, 1)["kind"] in (incident.kind, incident.mistaken_for)


@pytest.mark.parametrize("person", SIMULATED, ids=lambda who: who.login)
def test_everyone_has_confusions_of_their_own(person: Character) -> None:
    assert person.errors is not None
    for right, wrong in person.errors.slips.items():
        answers = [
            classify(person, incident, seed)["kind"]
            for seed in range(200)
            for incident in incidents()
            if incident.kind == right and not incident.hard
        ]
        mistakes = [answer for answer in answers if answer != right]
        assert mistakes.count(wrong) > len(mistakes) / 2


def test_an_answer_depends_on_person_item_and_seed_alone() -> None:
    once = [classify(SIMULATED[0], incident, 5) for incident in incidents()]
    again = [classify(SIMULATED[0], incident, 5) for incident in reversed(incidents())]
    assert once == again[::-1]
    assert once != [classify(SIMULATED[0], incident, 6) for incident in incidents()]
    assert once != [classify(SIMULATED[1], incident, 5) for incident in incidents()]


def test_spans_given_are_never_twice_and_never_empty() -> None:
    for person in SIMULATED:
        for message in messages():
            given = [tuple(each.values()) for each in mark(person, message, 3).get("entities", [])]
            assert given == sorted(set(given))
            assert all(0 <= start < end <= len(message.text) for start, end, _ in given)

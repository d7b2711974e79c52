"""What holds for the consensus on every kind of answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from strongroom.quality.kinds import Answer, Outcome

from .conftest import Kind


def crowd(
    kind: Kind, seed: int, *, items: int = 6, annotators: int = 4, guessers: int = 0
) -> list[Answer[Any]]:
    """Careful annotators, then such that answer at random."""
    random = np.random.default_rng(seed)
    truths = [kind.truth(random) for _ in range(items)]
    careful = [
        Answer(f"item {i}", f"annotator {a}", kind.seen(random, truth))
        for i, truth in enumerate(truths)
        for a in range(annotators)
    ]
    guessed = [
        Answer(f"item {i}", f"guesser {g}", kind.guess(random)) for i in range(items) for g in range(guessers)
    ]
    return careful + guessed


def plain(kind: Kind, outcome: Outcome[Any]) -> dict[Any, Any]:
    return {item: kind.plain(value) for item, value in outcome.consensus.items()}


def assert_alike(kind: Kind, one: Outcome[Any], other: Outcome[Any]) -> None:
    """Equal up to the rounding of sums."""
    ours, theirs = plain(kind, one), plain(kind, other)
    assert ours.keys() == theirs.keys()
    for item in ours:
        assert numbers_in(ours[item]) == pytest.approx(numbers_in(theirs[item]), rel=1e-6, abs=1e-6)
        assert words_in(ours[item]) == words_in(theirs[item])


def leaves(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in leaves(part)]
    if hasattr(value, "__dataclass_fields__"):
        return [leaf for name in value.__dataclass_fields__ for leaf in leaves(getattr(value, name))]
    return [value]


def numbers_in(value: Any) -> list[float]:
    return [leaf for leaf in leaves(value) if not isinstance(leaf, str)]


def words_in(value: Any) -> list[str]:
    return [leaf for leaf in leaves(value) if isinstance(leaf, str)]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_answers_means_nothing(kind: Kind, seed: int) -> None:
    answers = crowd(kind, seed)
    mixed = [answers[k] for k in np.random.default_rng(seed).permutation(len(answers))]
    one, other = kind.fit(answers), kind.fit(mixed)
    assert_alike(kind, one, other)
    assert one.reliability == pytest.approx(other.reliability, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_annotators_may_change_names(kind: Kind, seed: int) -> None:
    answers = crowd(kind, seed)
    names = {f"annotator {a}": f"annotator {(a + 1) % 4}" for a in range(4)}
    one = kind.fit(answers)
    other = kind.fit([replace(answer, annotator=names[answer.annotator]) for answer in answers])
    assert_alike(kind, one, other)
    assert {names[who]: r for who, r in one.reliability.items()} == pytest.approx(other.reliability, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_objects_in_an_answer_means_nothing(kind: Kind, seed: int) -> None:
    answers = crowd(kind, seed)
    random = np.random.default_rng(seed)
    mixed = [replace(answer, value=kind.shuffled(random, answer.value)) for answer in answers]
    assert_alike(kind, kind.fit(answers), kind.fit(mixed))


@pytest.mark.parametrize("seed", range(5))
def test_one_annotator_gives_back_their_answers(kind: Kind, seed: int) -> None:
    answers = crowd(kind, seed, annotators=1)
    assert plain(kind, kind.fit(answers)) == {a.item: kind.plain(a.value) for a in answers}


@pytest.mark.parametrize("seed", range(3))
def test_one_annotator_and_one_item_are_enough(kind: Kind, seed: int) -> None:
    answers = crowd(kind, seed, annotators=1, items=1)
    assert plain(kind, kind.fit(answers)) == {a.item: kind.plain(a.value) for a in answers}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("annotators", [2, 3, 7])
def test_what_all_say_is_kept_exactly(kind: Kind, seed: int, annotators: int) -> None:
    said = crowd(kind, seed, annotators=1)
    answers = [replace(answer, annotator=f"annotator {a}") for answer in said for a in range(annotators)]
    outcome = kind.fit(answers)
    assert plain(kind, outcome) == {answer.item: kind.plain(answer.value) for answer in said}


@pytest.mark.parametrize("seed", range(5))
def test_what_all_say_about_one_item_is_kept_exactly_whatever_they_say_about_others(
    kind: Kind, seed: int
) -> None:
    said = kind.truth(np.random.default_rng(seed + 50))
    disputed = crowd(kind, seed, guessers=1)
    people = sorted({answer.annotator for answer in disputed})
    outcome = kind.fit(disputed + [Answer("clear", who, said) for who in people])
    assert kind.plain(outcome.consensus["clear"]) == kind.plain(said)


def test_of_two_answers_of_one_annotator_the_first_counts(kind: Kind) -> None:
    answers = crowd(kind, 1)
    second = [Answer("item 0", "annotator 0", kind.truth(np.random.default_rng(99)))]
    assert plain(kind, kind.fit(answers + second)) == plain(kind, kind.fit(answers))


def test_without_answers_there_is_nothing(kind: Kind) -> None:
    outcome = kind.fit([])
    assert (dict(outcome.consensus), dict(outcome.reliability)) == ({}, {})


@pytest.mark.parametrize("annotators", [1, 3])
def test_where_everybody_finds_nothing_there_is_nothing(kind_with_empty: Kind, annotators: int) -> None:
    kind = kind_with_empty
    answers = [Answer("item 0", a, kind.empty) for a in range(annotators)]
    outcome = kind.fit(answers)
    assert plain(kind, outcome) == {"item 0": kind.plain(kind.empty)}
    assert set(outcome.reliability.values()) <= {1.0} or kind.name == "rankings"


def test_an_item_found_empty_stays_empty_among_others(kind_with_empty: Kind) -> None:
    kind = kind_with_empty
    answers = crowd(kind, 2) + [Answer("void", f"annotator {a}", kind.empty) for a in range(3)]
    assert kind.plain(kind.fit(answers).consensus["void"]) == kind.plain(kind.empty)


def test_the_same_answers_give_the_same_outcome_to_the_last_bit(kind: Kind) -> None:
    one, other = kind.fit(crowd(kind, 4)), kind.fit(crowd(kind, 4))
    assert plain(kind, one) == plain(kind, other)
    assert dict(one.reliability) == dict(other.reliability)


@pytest.mark.parametrize("seed", range(3))
def test_who_answers_at_random_is_found_out(kind: Kind, seed: int) -> None:
    outcome = kind.fit(crowd(kind, seed, items=20, annotators=5, guessers=1))
    careful = min(r for who, r in outcome.reliability.items() if str(who).startswith("annotator"))
    assert outcome.reliability["guesser 0"] < 0.6
    assert outcome.reliability["guesser 0"] < careful - 0.1


@pytest.mark.parametrize("seed", range(3))
def test_reliabilities_are_between_nought_and_one(kind: Kind, seed: int) -> None:
    reliabilities = kind.fit(crowd(kind, seed, guessers=2)).reliability.values()
    assert all(0.0 <= r <= 1.0 for r in reliabilities)

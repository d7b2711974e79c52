from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.quality.kinds import Answer, text

DATA = Path(os.environ.get("STRONGROOM_DATA", Path(__file__).parents[4] / "shared/data"))
needs_data = pytest.mark.skipif(not (DATA / "crowd").is_dir(), reason=f"no {DATA}/crowd; set STRONGROOM_DATA")


def answered(*texts: str) -> list[Answer[str]]:
    return [Answer("clip", f"annotator {who}", said) for who, said in enumerate(texts)]


def test_rover_composes_what_nobody_wrote() -> None:
    given = answered("the pilot bards at dawn", "the pilot boards it dawn", "a pilot boards at dawn")
    assert text.rover(given).consensus["clip"] == "the pilot boards at dawn"


def test_words_that_most_leave_out_are_left_out() -> None:
    given = answered("slack water", "slack um water", "slack water")
    assert text.rover(given).consensus["clip"] == "slack water"


def test_capitals_and_punctuation_count_when_writing_not_when_voting() -> None:
    given = answered("Slack water, at noon.", "Slack water, at nine.", "slack water at noon")
    assert text.rover(given).consensus["clip"] == "Slack water, at noon."


def test_an_answer_with_the_words_of_the_outcome_is_kept_character_for_character() -> None:
    given = answered("Two  ships —  one quay!", "Two  ships —  one quay!", "Two ships one key")
    assert text.rover(given).consensus["clip"] == "Two  ships —  one quay!"


def test_the_medoid_is_one_of_the_answers_and_the_most_central() -> None:
    given = answered("north mole light", "north mole lights", "north light", "something else altogether")
    assert text.medoid(given).consensus["clip"] == "north mole light"


def test_who_is_often_right_outvotes_two_who_are_not() -> None:
    given = []
    for n in range(20):
        said = ("the tide turns", "the tide turns", "the tide turns", "tied the turn", "tie the torn")
        given += [Answer(n, who, words) for who, words in enumerate(said)]
    given += [Answer("new", 0, "one bell"), Answer("new", 3, "won bell"), Answer("new", 4, "won bell")]
    assert text.rover(given).consensus["new"] == "one bell"


def test_agreement_makes_confidence() -> None:
    sure = text.rover(answered("two ships", "two ships", "two ships")).confidence["clip"]
    unsure = text.rover(answered("two ships", "to ship", "too chips")).confidence["clip"]
    assert sure == 1.0
    assert unsure < 0.7


def plain_distance(some: list[str], others: list[str]) -> int:
    row = list(range(len(others) + 1))
    for i, a in enumerate(some, 1):
        previous, row = row, [i]
        for j, b in enumerate(others, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (a != b)))
    return row[-1]


@given(st.lists(st.sampled_from("abc"), max_size=80), st.lists(st.sampled_from("abc"), max_size=80))
def test_the_edit_distance_is_the_edit_distance(some: list[str], others: list[str]) -> None:
    assert text.edit_distance(some, others) == plain_distance(some, others)


@pytest.mark.data
@needs_data
def test_eight_words_of_a_hundred_are_wrong_at_most_in_what_a_crowd_heard() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (DATA / "crowd/CrowdSpeech_test-clean" / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def words(said: str) -> list[str]:
        return re.sub(r"[^\w' ]", " ", said.lower()).split()

    gold = {row["task"]: row["label"] for row in rows("gold.csv")[:150]}
    given = [Answer(r["task"], r["worker"], r["label"]) for r in rows("answers.csv") if r["task"] in gold]
    outcome = text.fit(given)
    wrong = sum(
        text.edit_distance(words(outcome.consensus[task]), words(said)) for task, said in gold.items()
    )
    assert wrong / sum(len(words(said)) for said in gold.values()) <= 0.08

"""What answers may be, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from strongroom.quality import UNKNOWN, Answers, AnswersError
from strongroom.quality.answers import in_order


def test_names_come_in_the_order_of_their_first_answer_and_classes_sorted_as_numbers() -> None:
    answers = Answers.from_names(["b", "a", "b"], ["w", "w", "v"], ["10", "9", "9"])
    assert list(answers.items) == ["b", "a"]
    assert list(answers.annotators) == ["w", "v"]
    assert list(answers.classes) == ["9", "10"]
    np.testing.assert_array_equal(answers.label, [1, 0, 0])


def test_classes_that_are_no_numbers_are_sorted_as_text() -> None:
    assert in_order(["b", "10", "a"]) == ["10", "a", "b"]


def test_declared_classes_come_first_even_where_nobody_chose_them() -> None:
    answers = Answers.from_names(["a"], ["w"], ["maybe"], classes=["yes", "no"])
    assert list(answers.classes) == ["yes", "no", "maybe"]
    np.testing.assert_array_equal(answers.votes, [[0, 0, 1]])


def test_left_out_names_are_numbers() -> None:
    answers = Answers([0, 2], [1, 0], [0, 1])
    assert (len(answers.items), len(answers.annotators), len(answers.classes)) == (3, 2, 2)


def test_the_first_answer_of_an_annotator_to_an_item_counts() -> None:
    answers = Answers([0, 0, 0], [0, 0, 1], [1, 0, 0])
    np.testing.assert_array_equal(answers.label, [1, 0])
    assert len(Answers([0, 0, 0], [0, 0, 1], [1, 0, 0], repeats="all")) == 3


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        (([0, 1], [0], [0, 0]), "differ in length"),
        (([0.5], [0], [0]), "integers"),
        (([-1], [0], [0]), "negative"),
        (([[0]], [0], [0]), "one-dimensional"),
        (([2**40], [0], [0]), "beyond"),
    ],
)
def test_arrays_that_cannot_be_positions_are_refused(columns: tuple[list[int], ...], why: str) -> None:
    with pytest.raises(AnswersError, match=why):
        Answers(*columns)


def test_positions_beyond_the_names_and_names_that_come_twice_are_refused() -> None:
    with pytest.raises(AnswersError, match="there are 1 items"):
        Answers([1], [0], [0], ["only"])
    with pytest.raises(AnswersError, match="comes twice among the items"):
        Answers([1], [0], [0], ["a", "a"])
    with pytest.raises(AnswersError, match="no classes"):
        Answers([], [], [])


def test_gold_passes_over_strange_items_and_refuses_strange_classes() -> None:
    answers = Answers.from_names(["a", "b"], ["w", "w"], ["yes", "no"])
    np.testing.assert_array_equal(answers.gold({"b": "yes", "elsewhere": "no"}), [UNKNOWN, 1])
    with pytest.raises(AnswersError, match="1 classes"):
        answers.gold({"a": "perhaps"})


def test_rows_are_the_answers_item_by_item() -> None:
    answers = Answers([1, 0, 1], [0, 1, 1], [0, 1, 1])
    rows = answers.rows
    np.testing.assert_array_equal(rows.start, [0, 1, 3])
    np.testing.assert_array_equal(rows.annotator, [1, 0, 1])
    np.testing.assert_array_equal(answers.label[rows.source], rows.label)


def test_more_answers_can_be_added_with_more_items_and_annotators() -> None:
    answers = Answers.from_names(["a", "b"], ["v", "w"], ["yes", "no"])
    more = answers.extended([2, 0, 0], [2, 0, 2], [1, 0, 0], items=["c"], annotators=["x"])
    assert list(more.items) == ["a", "b", "c"]
    assert len(more) == 4, "v had answered a before"
    np.testing.assert_array_equal(more.votes, [[1, 1], [1, 0], [0, 1]])
    assert len(answers) == 2


def test_the_answers_to_some_items_keep_their_annotators() -> None:
    answers = Answers([0, 1, 1, 2], [0, 1, 2, 0], [0, 1, 0, 1])
    some = answers.of_items([1, 2])
    np.testing.assert_array_equal(some.item, [0, 0, 1])
    assert len(some.annotators) == 3


def test_arrays_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Answers([0], [0], [0]).label[0] = 1

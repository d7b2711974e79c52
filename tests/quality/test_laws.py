"""What holds for every aggregator, whatever it believes about annotators."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from strongroom.quality import AGGREGATORS, Answers, AnswersError, Consensus, consensus
from strongroom.quality.aggregators.tempered import Tempered

from .crowds import accuracy, made_up

Fit = Callable[..., Consensus]

FITS: dict[str, Fit] = {
    **{name: aggregator.fit for name, aggregator in AGGREGATORS.items()},
    "tempered": Tempered(AGGREGATORS["dawid-skene"], 0.2).fit,
    "default": consensus,
}


@pytest.fixture(params=FITS.values(), ids=FITS.keys())
def fit(request: pytest.FixtureRequest) -> Fit:
    return request.param  # type: ignore[no-any-return]


def renamed(answers: Answers, **changes: Any) -> Answers:
    columns = {f.name: getattr(answers, f.name) for f in dataclasses.fields(answers)}
    return Answers(**columns | changes)


def test_probabilities_are_probabilities(fit: Fit) -> None:
    found = fit(made_up()[0])
    assert found.probabilities.shape == (120, 3)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(found.confusion.sum(axis=2), 1)
    assert found.probabilities.min() >= 0
    assert found.prior.sum() == pytest.approx(1)


def test_labels_are_the_most_probable_classes(fit: Fit) -> None:
    found = fit(made_up()[0])
    np.testing.assert_allclose(found.confidence, found.probabilities.max(axis=1))


def test_a_truth_that_most_know_is_found(fit: Fit) -> None:
    answers, truth = made_up(each=7, skills=(0.7, 0.95))
    assert accuracy(fit(answers).probabilities, truth) > 0.95


def test_the_order_of_answers_changes_nothing(fit: Fit) -> None:
    answers, _ = made_up()
    order = np.random.default_rng(1).permutation(len(answers))
    turned = renamed(
        answers, item=answers.item[order], annotator=answers.annotator[order], label=answers.label[order]
    )
    np.testing.assert_allclose(fit(turned).probabilities, fit(answers).probabilities, atol=1e-9)


def test_the_order_of_items_changes_nothing(fit: Fit) -> None:
    answers, _ = made_up()
    order = np.random.default_rng(2).permutation(len(answers.items))
    place = np.argsort(order)
    turned = renamed(answers, item=place[answers.item], items=[answers.items[i] for i in order])
    np.testing.assert_allclose(fit(turned).probabilities, fit(answers).probabilities[order], atol=1e-7)


def test_the_order_of_annotators_changes_nothing(fit: Fit) -> None:
    answers, _ = made_up()
    order = np.random.default_rng(3).permutation(len(answers.annotators))
    place = np.argsort(order)
    turned = renamed(
        answers, annotator=place[answers.annotator], annotators=[answers.annotators[w] for w in order]
    )
    one, other = fit(answers), fit(turned)
    np.testing.assert_allclose(other.probabilities, one.probabilities, atol=1e-7)
    np.testing.assert_allclose(other.confusion, one.confusion[order], atol=1e-7)


def test_the_order_of_classes_changes_nothing(fit: Fit) -> None:
    answers, _ = made_up()
    order = np.array([2, 0, 1])
    place = np.argsort(order)
    turned = renamed(answers, label=place[answers.label], classes=[answers.classes[k] for k in order])
    np.testing.assert_allclose(fit(turned).probabilities, fit(answers).probabilities[:, order], atol=1e-7)


def test_the_same_answers_give_the_same_bits(fit: Fit) -> None:
    answers, _ = made_up()
    assert fit(answers).probabilities.tobytes() == fit(answers).probabilities.tobytes()


def test_annotators_who_answer_alike_are_judged_alike(fit: Fit) -> None:
    answers, _ = made_up()
    first = answers.annotator == 0
    doubled = renamed(
        answers,
        item=np.concatenate([answers.item, answers.item[first]]),
        annotator=np.concatenate([answers.annotator, np.full(first.sum(), len(answers.annotators))]),
        label=np.concatenate([answers.label, answers.label[first]]),
        annotators=[*answers.annotators, "the same again"],
    )
    found = fit(doubled)
    np.testing.assert_allclose(found.confusion[0], found.confusion[-1], atol=1e-9)


def test_a_second_answer_of_an_annotator_to_an_item_does_not_count(fit: Fit) -> None:
    answers, _ = made_up()
    again = renamed(
        answers,
        item=np.concatenate([answers.item, answers.item[:20]]),
        annotator=np.concatenate([answers.annotator, answers.annotator[:20]]),
        label=np.concatenate([answers.label, (answers.label[:20] + 1) % 3]),
    )
    assert len(again) == len(answers)
    np.testing.assert_array_equal(fit(again).probabilities, fit(answers).probabilities)


def test_missing_answers_are_no_obstacle(fit: Fit) -> None:
    answers, truth = made_up(each=9, skills=(0.75, 0.95))
    some = answers.where(np.random.default_rng(4).random(len(answers)) < 0.6)
    assert accuracy(fit(some).probabilities, truth) > 0.9


def test_an_item_without_answers_is_left_open(fit: Fit) -> None:
    answers, _ = made_up()
    found = fit(renamed(answers, items=[*answers.items, "nobody saw it"]))
    assert np.isfinite(found.probabilities).all()
    assert found.confidence[-1] < 0.6


def test_an_annotator_without_answers_is_no_obstacle(fit: Fit) -> None:
    answers, _ = made_up()
    found = fit(renamed(answers, annotators=[*answers.annotators, "new here"]))
    np.testing.assert_allclose(found.probabilities, fit(answers).probabilities, atol=1e-7)
    np.testing.assert_allclose(found.confusion[-1].sum(axis=1), 1)


def test_one_annotator_is_believed(fit: Fit) -> None:
    found = fit(Answers([0, 1, 2, 3], [0, 0, 0, 0], [0, 1, 1, 0]))
    np.testing.assert_array_equal(found.labels, [0, 1, 1, 0])


def test_one_class_is_certain(fit: Fit) -> None:
    found = fit(Answers([0, 0, 1], [0, 1, 0], [0, 0, 0]))
    np.testing.assert_array_equal(found.probabilities, [[1.0], [1.0]])


def test_no_answers_at_all_leave_everything_open(fit: Fit) -> None:
    found = fit(Answers([], [], [], ["a", "b"], ["w"], ["yes", "no"]))
    np.testing.assert_allclose(found.probabilities, 0.5)


def test_gold_is_certain(fit: Fit) -> None:
    answers, _ = made_up()
    gold = np.full(120, -1)
    gold[:40] = (answers.votes[:40].argmax(axis=1) + 1) % 3
    found = fit(answers, gold=gold)
    np.testing.assert_array_equal(found.labels[:40], gold[:40])
    np.testing.assert_array_equal(found.confidence[:40], 1.0)


def test_gold_that_fits_no_class_is_refused(fit: Fit) -> None:
    answers, _ = made_up()
    with pytest.raises(AnswersError, match="no class"):
        fit(answers, gold=np.full(120, 3))
    with pytest.raises(AnswersError, match="one integer an item"):
        fit(answers, gold=[0, 1])


def test_answers_are_left_as_they_were(fit: Fit) -> None:
    answers, _ = made_up()
    before = answers.label.copy(), answers.votes.copy()
    fit(answers)
    np.testing.assert_array_equal(answers.label, before[0])
    np.testing.assert_array_equal(answers.votes, before[1])

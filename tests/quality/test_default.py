"""The default: chooses by evidence, is honest about its confidence, is never foolish."""

from __future__ import annotations

import numpy as np
import pytest

from strongroom.quality import AGGREGATORS, Answers, consensus
from strongroom.quality.calibrate import calibration_error, temperature_on
from strongroom.quality.held_out import parts
from strongroom.quality.temper import tempered

from .crowds import SETS, accuracy, made_up, needs_data, real


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("name", SETS)
def test_it_is_never_a_point_below_majority_vote(name: str) -> None:
    answers, gold = real(name)
    votes = AGGREGATORS["majority"].fit(answers).probabilities
    assert accuracy(consensus(answers).probabilities, gold) > accuracy(votes, gold) - 0.01


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("overlap", [2, 3])
@pytest.mark.parametrize("name", SETS)
def test_it_is_not_foolish_where_answers_are_few(name: str, overlap: int) -> None:
    answers, gold = real(name)
    few = answers.where(_turn(answers) < overlap)
    votes = AGGREGATORS["majority"].fit(few).probabilities
    assert accuracy(consensus(few).probabilities, gold) > accuracy(votes, gold) - 0.03


@needs_data
@pytest.mark.data
def test_over_the_public_sets_it_is_better_than_any_single_method() -> None:
    scores: dict[str, list[float]] = {name: [] for name in ("default", *AGGREGATORS)}
    for name in SETS:
        answers, gold = real(name)
        scores["default"].append(accuracy(consensus(answers).probabilities, gold))
        for method, aggregator in AGGREGATORS.items():
            scores[method].append(accuracy(aggregator.fit(answers).probabilities, gold))
    means = {method: float(np.mean(values)) for method, values in scores.items()}
    singles = {method: mean for method, mean in means.items() if method not in ("default", "ensemble")}
    assert means["default"] >= max(singles.values())


@needs_data
@pytest.mark.data
def test_confidence_is_honest_with_gold_and_nearly_so_without() -> None:
    with_gold, without, plain = [], [], []
    for name in SETS:
        answers, gold = real(name)
        half = np.random.default_rng(0).random(len(gold)) < 0.5
        rest = np.where(half, -1, gold)
        with_gold.append(calibration_error(consensus(answers, np.where(half, gold, -1)).probabilities, rest))
        without.append(calibration_error(consensus(answers).probabilities, gold))
        plain.append(calibration_error(AGGREGATORS["dawid-skene"].fit(answers).probabilities, gold))
    assert np.median(with_gold) <= 0.04
    assert np.median(without) <= 0.045 < np.median(plain)


def _turn(answers: Answers) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    key = np.random.default_rng(0).random(len(answers))
    order = np.lexsort((key, answers.item))
    turn = np.empty(len(answers), dtype=np.int64)
    turn[order] = np.arange(len(answers)) - answers.rows.start[answers.item[order]]
    return turn


def test_it_says_what_it_chose_and_how_sure_it_is() -> None:
    choice = consensus(made_up(items=300, each=6)[0]).choice
    assert choice is not None
    assert sum(choice.weights.values()) == pytest.approx(1)
    assert 0.5 <= choice.sure <= 1
    assert choice.standard_error > 0


def test_votes_take_part_where_models_are_not_clearly_better() -> None:
    answers, _ = made_up(items=40, annotators=40, each=3, skills=(0.34, 0.4))
    choice = consensus(answers).choice
    assert choice is not None
    assert choice.weights["majority"] >= 0.75
    assert sum(choice.weights.values()) == pytest.approx(1)


def test_an_earlier_choice_can_be_kept() -> None:
    answers, _ = made_up(items=200)
    first = consensus(answers.where(np.arange(len(answers)) < 800))
    kept = consensus(answers, like=first)
    assert kept.choice is first.choice
    assert kept.alike == first.alike


def test_annotators_who_lean_to_a_class_are_seen_through() -> None:
    random = np.random.default_rng(7)
    truth = random.integers(2, size=200).astype(np.int32)
    says_one = np.where(truth[:, None] == 1, [0.95] * 4 + [0.99] * 5, [0.1] * 4 + [0.75] * 5)
    said = (random.random(says_one.shape) < says_one).astype(int)
    answers = Answers(np.repeat(np.arange(200), 9), np.tile(np.arange(9), 200), said.ravel())
    votes = AGGREGATORS["majority"].fit(answers).probabilities
    assert accuracy(consensus(answers).probabilities, truth) > accuracy(votes, truth) + 0.1


def test_parts_depend_on_names_and_not_on_order() -> None:
    answers, _ = made_up()
    order = np.random.default_rng(8).permutation(len(answers))
    turned = answers.where(order)
    np.testing.assert_array_equal(parts(turned, 5), parts(answers, 5)[order])
    counts = np.bincount(parts(answers, 5), minlength=5)
    assert counts.min() > 0.8 * counts.max()


def test_a_temperature_is_fitted_on_gold_only_where_it_helps() -> None:
    random = np.random.default_rng(9)
    honest = random.dirichlet([0.5, 0.5], size=2000)
    gold = (random.random(2000) < honest[:, 1]).astype(np.int32)
    assert temperature_on(honest, gold) == 1.0
    boastful = tempered(honest, 0.4)
    fitted = temperature_on(boastful, gold)
    assert fitted == pytest.approx(2.5, rel=0.15)
    assert calibration_error(tempered(boastful, fitted), gold) < 0.03 < calibration_error(boastful, gold)


def test_a_handful_of_gold_items_changes_no_temperature() -> None:
    assert temperature_on(np.full((19, 2), 0.5), np.zeros(19, dtype=np.int32)) == 1.0


def test_tempering_keeps_every_label() -> None:
    random = np.random.default_rng(10)
    given = random.dirichlet(np.ones(4), size=500)
    softer = tempered(given, random.uniform(1, 5, size=500))
    np.testing.assert_array_equal(softer.argmax(axis=1), given.argmax(axis=1))
    assert (softer.max(axis=1) <= given.max(axis=1) + 1e-12).all()


@pytest.mark.long
def test_a_large_set_is_judged_by_a_part_of_it_whatever_the_order_of_its_items() -> None:
    answers, truth = made_up(items=30_000, annotators=300, each=4, skills=(0.6, 0.9))
    order = np.random.default_rng(11).permutation(30_000)
    turned = Answers(
        np.argsort(order)[answers.item],
        answers.annotator,
        answers.label,
        [answers.items[i] for i in order],
        answers.annotators,
        answers.classes,
    )
    one, other = consensus(answers), consensus(turned)
    assert accuracy(one.probabilities, truth) > 0.9
    np.testing.assert_allclose(other.probabilities, one.probabilities[order], atol=1e-6)

"""The next judgements go where they help, never beyond a cap, and end where they are not worth their price."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from strongroom.quality import Answers, AnswersError, consensus
from strongroom.quality.allocation import Live, State, expected_gain, forecast, next_items, route, stop
from strongroom.quality.allocation.route import NOBODY

from .crowds import accuracy, made_up


def three_items() -> Answers:
    """Four agree on item 0, two and two differ on item 1, one saw item 2; a crowd says how good people are."""
    crowd, _ = made_up(items=60, annotators=6, classes=2, each=6, skills=(0.8, 0.9))
    item = np.concatenate([crowd.item + 3, [0, 0, 0, 0, 1, 1, 1, 1, 2]])
    annotator = np.concatenate([crowd.annotator, [0, 1, 2, 3, 0, 1, 2, 3, 0]])
    label = np.concatenate([crowd.label, [0, 0, 0, 0, 0, 0, 1, 1, 0]])
    return Answers(item, annotator, label, range(63), crowd.annotators, crowd.classes)


def state(cap: int = 9, **more: NDArray[np.generic] | int) -> State:
    answers = three_items()
    return State(answers, consensus(answers), cap, **more)  # type: ignore[arg-type]


def test_items_without_their_first_answers_come_first() -> None:
    assert next_items(state(), 1).item[0] == 2


def test_then_comes_what_is_disputed_and_not_what_is_settled() -> None:
    order = list(next_items(state(), 63).item)
    assert order.index(1) < order.index(0)


def test_a_judgement_of_a_disputed_item_is_worth_more() -> None:
    now = state()
    gain = expected_gain(now.found, now.expected)
    assert gain[1] > 5 * gain[0] >= 0


def test_an_item_on_which_people_keep_differing_is_worth_less_and_less() -> None:
    now = state()
    gains = [expected_gain(now.found, np.full(63, n))[1] for n in (4, 8, 16, 32)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] < 0.1 * gains[0]


def test_no_item_is_asked_beyond_its_cap_judgements_under_way_counted() -> None:
    under_way = np.zeros(63, dtype=np.int64)
    under_way[2] = 3
    picks = next_items(state(cap=4, asked=under_way), 100)
    assert not set(picks.item) & {0, 1, 2}
    assert len(next_items(state(cap=1), 100).item) == 0


def test_closed_items_are_not_asked() -> None:
    closed = np.ones(63, dtype=bool)
    closed[1] = False
    assert list(next_items(state(closed=closed), 10).item) == [1]


def test_no_more_than_the_budget_and_each_item_once() -> None:
    picks = next_items(state(), 7)
    assert len(set(picks.item)) == 7
    assert len(next_items(state(), 0).item) == 0


def test_asking_stops_where_the_price_is_above_every_gain() -> None:
    closed = np.zeros(63, dtype=bool)
    closed[2] = True
    now = state(closed=closed)
    best = next_items(now, 1).gain[0]
    assert not stop(now, best * 0.9)
    assert stop(now, best * 1.1)


def test_asking_does_not_stop_before_every_item_has_its_first_answers() -> None:
    assert not stop(state(), 1.0)


def test_asking_stops_where_nothing_may_be_asked() -> None:
    assert stop(state(cap=1), 0.0)


def test_more_judgements_are_forecast_to_buy_more_and_less_each_time() -> None:
    now = state(cap=50)
    bought = [forecast(now, n).then for n in (0, 50, 100, 200)]
    assert bought == sorted(bought)
    assert bought[0] == forecast(now, 0).now
    assert bought[1] - bought[0] > bought[2] - bought[1] >= 0
    assert forecast(state(cap=6), 10**6).judgements < 63 * 6


def test_a_forecast_is_about_right() -> None:
    answers, truth = made_up(items=800, annotators=40, each=12, classes=2, skills=(0.6, 0.85))
    turn = np.tile(np.arange(12), 800)
    now = answers.where(turn < 3)
    before = consensus(now)
    told = forecast(State(now, before, 12), 800)
    picks = next_items(State(now, before, 12), 800).item
    chosen = np.zeros(800, dtype=bool)
    chosen[picks] = True
    after = consensus(answers.where((turn < 3) | ((turn == 3) & chosen[answers.item])))
    won = accuracy(after.probabilities, truth) - accuracy(before.probabilities, truth)
    assert told.then - told.now == pytest.approx(won, abs=0.04)


def test_a_state_wants_arrays_that_fit() -> None:
    answers = three_items()
    with pytest.raises(AnswersError, match="asked"):
        State(answers, consensus(answers), 3, np.zeros(2, dtype=np.int64))
    with pytest.raises(AnswersError, match="other items"):
        State(answers, consensus(made_up()[0]), 3)


def test_the_hardest_item_goes_to_whoever_is_best_and_has_not_seen_it() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(2, size=300)
    right = random.random((300, 4)) < [0.6, 0.7, 0.8, 0.95]
    said = np.where(right, truth[:, None], 1 - truth[:, None])
    seen = np.ones((300, 4), dtype=bool)
    seen[0] = [True, False, False, False]
    seen[1] = [False, False, False, True]
    item, annotator = np.nonzero(seen)
    answers = Answers(item, annotator, said[seen])
    now = State(answers, consensus(answers), 9)
    np.testing.assert_array_equal(route(now, [0, 1], [0, 1, 2, 3], 5), [3, 2])
    np.testing.assert_array_equal(route(now, [0, 1, 0], [1, 3], 1), [3, 1, NOBODY])


def test_a_live_consensus_stays_near_a_fit_from_nothing() -> None:
    answers, _ = made_up(items=500, annotators=25, each=6)
    random = np.random.default_rng(1)
    order = random.permutation(len(answers))
    live = Live(answers.where(np.sort(order[:2400])))
    for part in np.array_split(order[2400:], 6):
        live.add(answers.item[part], answers.annotator[part], answers.label[part])
    fresh = consensus(live.answers)
    assert (live.found.labels == fresh.labels).mean() > 0.98
    assert np.abs(live.found.probabilities - fresh.probabilities).mean() < 0.02
    assert np.abs(live.found.counts - fresh.counts).max() < 0.1 * fresh.counts.max()
    assert live.due
    live.refit()
    assert not live.due
    np.testing.assert_allclose(live.found.counts.sum(), len(answers), rtol=1e-6)


def test_a_live_consensus_drops_second_answers_and_keeps_gold() -> None:
    answers, truth = made_up()
    gold = np.where(np.arange(120) < 10, truth, -1)
    live = Live(answers, gold)
    before = live.found
    live.add(answers.item[:5], answers.annotator[:5], answers.label[:5])
    assert live.found is before
    live.add(
        [0], [int(np.setdiff1d(np.arange(12), answers.annotator[answers.item == 0])[0])], [(truth[0] + 1) % 3]
    )
    assert live.found.labels[0] == truth[0]
    assert live.found.confidence[0] == 1
    assert 0 not in next_items(live.state(cap=99), 120).item


def test_where_there_is_history_one_answer_is_enough_to_judge_by() -> None:
    answers, _ = made_up()
    assert Live(answers).state(5).first == 2
    assert Live(answers, history=consensus(answers).history).state(5).first == 1


@pytest.mark.long
def test_a_thousand_answers_more_to_a_million_take_less_than_a_second() -> None:
    random = np.random.default_rng(2)
    item = np.repeat(np.arange(200_000), 5)
    label = np.where(random.random(1_000_000) < 0.7, item % 10, random.integers(10, size=1_000_000))
    answers = Answers(item, random.integers(1000, size=1_000_000), label)
    live = Live(answers.where(np.arange(len(answers)) < len(answers) - 1000))
    started = time.process_time()
    live.add(answers.item[-1000:], answers.annotator[-1000:], answers.label[-1000:])
    assert time.process_time() - started < 1

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, rankings


def judged(
    seed: int, attentive: list[float], count: int, tie: float = 0.5
) -> tuple[np.ndarray, list[Answer]]:
    """Pairs of twelve alternatives, judged by Davidson's model or at random."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1.5, 12)
    answers = []
    for n in range(count):
        who = int(random.integers(len(attentive)))
        a, b = random.choice(12, 2, replace=False).tolist()
        odds = np.exp([(scores[a] - scores[b]) / 2, (scores[b] - scores[a]) / 2, np.log(tie)])
        chances = odds / odds.sum() if random.random() < attentive[who] else np.full(3, 1 / 3)
        said = [((a,), (b,)), ((b,), (a,)), ((a, b),)][random.choice(3, p=chances)]
        answers.append(Answer(n, who, said))
    return scores, answers


def scores_of(outcome: rankings.Rankings) -> np.ndarray:
    own = {name: score for item in outcome.scores.values() for name, score in item.items()}
    return np.array([own[k] for k in range(12)])


def test_scores_and_readiness_to_tie_are_found_again() -> None:
    scores, answers = judged(0, [1.0] * 5, 4000)
    outcome = rankings.fit(answers, shared=True)
    found = scores_of(outcome)
    assert np.corrcoef(found, scores)[0, 1] > 0.99
    assert found == pytest.approx(scores - scores.mean(), abs=0.5)
    assert outcome.tie == pytest.approx(0.5, abs=0.1)


def test_reliabilities_are_found_again() -> None:
    _, answers = judged(1, [0.95, 0.95, 0.95, 0.5, 0.0], 4000)
    reliability = rankings.fit(answers, shared=True).reliability
    assert [reliability[w] for w in range(5)] == pytest.approx([0.95, 0.95, 0.95, 0.5, 0.0], abs=0.15)


def test_judges_who_guess_spoil_less_than_they_do_to_the_share_of_wins() -> None:
    better = 0
    for seed in range(6):
        scores, answers = judged(seed, [0.95, 0.95, 0.0, 0.0, 0.0], 600)
        ours = scores_of(rankings.fit(answers, shared=True))
        wins, looks = np.zeros(12), np.zeros(12)
        for answer in answers:
            names = [name for tier in answer.value for name in tier]
            looks[names] += 1
            wins[list(answer.value[0])] += 1 / len(answer.value[0])
        better += np.corrcoef(ours, scores)[0, 1] > np.corrcoef(wins / looks, scores)[0, 1]
    assert better >= 5


def test_probabilities_to_be_better_are_calibrated() -> None:
    sure = []
    for seed in range(8):
        scores, answers = judged(seed, [0.9] * 4 + [0.2] * 2, 150)
        outcome = rankings.fit(answers, shared=True)
        for n, answer in enumerate(answers):
            a, b = sorted(name for tier in answer.value for name in tier)
            sure.append((outcome.better(n, a, b), scores[a] > scores[b]))
    said, right = np.array([p for p, _ in sure]), np.array([r for _, r in sure])
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (said >= low) & (said <= low + 0.2)
        assert abs(said[inside].mean() - right[inside].mean()) < 0.12


def test_ties_of_most_judges_are_ties() -> None:
    given = [(("a", "b"), ("c",)), (("a", "b"), ("c",)), (("a",), ("b",), ("c",))]
    outcome = rankings.fit(Answer("prompt", who, ranking) for who, ranking in enumerate(given))
    assert outcome.consensus["prompt"] == (("a", "b"), ("c",))


def test_alternatives_of_different_items_are_different_unless_shared() -> None:
    answers = [Answer(1, "judge", (("a",), ("b",))), Answer(2, "judge", (("b",), ("a",)))]
    apart = rankings.fit(answers)
    assert (apart.consensus[1], apart.consensus[2]) == ((("a",), ("b",)), (("b",), ("a",)))
    together = rankings.fit(answers, shared=True)
    assert together.consensus[1] == together.consensus[2] == (("a", "b"),)


def test_better_is_an_even_chance_for_equals_and_turns_round() -> None:
    outcome = rankings.fit([Answer(0, 0, (("a", "b"), ("c",)))])
    assert outcome.better(0, "a", "b") == pytest.approx(0.5, abs=1e-4)
    assert outcome.better(0, "a", "c") + outcome.better(0, "c", "a") == pytest.approx(1.0)
    assert outcome.better(0, "a", "c") > 0.6


def test_an_alternative_stands_once_in_a_ranking() -> None:
    with pytest.raises(AnswersError, match="twice"):
        rankings.fit([Answer(0, 0, (("a",), ("a",)))])


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=4))
def test_one_judge_has_their_rankings_back_however_many_tiers(drawn: list[list[int]]) -> None:
    """`drawn` gives the tier of each alternative of each item."""
    said = [
        tuple(tier for t in range(4) if (tier := tuple(str(k) for k, at in enumerate(tiers) if at == t)))
        for tiers in drawn
    ]
    outcome = rankings.fit(Answer(n, "judge", ranking) for n, ranking in enumerate(said))
    assert [outcome.consensus[n] for n in range(len(said))] == said

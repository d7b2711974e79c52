from __future__ import annotations

import numpy as np
import pytest

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, numbers


def measured(seed: int, slips: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Answer[float]]]:
    random = np.random.default_rng(seed)
    truth = random.normal(50, 10, 300)
    spread, bias = np.linspace(1, 9, 10), random.normal(0, 4, 10)
    bias -= bias.mean()
    answers = []
    for item, value in enumerate(truth.tolist()):
        for who in random.choice(10, 5, replace=False).tolist():
            said = value + bias[who] + spread[who] * random.normal()
            answers.append(
                Answer(item, who, float(random.uniform(-100, 200) if random.random() < slips else said))
            )
    return truth, spread, bias, answers


def error(found: dict[int, float], truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean([(found[k] - t) ** 2 for k, t in enumerate(truth)])))


def averages(answers: list[Answer[float]], rule: object) -> dict[int, float]:
    return {k: float(rule([a.value for a in answers if a.item == k])) for k in range(300)}  # type: ignore[operator]


def test_biases_and_spreads_are_found_again() -> None:
    _, spread, bias, answers = measured(0)
    outcome = numbers.fit(answers)
    off = np.array([outcome.bias[k] for k in range(10)]) - bias
    assert off - off.mean() == pytest.approx(np.zeros(10), abs=1.6)
    assert [outcome.spread[k] for k in range(10)] == pytest.approx(spread, rel=0.35, abs=0.8)


@pytest.mark.parametrize("slips", [0.0, 0.05])
def test_it_is_nearer_to_the_truth_than_mean_and_median(slips: float) -> None:
    truth, _, _, answers = measured(1, slips)
    ours = error(dict(numbers.fit(answers).consensus), truth)
    assert ours < 0.8 * error(averages(answers, np.mean), truth)
    assert ours < 0.9 * error(averages(answers, np.median), truth)


def test_standard_errors_cover_the_truth() -> None:
    truth, _, _, answers = measured(2)
    outcome = numbers.fit(answers)
    shift = np.mean([outcome.consensus[k] - t for k, t in enumerate(truth)])
    inside = [
        abs(outcome.consensus[k] - shift - t) < 1.96 * outcome.standard_error[k] for k, t in enumerate(truth)
    ]
    assert 0.85 < np.mean(inside) <= 1.0


def test_a_consensus_lies_among_what_was_said() -> None:
    _, _, _, answers = measured(3, 0.05)
    outcome = numbers.fit(answers)
    for item in range(300):
        said = [a.value for a in answers if a.item == item]
        assert min(said) <= outcome.consensus[item] <= max(said)


def test_a_number_must_be_finite() -> None:
    with pytest.raises(AnswersError, match="finite"):
        numbers.fit([Answer(0, 0, float("nan"))])

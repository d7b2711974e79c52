"""What can be said about those who answer, and how surely."""

from __future__ import annotations

import numpy as np

from strongroom.quality import Answers, consensus
from strongroom.quality.annotators import drift, skills, suspicions

from .crowds import made_up


def with_one_more(answers: Answers, label: np.ndarray[tuple[int], np.dtype[np.int64]], name: str) -> Answers:
    """One more annotator, who answers every item."""
    items = np.arange(len(answers.items))
    return Answers(
        np.concatenate([answers.item, items]),
        np.concatenate([answers.annotator, np.full(len(items), len(answers.annotators))]),
        np.concatenate([answers.label, label]),
        answers.items,
        [*answers.annotators, name],
        answers.classes,
    )


def test_an_interval_of_skill_holds_the_skill_nearly_as_often_as_it_says() -> None:
    held, count = 0, 0
    for seed in range(5):
        answers, truth = made_up(items=300, annotators=20, each=7, skills=(0.5, 0.95), seed=seed)
        found = skills(answers, consensus(answers))
        right = np.bincount(answers.annotator, answers.label == truth[answers.item]) / found.answers
        assert (found.low < found.estimate).all()
        assert (found.estimate < found.high).all()
        held += int(((found.low <= right) & (right <= found.high)).sum())
        count += 20
    assert held / count > 0.9


def test_few_answers_leave_a_wide_interval_and_none_the_widest() -> None:
    answers, _ = made_up()
    mine = np.flatnonzero(answers.annotator == 0)
    some = answers.where(~np.isin(np.arange(len(answers)), mine[3:]))
    some = Answers(some.item, some.annotator, some.label, some.items, [*some.annotators, "new"], some.classes)
    found = skills(some, consensus(some))
    width = found.high - found.low
    assert found.answers[0] == 3
    assert found.answers[-1] == 0
    assert width[1] < width[0] < width[-1]


def test_somebody_who_gets_worse_is_seen_to_and_others_are_not() -> None:
    answers, truth = made_up(items=400, each=6, skills=(0.8, 0.9))
    random = np.random.default_rng(3)
    skill = np.linspace(0.95, 0.45, 400)
    tired = np.where(random.random(400) < skill, truth, (truth + 1) % 3)
    more = with_one_more(answers, tired, "tired")
    found = drift(more, consensus(more))
    assert found.p_value[-1] < 1e-4
    assert -0.7 < found.change[-1] < -0.3
    assert found.skill[-1, 0] > found.skill[-1, -1] + 0.2
    assert (found.p_value[:-1] < 0.01).sum() <= 1
    assert found.answers[-1].sum() == 400


def test_too_few_answers_show_no_drift() -> None:
    answers = Answers([0, 1, 2], [0, 0, 0], [0, 1, 0])
    assert np.isnan(drift(answers, consensus(answers)).p_value[0])


def test_blind_answers_are_suspected_with_the_evidence() -> None:
    answers, _ = made_up(items=100, each=6, skills=(0.75, 0.9))
    random = np.random.default_rng(4)
    for name, label in (
        ("always the first", np.zeros(100, dtype=np.int64)),
        ("dice", random.integers(3, size=100)),
    ):
        more = with_one_more(answers, label, name)
        (found,) = suspicions(more, consensus(more))
        assert found.name == name
        assert found.evidence > 3
        assert found.answers == 100
        assert abs(found.right - found.by_chance) < 0.12
        assert name in str(found)
    assert found.favourite_share < 0.5


def test_weak_and_contrary_annotators_are_not_called_blind() -> None:
    answers, truth = made_up(items=200, each=6, skills=(0.75, 0.9))
    random = np.random.default_rng(5)
    weak = np.where(random.random(200) < 0.6, truth, (truth + random.integers(1, 3, size=200)) % 3)
    contrary = (truth + 1) % 3
    for label in (weak, contrary):
        more = with_one_more(answers, label, "somebody")
        found = consensus(more)
        assert suspicions(more, found) == []
    assert found.skill[-1] < 0.1


def test_honest_crowds_hold_no_suspects() -> None:
    for seed in range(5):
        answers, _ = made_up(items=150, annotators=30, each=5, skills=(0.65, 0.95), seed=seed)
        assert suspicions(answers, consensus(answers)) == []

"""Two ways to pass over the answers, one result."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from strongroom.quality import AGGREGATORS, Answers, AnswersError, DawidSkene, consensus
from strongroom.quality.em.loop import Until
from strongroom.quality.em.sweep import engine

from .crowds import DATA, made_up, needs_data

PLAIN = DawidSkene(0.0, "pooled", 0.0, 0.0, "fitted", Until(1e-10, 5000))


@pytest.mark.parametrize("name", AGGREGATORS)
def test_numba_and_scipy_agree(name: str) -> None:
    pytest.importorskip("numba")
    answers, truth = made_up(items=400, annotators=30)
    gold = np.where(np.arange(400) % 7 == 0, truth, -1)
    with engine("scipy"):
        one = AGGREGATORS[name].fit(answers, gold=gold)
    with engine("numba"):
        other = AGGREGATORS[name].fit(answers, gold=gold)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-10)
    np.testing.assert_allclose(one.confusion, other.confusion, atol=1e-10)
    assert one.iterations == other.iterations


def test_likelihood_never_falls() -> None:
    answers, _ = made_up(skills=(0.4, 0.8))
    steps = [DawidSkene(0.0, "pooled", 0.0, 0.0, "fitted", Until(0.0, n)).fit(answers) for n in range(1, 12)]
    assert (np.diff([step.log_likelihood for step in steps]) > -1e-9).all()


@needs_data
@pytest.mark.data
def test_dawid_and_skene_find_what_they_found_in_1979() -> None:
    rows = [line.split(",") for line in (DATA / "DawidSkene1979/answers.csv").read_text().split()[1:]]
    answers = Answers.from_names(*zip(*rows, strict=True), repeats="all")
    paper = json.loads((DATA / "DawidSkene1979/expected_mle.json").read_text())
    found = PLAIN.fit(answers)
    assert len(answers) == 315
    np.testing.assert_allclose(found.prior, [0.400, 0.422, 0.112, 0.067], atol=5e-4)
    assert found.log_likelihood == pytest.approx(-190.731, abs=5e-4)
    np.testing.assert_allclose(found.probabilities, paper["posterior"], atol=1e-5)
    np.testing.assert_allclose(found.confusion.transpose(0, 2, 1), paper["errors_worker_obs_true"], atol=1e-4)


def test_a_start_from_an_earlier_fit_takes_fewer_steps_to_the_same_place() -> None:
    answers, _ = made_up(items=300, each=7)
    few = answers.where(np.arange(len(answers)) >= 20)
    model = DawidSkene(until=Until(1e-8, 500))
    cold, warm = model.fit(answers), model.fit(answers, start=model.fit(few))
    assert warm.iterations < cold.iterations
    np.testing.assert_allclose(warm.probabilities, cold.probabilities, atol=1e-5)


def test_history_tells_a_good_annotator_from_a_bad_one() -> None:
    past, _ = made_up(items=400, annotators=4, each=4, skills=(0.95, 0.95))
    bad = past.annotator == 0
    label = np.where(bad, (past.label + 1) % 3, past.label)
    known = consensus(Answers(past.item, past.annotator, label, past.items, past.annotators, past.classes))
    disputed = Answers([0, 0], [0, 1], [0, 2], ["new"], past.annotators, past.classes)
    assert consensus(disputed, history=known.history).labels[0] == 2


def test_importing_compiles_nothing_and_loads_neither_numba_nor_scipy() -> None:
    code = "import sys, strongroom.quality; print([m for m in ('numba', 'scipy', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_confusions_that_would_not_fit_in_memory_are_refused() -> None:
    answers = Answers([0], [0], [0], ["item"], range(1000), range(1000))
    with pytest.raises(AnswersError, match="too many confusions"):
        consensus(answers)

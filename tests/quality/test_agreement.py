"""Coefficients of agreement: the examples of their papers, and other people's code as oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from strongroom.quality import Answers, AnswersError
from strongroom.quality.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from strongroom.quality.agreement.cohen import kappa_of
from strongroom.quality.agreement.krippendorff import Level

KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
FLEISS_1971 = [
    "00060", "03003", "01401", "00006", "03030", "20400", "00402", "20310", "20040", "00006",
    "10050", "11040", "03300", "10050", "02031", "00501", "30012", "51000", "02040", "10203",
    "00006", "01050", "02013", "20040", "10041", "05010", "40002", "02040", "10500", "00006",
]  # fmt: skip


def table_of(matrix: list[list[int]]) -> Answers:
    """Annotators × items, 0 where there is no answer."""
    rows = [(i, w, said) for w, line in enumerate(matrix) for i, said in enumerate(line) if said]
    return Answers.from_names(*zip(*rows, strict=True), classes=[])


def votes_of(votes: NDArray[np.int64]) -> Answers:
    """Items × classes counts, from annotators that are nobody in particular."""
    item, label = np.nonzero(votes)
    times = votes[item, label]
    item, label = np.repeat(item, times), np.repeat(label, times)
    place = np.concatenate([np.arange(n) for n in votes.sum(axis=1)])
    return Answers(item, place, label, range(len(votes)), (), range(votes.shape[1]))


def pairs_of(table: list[list[int]]) -> Answers:
    """Two annotators, from how often one said c and the other k."""
    said = [(c, k) for c, line in enumerate(table) for k, times in enumerate(line) for _ in range(times)]
    both = np.array(said)
    items = len(said)
    return Answers(
        np.tile(np.arange(items), 2), np.repeat([0, 1], items), both.T.ravel(), (), (), range(len(table))
    )


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example_of_2011(level: Level, alpha: float) -> None:
    assert krippendorff_alpha(table_of(KRIPPENDORFF_2011), level).value == pytest.approx(alpha, abs=5e-4)


def test_fleiss_example_of_1971() -> None:
    votes = np.array([[int(count) for count in line] for line in FLEISS_1971])
    found = fleiss_kappa(votes_of(votes))
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert found.items == 30
    assert found.low < 0.430 < found.high


def test_cohens_kappa_of_the_textbook_table() -> None:
    assert kappa_of([[20, 5], [10, 15]]) == pytest.approx(0.40)
    assert cohen_kappa(pairs_of([[20, 5], [10, 15]]), 0, 1).value == pytest.approx(0.40)


def test_where_one_class_is_rare_ac1_is_high_and_kappa_is_not() -> None:
    answers = pairs_of([[118, 5], [2, 0]])
    assert gwet_ac1(answers).value == pytest.approx(0.941, abs=5e-4)
    assert cohen_kappa(answers, 0, 1).value == pytest.approx(-0.023, abs=5e-4)
    assert percent_agreement(answers).value == pytest.approx(0.944)


def test_ac2_gives_credit_for_near_misses() -> None:
    near, far = pairs_of([[9, 3, 0], [0, 9, 0], [0, 0, 9]]), pairs_of([[9, 0, 3], [0, 9, 0], [0, 0, 9]])
    assert gwet_ac1(near).value == pytest.approx(gwet_ac1(far).value, abs=0.02)
    assert gwet_ac2(near).value > gwet_ac2(far).value + 0.1
    assert gwet_ac2(near, "linear").value < gwet_ac2(near, "quadratic").value


answers_by_many = st.lists(
    st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=3, max_size=25
).filter(
    lambda rows: (
        len({c for row in rows for c in row if c}) > 1 and any(sum(c > 0 for c in row) > 1 for row in rows)
    )
)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@settings(deadline=None, max_examples=40)
@given(rows=answers_by_many)
def test_alpha_is_what_the_reference_implementation_says(level: Level, rows: list[list[int]]) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    matrix = np.array(rows, dtype=float).T
    matrix[matrix == 0] = np.nan
    paired = matrix[:, (~np.isnan(matrix)).sum(axis=0) > 1]
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        return
    ours = krippendorff_alpha(table_of(np.array(rows).T.tolist()), level, resamples=0).value
    assert ours == pytest.approx(krippendorff.alpha(matrix, level_of_measurement=level), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=2, max_size=20))
def test_fleiss_kappa_is_what_statsmodels_says(rows: list[list[int]]) -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    votes = np.stack([np.bincount(row, minlength=4) for row in np.array(rows)])
    if (votes.sum(axis=0) > 0).sum() < 2:
        return
    assert fleiss_kappa(votes_of(votes), resamples=0).value == pytest.approx(inter_rater.fleiss_kappa(votes))


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_cohens_kappa_is_what_statsmodels_says(weights: str) -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    table = np.random.default_rng(5).integers(0, 20, size=(4, 4))
    theirs = inter_rater.cohens_kappa(table, wt=None if weights == "none" else weights, return_results=False)
    assert kappa_of(table, weights) == pytest.approx(float(theirs))  # type: ignore[arg-type]


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(6)
    held = 0
    for _ in range(100):
        truth = random.integers(2, size=60)
        said = np.where(random.random((60, 3)) < 0.8, truth[:, None], 1 - truth[:, None])
        votes = np.stack([np.bincount(row, minlength=2) for row in said])
        found = krippendorff_alpha(votes_of(votes), resamples=300)
        held += found.low <= 0.36 <= found.high
    assert 88 <= held <= 100


def test_nothing_to_compare_is_not_a_number() -> None:
    lonely = Answers([0, 1], [0, 1], [0, 1])
    for found in (
        krippendorff_alpha(lonely),
        fleiss_kappa(lonely),
        gwet_ac1(lonely),
        percent_agreement(lonely),
    ):
        assert math.isnan(found.value)
        assert found.items == 0


def test_where_nobody_varies_agreement_beyond_chance_is_not_defined() -> None:
    same = Answers([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], (), (), ["yes", "no"])
    assert math.isnan(krippendorff_alpha(same).value)
    assert math.isnan(fleiss_kappa(same).value)
    assert gwet_ac1(same).value == 1
    assert percent_agreement(same).value == 1


def test_distances_want_numbers() -> None:
    answers = Answers.from_names(["a", "a"], ["v", "w"], ["yes", "no"])
    with pytest.raises(AnswersError, match="needs numbers"):
        krippendorff_alpha(answers, "interval")
    assert krippendorff_alpha(answers, "interval", values=[0, 1]).value == krippendorff_alpha(answers).value
    with pytest.raises(AnswersError, match="one finite number a class"):
        gwet_ac2(answers, values=[1.0])

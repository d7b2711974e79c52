from __future__ import annotations

import csv
import os
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, spans
from strongroom.quality.kinds.spans import Span, _marginals

DATA = Path(os.environ.get("STRONGROOM_DATA", Path(__file__).parents[4] / "shared/data"))
needs_data = pytest.mark.skipif(not (DATA / "crowd").is_dir(), reason=f"no {DATA}/crowd; set STRONGROOM_DATA")


def answered(*given: list[Span], item: str = "text") -> list[Answer[tuple[Span, ...]]]:
    return [Answer(item, f"annotator {who}", tuple(spans)) for who, spans in enumerate(given)]


def test_two_of_three_decide() -> None:
    port = Span(3, 9, "place")
    outcome = spans.fit(answered([port], [port], []))
    assert outcome.consensus["text"] == (port,)
    assert outcome.found["text"][0].given_by == ("annotator 0", "annotator 1")
    assert 0.5 < outcome.found["text"][0].confidence < 1.0


def test_readings_of_the_same_words_exclude_each_other() -> None:
    outcome = spans.fit(answered([Span(0, 8, "place")], [Span(4, 8, "place")], [Span(0, 8, "place")]))
    assert outcome.consensus["text"] == (Span(0, 8, "place"),)
    assert sum(found.existence for found in outcome.found["text"]) <= 1.0 + 1e-9


def test_overlapping_spans_of_different_labels_are_kept_where_annotators_overlap_them() -> None:
    both = [Span(0, 20, "event"), Span(4, 9, "place")]
    outcome = spans.fit(answered(both, both, [Span(4, 9, "place")]))
    assert outcome.consensus["text"] == tuple(both)


def test_nested_spans_of_one_label_are_kept_where_annotators_nest_them() -> None:
    nested = [Span(0, 20, "body"), Span(4, 9, "body")]
    assert spans.fit(answered(nested, nested)).consensus["text"] == tuple(nested)


def test_one_extent_may_have_two_labels() -> None:
    both = [Span(0, 5, "person"), Span(0, 5, "role")]
    assert spans.fit(answered(both, both, both[:1])).consensus["text"] == tuple(both)


def test_a_label_that_somebody_always_mistakes_is_put_right() -> None:
    """Annotator 2 calls every place a person; where only they and another look, the other is believed."""
    given = []
    for n in range(30):
        there = Span(n, n + 3, "place" if n % 2 else "person")
        mistaken = Span(n, n + 3, "person")
        given += answered([there], [there], [mistaken], item=f"text {n}")
    given += [
        Answer("new", "annotator 0", (Span(1, 2, "place"),)),
        Answer("new", "annotator 2", (Span(1, 2, "person"),)),
    ]
    assert spans.fit(given).consensus["new"] == (Span(1, 2, "place"),)


def test_a_lower_bound_finds_more() -> None:
    given = answered([Span(0, 4)], [], []) + answered([Span(0, 4)], [Span(0, 4)], [Span(0, 4)], item="other")
    assert spans.fit(given).consensus["text"] == ()
    assert spans.fit(given, least_confidence=0.0).consensus["text"] == (Span(0, 4),)


def test_a_span_that_holds_nothing_is_refused() -> None:
    with pytest.raises(AnswersError, match="holds nothing"):
        Span(4, 4)


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 5), st.floats(-6, 6)),
        max_size=7,
        unique_by=lambda c: c[:2],
    )
)
def test_marginals_are_those_of_all_sets_without_overlaps(drawn: list[tuple[int, int, float]]) -> None:
    candidates = sorted(
        ((start, start + length, odds) for start, length, odds in drawn), key=lambda c: (c[1], c[0])
    )
    before = [sum(other[1] <= start for other in candidates) for start, _, _ in candidates]
    total, chosen = 0.0, np.zeros(len(candidates))
    for size in range(len(candidates) + 1):
        for some in combinations(range(len(candidates)), size):
            free = all(candidates[a][1] <= candidates[b][0] for a, b in combinations(some, 2))
            weight = float(np.exp(sum(candidates[k][2] for k in some))) if free else 0.0
            total += weight
            chosen[list(some)] += weight
    found = _marginals([odds for _, _, odds in candidates], before)
    assert found == pytest.approx(chosen / total, rel=1e-9)


@pytest.mark.data
@needs_data
def test_the_crowd_on_conll_is_better_than_any_vote_on_spans_or_tokens() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (DATA / "crowd/CoNLL_crowd_val" / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def span(row: dict[str, str]) -> Span:
        return Span(int(row["start"]), int(row["end"]), row["label"])

    marked: dict[tuple[str, str], list[Span]] = {
        (r["task"], r["worker"]): [] for r in rows("assignments.csv")
    }
    for row in rows("answers.csv"):
        marked[row["task"], row["worker"]].append(span(row))
    gold: dict[str, set[Span]] = defaultdict(set)
    for row in rows("gold.csv"):
        gold[row["task"]].add(span(row))

    outcome = spans.fit(Answer(task, worker, tuple(given)) for (task, worker), given in marked.items())

    right = sum(len(set(found) & gold[str(task)]) for task, found in outcome.consensus.items())
    found = sum(map(len, outcome.consensus.values()))
    everywhere, answered_only = (
        sum(map(len, gold.values())),
        sum(len(gold[str(t)]) for t in outcome.consensus),
    )
    assert 2 * right / (found + everywhere) >= 0.70
    assert 2 * right / (found + answered_only) >= 0.74

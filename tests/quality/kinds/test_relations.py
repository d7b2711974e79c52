from __future__ import annotations

import pytest

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, relations
from strongroom.quality.kinds.relations import Linked, Relation
from strongroom.quality.kinds.spans import Span

SHIP, QUAY, CRANE = Span(0, 4, "thing"), Span(8, 12, "thing"), Span(20, 25, "thing")


def test_a_link_of_two_of_three_is_kept_and_that_of_one_is_not() -> None:
    moors, loads = Relation(0, 1, "moors at"), Relation(2, 0, "loads")
    given = [(moors,), (moors, loads), ()]
    outcome = relations.fit(
        Answer(0, who, Linked((SHIP, QUAY, CRANE), links)) for who, links in enumerate(given)
    )
    assert outcome.consensus[0] == Linked((SHIP, QUAY, CRANE), (moors,))
    assert {found.value: found.existence > 0.5 for found in outcome.relations[0]} == {
        moors: True,
        loads: False,
    }


def test_who_lacks_a_span_says_nothing_about_its_relations() -> None:
    both = Linked((SHIP, QUAY), (Relation(0, 1, "moors at"),))
    alone = Linked((SHIP,), ())
    with_silent = relations.fit([Answer(0, "a", both), Answer(0, "b", both), Answer(0, "c", alone)])
    looked = Linked((SHIP, QUAY), ())
    with_denial = relations.fit([Answer(0, "a", both), Answer(0, "b", both), Answer(0, "c", looked)])
    assert with_silent.relations[0][0].existence > with_denial.relations[0][0].existence


def test_relations_follow_spans_that_differ_a_little() -> None:
    near = Span(0, 5, "thing")
    given = [Linked((s, QUAY), (Relation(0, 1, "moors at"),)) for s in (SHIP, SHIP, near)]
    outcome = relations.fit(Answer(0, who, linked) for who, linked in enumerate(given))
    assert outcome.consensus[0] == given[0]
    assert outcome.relations[0][0].given_by == (0, 1, 2)


def test_two_relations_between_the_same_spans_are_kept() -> None:
    twice = Linked((SHIP, QUAY), (Relation(0, 1, "leaves"), Relation(0, 1, "moors at")))
    assert relations.fit(Answer(0, who, twice) for who in range(3)).consensus[0] == twice


def test_a_relation_needs_its_spans() -> None:
    with pytest.raises(AnswersError, match="not there"):
        Linked((SHIP,), (Relation(0, 1),))

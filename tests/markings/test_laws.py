"""The laws of the lattice, over both schemes that the rest of the program is tested with."""

from dataclasses import dataclass
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.markings import Action, MarkingError, Scheme

ACTIONS = get_args(Action)


def some(values, most=3):
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


@st.composite
def us_texts(draw):
    """Portions with every part at once, right or wrong."""
    level = draw(st.sampled_from(["U", "C", "S", "TS"]))
    nations = st.lists(
        st.sampled_from(["AUS", "GBR", "JPN", "FVEY", "NATO", "AFG"]), min_size=1, max_size=3, unique=True
    )
    release = draw(st.sampled_from(["", "NF", "REL", "REL/RELIDO", "RELIDO", "DISPLAY", "REL/DISPLAY"]))
    words = {
        "REL": f"REL TO USA, {', '.join(draw(nations))}",
        "DISPLAY": f"DISPLAY ONLY {', '.join(draw(nations))}",
    }
    controls = draw(some(["RS", "FOUO", "OC", "OC-USGOV", "IMC", "PR", "DSEN", "FISA"], 2))
    controls += [words.get(word, word) for word in release.split("/") if word]
    blocks = [
        draw(some(["HCS", "SI", "SI-G", "SI-G ABCD", "SI-G DEFG-MMM", "TK-BLFH", "KDK"])),
        draw(some(["SAR-BRASS HERON", "SAR-COPPER QUAY"], 2)),
        draw(some(["RD-SIGMA 14", "RD-CNWDI", "FRD"], 1)),
        draw(st.sampled_from([[], [], ["FGI"], ["FGI GBR"], ["FGI DEU NATO"]])),
        controls,
        draw(some(["LES", "SBU", "XD", "ND", "DS"], 2)),
    ]
    return f"({'//'.join([level, *('/'.join(tokens) for tokens in blocks if tokens)])})"


@st.composite
def corporate_texts(draw):
    level = draw(st.sampled_from(["PUBLIC", "I", "CONFIDENTIAL", "R"]))
    clause = st.lists(
        st.sampled_from(["HARBOUR", "LEGAL", "RELIEF", "X-1"]), min_size=1, max_size=3, unique=True
    )
    clauses = draw(st.lists(clause, max_size=3, unique_by=frozenset))
    names = draw(
        st.sampled_from([[], [], ["ONLY anna"], ["ONLY anna, bert"], ["ONLY bert, c.d"], ["ONLY NOBODY"]])
    )
    blocks = [
        draw(some(["PII", "PHI", "PCI"])),
        draw(some(["CASE 17", "CASE 9", "CASE A-4.2"])),
        [f"FOR {' OR '.join(circles)}" for circles in clauses],
        names,
        draw(some(["PRIVILEGED", "NO-EXPORT", "NT"])),
    ]
    return "//".join([level, *("/".join(tokens) for tokens in blocks if tokens)])


@st.composite
def us_clearances(draw):
    return {
        "level": draw(st.sampled_from(["U", "CONFIDENTIAL", "S", "TOP SECRET"])),
        "compartments": draw(
            some(["HCS", "SI", "SI-G ABCD", "SI-G DEFG-MMM", "TK-BLFH", "KDK", "SAR-BRASS HERON"], 7)
        ),
        "nations": draw(some(["USA", "GBR", "JPN", "AUS", "NATO"], 2)),
        "attributes": draw(some(["proprietary"])),
    }


@st.composite
def corporate_clearances(draw):
    return {
        "level": draw(st.sampled_from(["Public", "Internal", "Confidential", "Restricted"])),
        "compartments": draw(some(["PII", "PHI", "PCI", "CASE 17", "CASE 9", "CASE A-4.2"], 6)),
        "circles": draw(some(["HARBOUR", "LEGAL", "RELIEF", "X-1"], 4)),
        "name": draw(st.sampled_from([None, "anna", "bert", "c.d"])),
        "attributes": draw(some(["privileged"])),
    }


@dataclass(frozen=True)
class World:
    scheme: Scheme
    texts: st.SearchStrategy
    specs: st.SearchStrategy

    def marking(self, data):
        """A marking reachable by join: of the texts that can be read, one or two, joined; the lowest where there is none."""
        markings = []
        for text in data.draw(st.lists(self.texts, min_size=2, max_size=5)):
            try:
                markings.append(self.scheme.parse(text))
            except MarkingError:
                continue
        return self.scheme.join(markings[:2])

    def clearance(self, data):
        return self.scheme.clearance(data.draw(self.specs))


WORLDS = [
    World(Scheme.load("us-notional"), us_texts(), us_clearances()),
    World(Scheme.load("corporate"), corporate_texts(), corporate_clearances()),
]


@pytest.fixture(params=WORLDS, ids=lambda world: world.scheme.name, scope="module")
def world(request):
    return request.param


@given(data=st.data())
def test_join_is_associative_commutative_and_idempotent(world, data):
    a, b, c = (world.marking(data) for _ in range(3))
    assert (a | b) | c is a | (b | c)
    assert a | b is b | a
    assert a | a is a


@given(data=st.data())
def test_the_bottom_is_below_everything_and_changes_nothing(world, data):
    a = world.marking(data)
    assert world.scheme.bottom <= a
    assert world.scheme.bottom | a is a
    assert world.scheme.join([]) is world.scheme.bottom


@given(data=st.data())
def test_the_order_is_the_order_of_the_parts(world, data):
    """`<=` is defined by the join; here it is compared with the table of the algebra, part by part."""
    a, b = world.marking(data), world.marking(data)
    p, q = a.parts, b.parts
    ceilings = world.scheme.lexicon.ceilings
    by_parts = (
        p.level <= q.level
        and p.compartments <= q.compartments
        and (p.release is None or (q.release is not None and q.release <= p.release))
        and (p.display is None or (q.display is not None and q.display <= p.display))
        and all(any(stricter <= clause for stricter in q.audiences) for clause in p.audiences)
        and (p.named is None or (q.named is not None and q.named <= p.named))
        and {name for name in p.caveats if ceilings.get(name, q.level) >= q.level} <= q.caveats
        and (q.concealed or (not p.concealed and p.origins <= q.origins))
        and (p.relido or not q.relido)
        and (p.plain or not q.plain)
    )
    assert (a <= b) is by_parts
    assert (a <= b) is (a | b is b)
    assert a <= a | b
    assert b <= a | b


@given(data=st.data())
def test_the_order_is_antisymmetric_and_the_join_is_the_least_bound(world, data):
    a, b, c = (world.marking(data) for _ in range(3))
    if a <= b and b <= a:
        assert a is b
    if a <= c and b <= c:
        assert a | b <= c


@given(data=st.data())
def test_display_is_never_narrower_than_release(world, data):
    parts = world.marking(data).parts
    assert parts.display is None or (parts.release is not None and parts.release <= parts.display)


@given(data=st.data())
def test_a_join_is_permitted_exactly_where_both_are(world, data):
    a, b, reader = world.marking(data), world.marking(data), world.clearance(data)
    for action in ACTIONS:
        assert reader.permits(a | b, action) == (reader.permits(a, action) and reader.permits(b, action))


@given(data=st.data())
def test_more_restrictive_means_fewer_readers(world, data):
    a, b, reader = world.marking(data), world.marking(data), world.clearance(data)
    if a <= b:
        for action in ACTIONS:
            assert reader.permits(a, action) or not reader.permits(b, action)


@given(data=st.data())
def test_who_may_export_or_train_may_view(world, data):
    marking, reader = world.marking(data), world.clearance(data)
    for action in ACTIONS:
        assert reader.permits(marking) or not reader.permits(marking, action)


@given(data=st.data())
def test_a_clearance_under_a_ceiling_permits_what_both_permit_by_what_they_share(world, data):
    marking, c, d = world.marking(data), world.clearance(data), world.clearance(data)
    shared = all(clause & c.circles & d.circles for clause in marking.parts.audiences) and (
        marking.parts.named is None or c.name == d.name
    )
    for action in ACTIONS:
        both = c.permits(marking, action) and d.permits(marking, action)
        assert c.meet(d).permits(marking, action) == (both and shared)


@given(data=st.data())
def test_the_meet_of_clearances_is_a_meet(world, data):
    c, d, e = (world.clearance(data) for _ in range(3))
    assert c.meet(c) == c
    assert c.meet(d) == d.meet(c)
    assert c.meet(d).meet(e) == c.meet(d.meet(e))
    assert c.meet(d).meet(d) == c.meet(d)


@given(data=st.data())
def test_what_is_printed_reads_back(world, data):
    marking = world.marking(data)
    assert world.scheme.parse(str(marking)) is marking
    assert world.scheme.parse(marking.portion) is marking


@given(data=st.data())
def test_json_reads_back(world, data):
    marking = world.marking(data)
    assert world.scheme.from_json(marking.to_json()) is marking


@given(data=st.data())
def test_the_json_of_a_clearance_reads_back(world, data):
    clearance = world.clearance(data).meet(world.clearance(data))
    assert world.scheme.clearance(clearance.to_json()) == clearance


@given(data=st.data(), noise=st.text(max_size=6))
def test_any_text_is_a_marking_or_refused_within_it(world, data, noise):
    text = data.draw(world.texts)
    cut = data.draw(st.integers(0, len(text)))
    text = text[:cut] + noise + text[cut:]
    refusal = None
    try:
        marking = world.scheme.parse(text)
        assert world.scheme.parse(str(marking)) is marking
    except MarkingError as error:
        refusal = error
    if refusal:
        assert 0 <= refusal.position <= len(text)
        assert text[refusal.position :].startswith(refusal.found)
        assert refusal.expected

"""Equal markings are one object, whichever way they were made."""

import copy
import gc
import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from strongroom.markings import Scheme
from strongroom.markings.bounded import Bounded
from strongroom.markings.scheme import KEPT


@pytest.fixture(scope="module")
def us():
    return Scheme.load("us-notional")


def test_the_same_content_is_the_same_scheme(us):
    assert Scheme.load("us-notional") is us
    assert Scheme.load("corporate") is not us


def test_equal_markings_are_the_same_object(us):
    assert us.parse("(S//NF)") is us.parse("SECRET//NOFORN")
    assert us.parse("(S//REL TO USA, JPN)") | us.parse("(S)") is us.parse("(S//NF)")


def test_copies_and_pickles_are_the_same_object(us):
    marking = us.parse("(S//NF)")
    for twin in (copy.copy(marking), copy.deepcopy(marking), pickle.loads(pickle.dumps(marking))):
        assert twin is marking


def test_a_clearance_survives_pickling(us):
    clearance = us.clearance({"level": "S", "nations": ["USA"], "compartments": ["SI"]})
    assert clearance.permits(us.parse("(S//SI//NF)"))
    assert pickle.loads(pickle.dumps(clearance)) == clearance


def test_a_marking_does_not_change(us):
    with pytest.raises(AttributeError):
        us.bottom.parts = us.parse("(S)").parts
    with pytest.raises(AttributeError):
        del us.bottom.parts


def test_threads_that_parse_at_once_get_the_same_object(us):
    texts = [f"(S//SI-G {number}//NF)" for number in range(300)]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [us.parse(text) for text in texts], range(8)))
    for markings in zip(*rounds, strict=True):
        assert len({id(marking) for marking in markings}) == 1


def test_a_marking_that_nobody_holds_and_that_is_too_long_to_remember_is_forgotten():
    scheme = Scheme.load("corporate")
    before = len(scheme._interned)
    marking = scheme.parse("R//" + "/".join(f"CASE {number}" for number in range(KEPT + 1)))
    assert len(scheme._interned) == before + 1
    del marking
    gc.collect()
    assert len(scheme._interned) == before


def test_a_cache_empties_itself_at_its_limit():
    cache: Bounded[int, int] = Bounded(3)
    for number in range(4):
        assert cache.keep(number, number) == number
    assert cache == {3: 3}


def test_a_hundred_thousand_portions_are_parsed_and_joined_in_two_seconds(us):
    texts = [
        f"({level}//{system}//{release})"
        for level in ("C", "S", "TS")
        for system in ("SI", "TK", "SI-G ABCD", "HCS/SI")
        for release in ("NF", "REL TO USA, GBR", "REL TO USA, FVEY", "RELIDO", "OC/NF")
    ]
    portions = [texts[number % len(texts)] for number in range(100_000)]
    began = time.process_time()
    joined = us.bottom
    for portion in portions:
        joined = joined | us.parse(portion)
    assert time.process_time() - began < 2
    assert str(joined) == "TOP SECRET//HCS/SI-G ABCD/TK//ORCON/NOFORN"

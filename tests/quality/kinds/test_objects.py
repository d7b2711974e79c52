from __future__ import annotations

from math import pi, radians

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import Answer, boxes, oriented_boxes, polygons
from strongroom.quality.kinds.boxes import Box
from strongroom.quality.kinds.contour import rings
from strongroom.quality.kinds.matching import clusters
from strongroom.quality.kinds.oriented_boxes import OrientedBox
from strongroom.quality.kinds.polygons import Polygon


def scenes(
    seed: int, count: int, people: dict[str, dict[str, float]]
) -> tuple[dict[int, list[Box]], list[Answer]]:
    """Boxes on a wide image; what each of these people makes of them."""
    random = np.random.default_rng(seed)
    truth: dict[int, list[Box]] = {}
    answers = []
    for scene in range(count):
        corners = random.uniform(0, 2000, (6, 2))
        truth[scene] = [
            Box(x, y, x + 60, y + 40, str(random.choice(["car", "van"]))) for x, y in corners.tolist()
        ]
        for name, person in people.items():
            drawn = []
            for box in truth[scene]:
                if random.random() < person.get("misses", 0.0):
                    continue
                grow = person.get("loose", 0.0) * np.array([-60, -40, 60, 40])
                sides = np.array(box.sides) + grow + person.get("jitter", 0.02) * 50 * random.normal(size=4)
                swapped = {"car": "van", "van": "car"}[box.label]
                label = swapped if random.random() < person.get("mislabels", 0.0) else box.label
                drawn.append(Box(*sides.tolist(), label))
            for _ in range(random.poisson(person.get("inventions", 0.0))):
                x, y = random.uniform(3000, 5000, 2).tolist()
                drawn.append(Box(x, y, x + 60, y + 40, "car"))
            answers.append(Answer(scene, name, tuple(drawn)))
    return truth, answers


def mean_likeness(found: dict[int, tuple[Box, ...]], truth: dict[int, list[Box]]) -> float:
    return float(np.mean([boxes.likeness(found[s], [t]).max(initial=0.0) for s in truth for t in truth[s]]))


def test_two_marks_of_one_annotator_are_never_one_object() -> None:
    twins = (Box(0, 0, 100, 100, "crate"), Box(1, 0, 101, 100, "crate"))
    outcome = boxes.fit([Answer(0, who, twins) for who in range(3)])
    assert sorted(outcome.consensus[0], key=lambda box: box.sides) == list(twins)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=9),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.2, 0.4, 0.7]),
)
def test_clusters_hold_each_mark_once_and_each_owner_at_most_once(
    owner: list[int], seed: int, least: float
) -> None:
    half = np.random.default_rng(seed).uniform(0, 1, (len(owner), len(owner)))
    groups = clusters(owner, (half + half.T) / 2, least)
    assert sorted(mark for group in groups for mark in group) == list(range(len(owner)))
    assert all(len({owner[mark] for mark in group}) == len(group) for group in groups)


def test_what_one_of_five_invents_is_left_out_and_what_one_misses_is_there() -> None:
    real, made_up = Box(0, 0, 50, 50), Box(500, 500, 550, 550)
    given = [Answer(0, who, (real,)) for who in range(3)] + [Answer(0, 3, ()), Answer(0, 4, (real, made_up))]
    outcome = boxes.fit(given)
    assert outcome.consensus[0] == (real,)
    existence = {found.value: found.existence for found in outcome.found[0]}
    assert existence[real] > 0.9
    assert existence[made_up] < 0.3


def test_an_exact_annotator_counts_for_more_than_a_careless_one() -> None:
    people = {"exact": {"jitter": 0.01}, "careless 1": {"jitter": 0.12}, "careless 2": {"jitter": 0.12}}
    truth, answers = scenes(0, 30, people)
    averaged = {
        s: tuple(
            Box(*np.mean([a.value[k].sides for a in answers if a.item == s], axis=0).tolist())
            for k in range(6)
        )
        for s in truth
    }
    assert mean_likeness(boxes.fit(answers).consensus, truth) > mean_likeness(averaged, truth) + 0.05


def test_who_draws_loosely_is_corrected_where_others_have_shown_it() -> None:
    """The loose one draws a tenth wider on each side; on new scenes only they and one other look."""
    people = {"loose": {"loose": 0.1}, "a": {}, "b": {}, "c": {}}
    truth, answers = scenes(1, 30, people)
    kept = [a for a in answers if a.item < 20 or a.annotator in ("loose", "a")]
    found = boxes.fit(kept).consensus
    plain = {
        s: tuple(
            Box(*np.mean([a.value[k].sides for a in kept if a.item == s], axis=0).tolist()) for k in range(6)
        )
        for s in range(20, 30)
    }
    new = {s: truth[s] for s in range(20, 30)}
    assert mean_likeness(found, new) > mean_likeness(plain, new) + 0.02


def test_a_slip_of_the_mouse_moves_a_box_less_than_it_moves_the_average() -> None:
    people = {name: {"jitter": 0.03} for name in "abcde"}
    _, answers = scenes(2, 20, people)
    slipped = Box(0, 0, 60, 40, "car")
    far = Box(0, 0, 90, 40, "car")
    given = [Answer("slip", name, (far if name == "a" else slipped,)) for name in people]
    right = boxes.fit(answers + given).consensus["slip"][0].right
    assert right < 62.0


def test_labels_are_decided_by_who_is_known_to_get_them_right() -> None:
    people = {"good 1": {}, "good 2": {}} | {f"bad {k}": {"mislabels": 0.42} for k in range(3)}
    truth, answers = scenes(3, 40, people)
    outcome = boxes.fit(answers)
    right = votes = 0
    for s, there in truth.items():
        alike = boxes.likeness(outcome.consensus[s], there)
        right += sum(
            box.label == there[int(row.argmax())].label
            for box, row in zip(outcome.consensus[s], alike, strict=True)
        )
        said = [a.value for a in answers if a.item == s]
        votes += sum(sum(v[k].label == there[k].label for v in said) >= 3 for k in range(6))
    assert right >= 0.97 * 240 > votes


def test_existence_is_calibrated() -> None:
    people = {f"p{k}": {"misses": 0.05 + 0.07 * k, "inventions": 0.3 * k} for k in range(5)}
    truth, answers = scenes(4, 60, people)
    outcome = boxes.fit(answers)
    sure = [
        (found.existence, bool(boxes.likeness([found.value], truth[s]).max() > 0.5))
        for s in truth
        for found in outcome.found[s]
    ]
    said, is_there = np.array([p for p, _ in sure]), np.array([t for _, t in sure])
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        inside = (said >= low) & (said < high)
        if inside.sum() >= 20:
            assert abs(said[inside].mean() - is_there[inside].mean()) < 0.15
    assert ((said - is_there) ** 2).mean() < 0.05


def test_a_box_without_area_is_refused() -> None:
    with pytest.raises(AnswersError, match="no area"):
        Box(3, 0, 3, 5)


def test_angles_either_side_of_half_a_turn_meet_between() -> None:
    box = OrientedBox(50, 50, 40, 10, radians(178), "hull")
    turned = OrientedBox(50, 50, 40, 10, radians(2), "hull")
    found = oriented_boxes.fit([Answer(0, "a", (box,)), Answer(0, "b", (turned,))]).consensus[0][0]
    assert min(found.angle % pi, pi - found.angle % pi) == pytest.approx(0.0, abs=radians(0.1))
    assert (found.width, found.height) == (40, 10)


def test_a_rectangle_is_the_same_in_each_way_of_writing_it() -> None:
    written = [
        OrientedBox(50, 50, 40, 10, 0.3),
        OrientedBox(50, 50, 10, 40, 0.3 + pi / 2),
        OrientedBox(50, 50, 40, 10, 0.3 - pi),
    ]
    assert oriented_boxes.likeness(written, written) == pytest.approx(np.ones((3, 3)))
    found = oriented_boxes.fit([Answer(0, who, (box,)) for who, box in enumerate(written)]).consensus[0][0]
    assert oriented_boxes.likeness([found], written) == pytest.approx(np.ones((1, 3)))


@given(st.tuples(*[st.floats(1, 50)] * 4), st.tuples(*[st.floats(1, 50)] * 4))
def test_boxes_that_are_not_turned_are_as_alike_as_boxes(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    plain = [Box(x, y, x + w, y + h) for x, y, w, h in (a, b)]
    turned = [OrientedBox(x + w / 2, y + h / 2, w, h, 0.0) for x, y, w, h in (a, b)]
    assert oriented_boxes.likeness(turned, turned) == pytest.approx(boxes.likeness(plain, plain), abs=1e-9)


def test_the_outline_of_a_majority_is_the_majority() -> None:
    square = Polygon(((0, 0), (100, 0), (100, 100), (0, 100)), "roof")
    shifted = Polygon(((30, 0), (130, 0), (130, 100), (30, 100)), "roof")
    given = [Answer(0, "a", (square,)), Answer(0, "b", (square,)), Answer(0, "c", (shifted,))]
    found = polygons.fit(given).consensus[0]
    assert polygons.likeness(found, [square])[0, 0] > 0.97


def test_the_same_outline_from_another_corner_and_the_other_way_round_is_the_same() -> None:
    corners = ((0.0, 0.0), (9.0, 1.0), (8.0, 7.0), (1.0, 6.0))
    assert Polygon(corners).ring == Polygon(corners[2:] + corners[:2]).ring == Polygon(corners[::-1]).ring


def test_a_contour_goes_round_the_region_and_leaves_holes_out() -> None:
    x = y = np.arange(-10.0, 10.25, 0.25)
    far = np.hypot(*np.meshgrid(x, y))
    disc = rings(x, y, far - 6.0)
    ring = rings(x, y, np.abs(far - 5.0) - 2.0)
    assert len(disc) == len(ring) == 1
    assert np.hypot(*disc[0].T) == pytest.approx(6.0, abs=0.1)
    assert np.hypot(*ring[0].T) == pytest.approx(7.0, abs=0.1)


def test_of_two_regions_the_larger_contour_comes_first() -> None:
    x = y = np.arange(-10.0, 10.25, 0.25)
    across, down = np.meshgrid(x, y)
    field = np.minimum(np.hypot(across + 5, down) - 2, np.hypot(across - 4, down) - 4)
    assert [ring.mean(axis=0)[0] > 0 for ring in rings(x, y, field)] == [True, False]

"""One crowd for every kind: what an answer is made of, so that the laws can be asked of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
import pytest

from strongroom.quality.kinds import (
    Answer,
    Outcome,
    boxes,
    masks,
    numbers,
    oriented_boxes,
    polygons,
    rankings,
    relations,
    spans,
    text,
)

LABELS = ("crane", "ship", "quay")
Random = np.random.Generator


@dataclass(frozen=True)
class Kind:
    """`truth` draws what is there; `seen` is a careful annotator's answer to it; `plain` makes answers comparable with ==.

    `empty` is the answer of one who found nothing, None where the kind has no such thing. `shuffled` gives the same answer with
    its objects in another order.
    """

    name: str
    fit: Callable[[list[Answer[Any]]], Outcome[Any]]
    truth: Callable[[Random], Any]
    seen: Callable[[Random, Any], Any]
    plain: Callable[[Any], Any]
    empty: Any = None
    shuffled: Callable[[Random, Any], Any] = lambda random, value: value

    def guess(self, random: Random) -> Any:
        """The answer of one who did not look."""
        return self.truth(random)


def as_set(value: Any) -> Any:
    return sorted(value, key=repr)


def reordered(random: Random, value: Any) -> Any:
    return tuple(value[k] for k in random.permutation(len(value)))


def some_spans(random: Random) -> tuple[spans.Span, ...]:
    cuts = np.sort(random.choice(np.arange(1, 400), 8, replace=False)).tolist()
    return tuple(
        spans.Span(start, end, str(random.choice(LABELS)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=True)
    )


def seen_spans(random: Random, truth: tuple[spans.Span, ...]) -> tuple[spans.Span, ...]:
    return tuple(span for span in truth if random.random() > 0.1)


def some_boxes(random: Random) -> tuple[boxes.Box, ...]:
    corners = [(150 * k + random.uniform(0, 40), random.uniform(0, 900)) for k in range(5)]
    return tuple(
        boxes.Box(x, y, x + random.uniform(30, 80), y + random.uniform(30, 80), str(random.choice(LABELS)))
        for x, y in corners
    )


def seen_boxes(random: Random, truth: tuple[boxes.Box, ...]) -> tuple[boxes.Box, ...]:
    return tuple(
        boxes.Box(*(np.array(box.sides) + random.normal(0, 1.5, 4)).tolist(), box.label)
        for box in truth
        if random.random() > 0.1
    )


def some_oriented(random: Random) -> tuple[oriented_boxes.OrientedBox, ...]:
    return tuple(
        oriented_boxes.OrientedBox(
            150 * k + random.uniform(0, 40),
            random.uniform(0, 900),
            random.uniform(40, 80),
            random.uniform(20, 35),
            random.uniform(0, pi),
            str(random.choice(LABELS)),
        )
        for k in range(5)
    )


def seen_oriented(random: Random, truth: tuple[oriented_boxes.OrientedBox, ...]) -> Any:
    return tuple(
        oriented_boxes.OrientedBox(
            box.x + random.normal(0, 1),
            box.y + random.normal(0, 1),
            box.width + random.normal(0, 1),
            box.height + random.normal(0, 1),
            box.angle + random.normal(0, 0.03),
            box.label,
        )
        for box in truth
        if random.random() > 0.1
    )


def blob(random: Random, x: float, y: float, label: str, wobble: float) -> polygons.Polygon:
    around = np.linspace(0, 2 * pi, 12, endpoint=False)
    radius = 40 * (1 + wobble * random.normal(size=12))
    points = np.column_stack([x + radius * np.cos(around), y + radius * np.sin(around)])
    return polygons.Polygon(tuple((px, py) for px, py in points.tolist()), label)


def some_polygons(random: Random) -> tuple[polygons.Polygon, ...]:
    return tuple(
        blob(
            random, 200.0 * k + random.uniform(0, 60), random.uniform(0, 900), str(random.choice(LABELS)), 0.0
        )
        for k in range(3)
    )


def seen_polygons(random: Random, truth: tuple[polygons.Polygon, ...]) -> tuple[polygons.Polygon, ...]:
    middles = [(shape.corners.mean(axis=0).tolist(), shape.label) for shape in truth]
    return tuple(blob(random, x, y, label, 0.05) for (x, y), label in middles if random.random() > 0.1)


def some_mask(random: Random) -> Any:
    mask = np.zeros((30, 40), dtype=np.int64)
    for label in (1, 2):
        row, column = random.integers(0, 18), random.integers(0, 28)
        mask[row : row + 12, column : column + 12] = label
    return mask


def seen_mask(random: Random, truth: Any) -> Any:
    shift = random.integers(-1, 2, 2)
    return np.roll(truth, shift, axis=(0, 1))


def some_linked(random: Random) -> relations.Linked:
    found = some_spans(random)
    ends = [(0, 1), (1, 2), (2, 3), (3, 0)]
    links = tuple(
        relations.Relation(head, tail, str(random.choice(("moors at", "loads"))))
        for head, tail in ends
        if random.random() < 0.7
    )
    return relations.Linked(found, links)


def seen_linked(random: Random, truth: relations.Linked) -> relations.Linked:
    return relations.Linked(truth.spans, tuple(r for r in truth.relations if random.random() > 0.1))


def shuffled_linked(random: Random, linked: relations.Linked) -> relations.Linked:
    order = random.permutation(len(linked.spans)).tolist()
    moved = {old: new for new, old in enumerate(order)}
    links = [relations.Relation(moved[r.head], moved[r.tail], r.label) for r in linked.relations]
    return relations.Linked(tuple(linked.spans[k] for k in order), reordered(random, links))


def plain_linked(linked: relations.Linked) -> Any:
    at = linked.spans
    return sorted(at), sorted((at[r.head], at[r.tail], r.label) for r in linked.relations)


def some_ranking(random: Random) -> rankings.Ranking:
    names = [f"draft {k}" for k in random.permutation(5)]
    cuts = sorted(random.choice(np.arange(1, 5), 3, replace=False).tolist())
    return tuple(tuple(names[a:b]) for a, b in zip([0, *cuts], [*cuts, 5], strict=True))


def seen_ranking(random: Random, truth: rankings.Ranking) -> rankings.Ranking:
    """Two neighbouring tiers change places now and then."""
    tiers = list(truth)
    if random.random() < 0.3:
        k = int(random.integers(len(tiers) - 1))
        tiers[k], tiers[k + 1] = tiers[k + 1], tiers[k]
    return tuple(tiers)


WORDS = (
    "the",
    "pilot",
    "boards",
    "at",
    "dawn",
    "off",
    "northern",
    "light",
    "and",
    "waits",
    "for",
    "slack",
    "water",
)


def some_text(random: Random) -> str:
    return " ".join(random.choice(WORDS, 12).tolist())


def seen_text(random: Random, truth: str) -> str:
    return " ".join(word if random.random() > 0.1 else "um" for word in truth.split())


KINDS = (
    Kind("spans", spans.fit, some_spans, seen_spans, as_set, (), reordered),
    Kind("boxes", boxes.fit, some_boxes, seen_boxes, as_set, (), reordered),
    Kind("oriented boxes", oriented_boxes.fit, some_oriented, seen_oriented, as_set, (), reordered),
    Kind("polygons", polygons.fit, some_polygons, seen_polygons, as_set, (), reordered),
    Kind(
        "masks",
        masks.fit,
        some_mask,
        seen_mask,
        lambda mask: mask.tolist(),
        np.zeros((30, 40), dtype=np.int64),
    ),
    Kind(
        "relations",
        relations.fit,
        some_linked,
        seen_linked,
        plain_linked,
        relations.Linked((), ()),
        shuffled_linked,
    ),
    Kind(
        "rankings",
        rankings.fit,
        some_ranking,
        seen_ranking,
        lambda ranking: [sorted(tier) for tier in ranking],
        (),
        lambda random, ranking: tuple(reordered(random, tier) for tier in ranking),
    ),
    Kind("numbers", numbers.fit, lambda r: r.normal(0, 10), lambda r, t: t + r.normal(0, 1.5), float),
    Kind("texts by ROVER", text.rover, some_text, seen_text, str, ""),
    Kind("texts by medoid", text.medoid, some_text, seen_text, str, ""),
)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture(params=[kind for kind in KINDS if kind.empty is not None], ids=lambda kind: kind.name)
def kind_with_empty(request: pytest.FixtureRequest) -> Kind:
    """The kinds in which somebody can find nothing."""
    return request.param

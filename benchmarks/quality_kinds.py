"""Consensus on spans, texts, boxes, outlines, masks, preferences and numbers beside simple baselines and crowd-kit.

    python benchmarks/quality_kinds.py [--ours] [KIND …]

KIND: spans text boxes oriented polygons masks preferences numbers; all of them when none is named. Public answers are read from
`../shared/data` (or STRONGROOM_DATA), whose folders say where they come from; the rest is simulated from seeds. crowd-kit is
installed from PyPI into `.cache/crowd-kit` on first use and runs as a program of its own; `--ours` leaves it out.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strongroom.quality.kinds import (
    Answer,
    boxes,
    masks,
    numbers,
    oriented_boxes,
    polygons,
    rankings,
    spans,
    text,
)
from strongroom.quality.kinds.boxes import Box
from strongroom.quality.kinds.matching import clusters, pairs
from strongroom.quality.kinds.objects import Objects
from strongroom.quality.kinds.oriented_boxes import OrientedBox
from strongroom.quality.kinds.polygons import Polygon
from strongroom.quality.kinds.spans import Span

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("STRONGROOM_DATA", ROOT.parent / "shared/data"))
PEER = ROOT / ".cache/crowd-kit"
PEER_VERSION = "1.4.2"

Floats = NDArray[np.float64]
Random = np.random.Generator
LABELS = ("car", "person", "bicycle", "sign")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="KIND")
    parser.add_argument("--ours", action="store_true", help="without crowd-kit")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        json.dump(PEERS[options.peer](json.load(sys.stdin)), sys.stdout)
        return
    for kind in options.kinds or KINDS:
        print(f"\n{kind}\n{'-' * len(kind)}", flush=True)
        KINDS[kind](not options.ours)


# --- spans -----------------------------------------------------------------------------------------------------------


def measure_spans(with_peer: bool) -> None:
    """Rodrigues et al.'s crowd on CoNLL-2003, the 199 documents of the validation part that somebody answered; a unit is a
    token."""
    folder = "CoNLL_crowd_val"
    given: dict[tuple[str, str], list[Span]] = {
        (r["task"], r["worker"]): [] for r in rows(folder, "assignments")
    }
    for row in rows(folder, "answers"):
        given[row["task"], row["worker"]].append(Span(int(row["start"]), int(row["end"]), row["label"]))
    gold: dict[Hashable, set[Span]] = {task: set() for task, _ in given}
    for row in rows(folder, "gold"):
        if row["task"] in gold:
            gold[row["task"]].add(Span(int(row["start"]), int(row["end"]), row["label"]))
    lengths = {row["task"]: int(row["tokens"]) for row in rows(folder, "tasks")}
    answers = [Answer(task, worker, tuple(marked)) for (task, worker), marked in given.items()]
    of_task: dict[Hashable, list[tuple[Span, ...]]] = defaultdict(list)
    for answer in answers:
        of_task[answer.item].append(answer.value)

    single = [span_f1([(set(a.value), gold[a.item])]) for a in answers if a.value or gold[a.item]]
    pooled = span_f1([(set(a.value), gold[a.item]) for a in answers])
    line("a single annotator", F1=pooled[2], F1_mean_of_documents=float(np.mean([f[2] for f in single])))
    report_spans("more than half drew exactly it", gold, {t: voted(s, 0.5) for t, s in of_task.items()})
    report_spans("more than .3 drew exactly it", gold, {t: voted(s, 0.3) for t, s in of_task.items()})
    tokens = {t: token_majority(s, lengths[str(t)]) for t, s in of_task.items()}
    report_spans("majority of tokens", gold, tokens)
    started = time.perf_counter()
    outcome = spans.fit(answers)
    seconds = time.perf_counter() - started
    report_spans("ours", gold, {t: set(s) for t, s in outcome.consensus.items()}, seconds)
    lower = spans.fit(answers, least_confidence=0.3)
    report_spans("ours, least confidence .3", gold, {t: set(s) for t, s in lower.consensus.items()})
    sure = [(f.confidence, f.value in gold[t]) for t, found in outcome.found.items() for f in found]
    line("ours, confidence", ECE=calibration_error(sure), Brier=brier(sure))
    truly = {
        worker: span_f1([(set(a.value), gold[a.item]) for a in answers if a.annotator == worker])[2]
        for worker in outcome.reliability
    }
    line("ours, reliability against gold", correlation=correlation(outcome.reliability, truly))


def report_spans(
    name: str,
    gold: Mapping[Hashable, set[Span]],
    found: Mapping[Hashable, set[Span]],
    seconds: float | None = None,
) -> None:
    precision, recall, f1 = span_f1([(found.get(task, set()), truth) for task, truth in gold.items()])
    line(name, F1=f1, precision=precision, recall=recall, seconds=seconds)


def span_f1(cases: Iterable[tuple[set[Span], set[Span]]]) -> tuple[float, float, float]:
    listed = list(cases)
    right = sum(len(found & truth) for found, truth in listed)
    marked, there = sum(len(found) for found, _ in listed), sum(len(truth) for _, truth in listed)
    return right / max(marked, 1), right / max(there, 1), 2 * right / max(marked + there, 1)


def voted(given: Sequence[tuple[Span, ...]], share: float) -> set[Span]:
    counts = Counter(span for marked in given for span in set(marked))
    return {span for span, count in counts.items() if count / len(given) > share}


def token_majority(given: Sequence[tuple[Span, ...]], length: int) -> set[Span]:
    """The most frequent of B-label, I-label and O for each token, read as spans."""
    votes = [Counter[tuple[str, str]]() for _ in range(length)]
    for marked in given:
        tags = [("O", "")] * length
        for span in marked:
            tags[span.start : span.end] = [("B", span.label)] + [("I", span.label)] * (
                span.end - span.start - 1
            )
        for place, tag in enumerate(tags):
            votes[place][tag] += 1
    best = [max(sorted(count), key=count.__getitem__) for count in votes]
    found, start = set(), None
    for place, (tag, label) in enumerate([*best, ("O", "")]):
        if start is not None and (tag, label) != ("I", best[start][1]):
            found.add(Span(start, place, best[start][1]))
            start = None
        if tag != "O" and start is None:
            start = place
    return found


# --- text ------------------------------------------------------------------------------------------------------------


def measure_text(with_peer: bool) -> None:
    for folder, count in (("CrowdSpeech_test-clean", 150), ("CrowdWSA_T1", 100)):
        gold = {row["task"]: normal(row["label"]) for row in rows(folder, "gold")[:count]}
        answers = [
            Answer(row["task"], row["worker"], normal(row["label"]))
            for row in rows(folder, "answers")
            if row["task"] in gold
        ]
        print(f"{folder}, the first {len(gold)}: {len(answers)} answers")
        singles = [(a.value, gold[a.item]) for a in answers]
        line("a single annotator", WER=word_error_rate(singles))
        nearest = {
            t: min((a.value for a in answers if a.item == t), key=lambda s: errors(s, g))
            for t, g in gold.items()
        }
        line(
            "the best answer of each (needs gold)",
            WER=word_error_rate((nearest[t], g) for t, g in gold.items()),
        )
        for name, fit in (("ours, medoid", text.medoid), ("ours, ROVER", text.rover)):
            started = time.perf_counter()
            outcome = fit(answers)
            seconds = time.perf_counter() - started
            said = [(normal(outcome.consensus[t]), g) for t, g in gold.items()]
            line(name, WER=word_error_rate(said), seconds=seconds)
        if with_peer:
            reply = ask_peer("text", [[a.item, a.annotator, a.value] for a in answers])
            said = [(normal(reply["texts"].get(t, "")), g) for t, g in gold.items()]
            line("crowd-kit, ROVER", WER=word_error_rate(said), seconds=reply["seconds"])


def normal(written: str) -> str:
    return " ".join(re.sub(r"[^\w' ]", " ", written.lower()).split())


def errors(said: str, truth: str) -> int:
    return text.edit_distance(said.split(), truth.split())


def word_error_rate(cases: Iterable[tuple[str, str]]) -> float:
    listed = list(cases)
    return sum(errors(said, truth) for said, truth in listed) / sum(len(truth.split()) for _, truth in listed)


def peer_text(answers: list[list[str]]) -> dict[str, Any]:
    import pandas as pd
    from crowdkit.aggregation import ROVER

    table = pd.DataFrame(answers, columns=["task", "worker", "text"])
    started = time.perf_counter()
    model = ROVER(tokenizer=lambda s: s.split(" "), detokenizer=lambda words: " ".join(words))
    texts = model.fit_predict(table)
    return {"texts": texts.to_dict(), "seconds": time.perf_counter() - started}


# --- objects ---------------------------------------------------------------------------------------------------------


def measure_boxes(with_peer: bool) -> None:
    """Scenes of 3 to 14 boxes of four labels; twelve annotators, five a scene, each with misses, inventions, mislabelling,
    jitter and a bias for each side of their own; one side in 25 slips."""
    report_objects(box_world, boxes.likeness, boxes.fit, plain_boxes, seeds=range(8))


def measure_oriented(with_peer: bool) -> None:
    """The same with boxes turned by any angle, written by the annotators in any of their four ways."""
    report_objects(
        oriented_world, oriented_boxes.likeness, oriented_boxes.fit, plain_oriented, seeds=range(3)
    )


def measure_polygons(with_peer: bool) -> None:
    """Three-lobed outlines of 60 points, drawn with 10 to 24 points, moved and jittered by each annotator's own share."""
    report_objects(polygon_world, polygons.likeness, polygons.fit, None, seeds=range(2))


Likeness = Callable[[Sequence[Any], Sequence[Any]], Floats]
World = tuple[dict[int, list[Any]], list[Answer[tuple[Any, ...]]]]


def report_objects(
    world: Callable[[int], World],
    likeness: Likeness,
    fit: Callable[[list[Answer[tuple[Any, ...]]]], Objects[Any]],
    plain: Callable[[list[Answer[tuple[Any, ...]]]], dict[Hashable, list[Any]]] | None,
    seeds: Iterable[int],
) -> None:
    scores: dict[str, list[dict[str, float]]] = defaultdict(list)
    sure: list[tuple[float, bool]] = []
    correlations = []
    for seed in seeds:
        truth, answers = world(seed)
        singles = {(a.item, a.annotator): a.value for a in answers}
        scores["a single annotator"].append(
            detection([(singles[key], truth[key[0]]) for key in singles], likeness)
        )
        if plain is not None:
            found = plain(answers)
            scores["plain averaging"].append(detection([(found[s], t) for s, t in truth.items()], likeness))
        started = time.perf_counter()
        outcome = fit(answers)
        seconds = time.perf_counter() - started
        ours = detection([(outcome.consensus[s], t) for s, t in truth.items()], likeness)
        scores["ours"].append({**ours, "seconds": seconds})
        for scene, there in truth.items():
            candidates = outcome.found[scene]
            hit = (
                {i for i, _ in pairs(likeness([c.value for c in candidates], there), 0.5)}
                if candidates
                else set()
            )
            sure += [(c.existence, i in hit) for i, c in enumerate(candidates)]
        truly = {
            who: detection([(a.value, truth[a.item]) for a in answers if a.annotator == who], likeness)[
                "F1_at_50"
            ]
            for who in outcome.reliability
        }
        correlations.append(correlation(outcome.reliability, truly))
    for name, of_seeds in scores.items():
        line(name, **{figure: float(np.mean([s[figure] for s in of_seeds])) for figure in of_seeds[0]})
    line("ours, existence", ECE=calibration_error(sure), Brier=brier(sure))
    line("ours, reliability against truth", correlation=float(np.mean(correlations)))


def detection(cases: Iterable[tuple[Sequence[Any], Sequence[Any]]], likeness: Likeness) -> dict[str, float]:
    """Mean intersection over union of what is matched at .5, and F1 (labels must be right) at .5 and .75."""
    matched: list[float] = []
    hits, total = {0.5: 0, 0.75: 0}, 0
    for found, truth in cases:
        total += len(found) + len(truth)
        if not found or not truth:
            continue
        alike = likeness(list(found), list(truth))
        for i, j in pairs(alike, 0.5):
            matched.append(float(alike[i, j]))
            for least in hits:
                hits[least] += bool(alike[i, j] >= least and found[i].label == truth[j].label)
    return {
        "IoU": float(np.mean(matched)),
        "F1_at_50": 2 * hits[0.5] / total,
        "F1_at_75": 2 * hits[0.75] / total,
    }


def people(random: Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "jitter": random.uniform(0.02, 0.12),
            "bias": random.normal(0, 0.03, 4),
            "misses": random.uniform(0.05, 0.35),
            "inventions": random.uniform(0.1, 1.5),
            "mislabels": random.uniform(0.03, 0.3),
        }
        for _ in range(count)
    ]


def world_of(
    seed: int,
    draw: Callable[[Random], Any],
    redraw: Callable[[Random, Any, dict[str, Any]], Any],
    scenes: int,
) -> World:
    """`draw` makes an object somewhere, `redraw` what a person makes of it (None where it comes to nothing)."""
    random = np.random.default_rng(seed)
    crew = people(random, 12)
    truth: dict[int, list[Any]] = {}
    answers = []
    for scene in range(scenes):
        truth[scene] = [draw(random) for _ in range(random.integers(3, 15))]
        for who in random.choice(12, 5, replace=False).tolist():
            person = crew[who]
            drawn = [
                redraw(random, thing, person) for thing in truth[scene] if random.random() > person["misses"]
            ]
            drawn += [draw(random) for _ in range(random.poisson(person["inventions"]))]
            answers.append(Answer(scene, who, tuple(d for d in drawn if d is not None)))
    return truth, answers


def label_of(random: Random, label: str, person: dict[str, Any]) -> str:
    return label if random.random() > person["mislabels"] else str(random.choice(LABELS))


def sizes(random: Random) -> tuple[float, float]:
    width, height = np.exp(random.normal(4.3, 0.6, 2)).tolist()
    return min(width, 400.0), min(height, 400.0)


def box_world(seed: int) -> World:
    def draw(random: Random) -> Box:
        width, height = sizes(random)
        x, y = random.uniform(0, 1000 - width), random.uniform(0, 1000 - height)
        return Box(x, y, x + width, y + height, str(random.choice(LABELS)))

    def redraw(random: Random, box: Box, person: dict[str, Any]) -> Box | None:
        scale = np.tile([box.right - box.left, box.bottom - box.top], 2)
        sides = np.array(box.sides) + scale * (person["bias"] + person["jitter"] * random.normal(size=4))
        if random.random() < 0.04:
            sides[random.integers(4)] += 0.3 * scale[0] * random.normal()
        left, top, right, bottom = sides.tolist()
        return (
            Box(left, top, right, bottom, label_of(random, box.label, person))
            if left < right and top < bottom
            else None
        )

    return world_of(seed, draw, redraw, scenes=60)


def plain_boxes(answers: list[Answer[tuple[Box, ...]]]) -> dict[Hashable, list[Box]]:
    """What more than half of a scene's annotators drew, coordinates averaged, the most frequent label."""

    def average(group: list[Box]) -> Box:
        left, top, right, bottom = np.mean([box.sides for box in group], axis=0).tolist()
        return Box(left, top, right, bottom, Counter(box.label for box in group).most_common(1)[0][0])

    return plainly(answers, boxes.likeness, average)


def plainly(
    answers: list[Answer[tuple[Any, ...]]], likeness: Likeness, average: Callable[[list[Any]], Any]
) -> dict[Hashable, list[Any]]:
    of_scene: dict[Hashable, list[tuple[Any, ...]]] = defaultdict(list)
    for answer in answers:
        of_scene[answer.item].append(answer.value)
    found: dict[Hashable, list[Any]] = {}
    for scene, given in of_scene.items():
        marks = [(who, shape) for who, shapes in enumerate(given) for shape in shapes]
        shapes = [shape for _, shape in marks]
        groups = clusters([who for who, _ in marks], likeness(shapes, shapes), 0.4) if marks else []
        found[scene] = [
            average([shapes[k] for k in group]) for group in groups if 2 * len(group) > len(given)
        ]
    return found


def oriented_world(seed: int) -> World:
    def draw(random: Random) -> OrientedBox:
        width, height = sizes(random)
        x, y, angle = random.uniform(0, 1000), random.uniform(0, 1000), random.uniform(0, pi)
        return OrientedBox(x, y, width, height, angle, str(random.choice(LABELS)))

    def redraw(random: Random, box: OrientedBox, person: dict[str, Any]) -> OrientedBox:
        error = person["bias"] + person["jitter"] * random.normal(size=4)
        scale = np.array([box.width, box.height, box.width, box.height])
        x, y, width, height = (np.array(box.figures[:4]) + 0.7 * scale * error).tolist()
        angle = box.angle + person["jitter"] * random.normal()
        if random.random() < 0.5:
            width, height, angle = height, width, angle + pi / 2
        if random.random() < 0.5:
            angle -= pi
        return OrientedBox(x, y, abs(width), abs(height), angle, label_of(random, box.label, person))

    return world_of(seed, draw, redraw, scenes=25)


def plain_oriented(answers: list[Answer[tuple[OrientedBox, ...]]]) -> dict[Hashable, list[OrientedBox]]:
    """As for boxes, the angle averaged as if its ways of writing didn't matter, once width is the longer side."""

    def long_side_first(box: OrientedBox) -> tuple[float, ...]:
        x, y, width, height, angle = box.figures
        if width < height:
            width, height, angle = height, width, angle + pi / 2
        return x, y, width, height, angle % pi

    def average(group: list[OrientedBox]) -> OrientedBox:
        x, y, width, height, angle = np.mean([long_side_first(box) for box in group], axis=0).tolist()
        return OrientedBox(x, y, width, height, angle, Counter(b.label for b in group).most_common(1)[0][0])

    return plainly(answers, oriented_boxes.likeness, average)


def polygon_world(seed: int) -> World:
    def outline(x: float, y: float, radius: float, turn: float, points: int) -> Floats:
        around = np.linspace(0, 2 * pi, points, endpoint=False)
        reach = radius * (1 + 0.25 * np.cos(3 * around + turn))
        return np.column_stack([x + reach * np.cos(around), y + reach * np.sin(around)])

    shapes: dict[Polygon, tuple[float, float, float, float]] = {}

    def draw(random: Random) -> Polygon:
        shape = (
            float(random.uniform(80, 920)),
            float(random.uniform(80, 920)),
            float(random.uniform(20, 80)),
            float(random.uniform(0, 6)),
        )
        polygon = Polygon(tuple(map(tuple, outline(*shape, 60).tolist())), str(random.choice(LABELS)))
        shapes[polygon] = shape
        return polygon

    def redraw(random: Random, polygon: Polygon, person: dict[str, Any]) -> Polygon:
        x, y, radius, turn = shapes[polygon]
        points = outline(x, y, radius, turn, int(random.integers(10, 25)))
        points += radius * person["jitter"] * (random.normal(size=points.shape) + 0.5 * random.normal(size=2))
        return Polygon(tuple(map(tuple, points.tolist())), label_of(random, polygon.label, person))

    return world_of(seed, draw, redraw, scenes=12)


# --- masks -----------------------------------------------------------------------------------------------------------


def measure_masks(with_peer: bool) -> None:
    """Two-lobed discs on 64 × 64 pixels; eight annotators, five an image, who draw too large or too small by a share of their own
    and with a frayed edge; one of them draws a disc anywhere."""
    random = np.random.default_rng(0)
    large = random.uniform(-0.25, 0.25, 8)
    fray = random.uniform(0.02, 0.2, 8)
    truth, answers = {}, []
    for image in range(40):
        x, y, radius, turn = (
            random.uniform(20, 44),
            random.uniform(20, 44),
            random.uniform(8, 15),
            random.uniform(0, 3),
        )
        truth[image] = disc(x, y, radius, turn, np.zeros(64))
        for who in random.choice(8, 5, replace=False).tolist():
            place = random.uniform(10, 54, 2).tolist() if who == 0 else [x, y]
            frayed = np.convolve(random.normal(0, fray[who] * 3, 66), np.ones(3) / 3, "valid")
            answers.append(Answer(image, who, disc(*place, radius * (1 + large[who]), turn, frayed)))
    line("a single annotator", Dice=float(np.mean([dice(a.value, truth[a.item]) for a in answers])))
    votes = {i: np.mean([a.value for a in answers if a.item == i], axis=0) > 0.5 for i in truth}
    line("majority of pixels", Dice=float(np.mean([dice(votes[i], t) for i, t in truth.items()])))
    started = time.perf_counter()
    outcome = masks.fit(answers)
    seconds = time.perf_counter() - started
    line(
        "ours (STAPLE)",
        Dice=float(np.mean([dice(outcome.consensus[i], t) for i, t in truth.items()])),
        seconds=seconds,
    )
    truly = {
        w: float(np.mean([dice(a.value, truth[a.item]) for a in answers if a.annotator == w]))
        for w in range(8)
    }
    line("ours, reliability against truth", correlation=correlation(outcome.reliability, truly))
    disputed = {i: np.ptp([a.value for a in answers if a.item == i], axis=0) > 0 for i in truth}
    sure = [
        (float(p), bool(right))
        for i, t in truth.items()
        for p, right in zip(
            outcome.confidence[i][disputed[i]], (outcome.consensus[i] == t)[disputed[i]], strict=True
        )
    ]
    line(
        "ours, confidence of disputed pixels",
        ECE=calibration_error(sure),
        mean=float(np.mean([p for p, _ in sure])),
    )
    if with_peer:
        for name in ("SegmentationMajorityVote", "SegmentationEM", "SegmentationRASA"):
            given = [[a.item, a.annotator, a.value.astype(int).tolist()] for a in answers]
            reply = ask_peer("masks", {"model": name, "answers": given})
            found = {int(i): np.array(m, dtype=bool) for i, m in reply["masks"].items()}
            mean = float(np.mean([dice(found[i], t) for i, t in truth.items()]))
            line(f"crowd-kit, {name}", Dice=mean, seconds=reply["seconds"])


def disc(x: float, y: float, radius: float, turn: float, fray: Floats) -> NDArray[np.int64]:
    rows, columns = np.mgrid[:64, :64]
    around = np.arctan2(rows - y, columns - x)
    edge = radius * (1 + 0.2 * np.cos(2 * around + turn) + fray[((around + pi) / 2 / pi * 63).astype(int)])
    return (np.hypot(rows - y, columns - x) < edge).astype(np.int64)


def dice(one: NDArray[Any], other: NDArray[Any]) -> float:
    a, b = one.astype(bool), other.astype(bool)
    return 2 * float((a & b).sum()) / max(float(a.sum() + b.sum()), 1.0)


def peer_masks(asked: dict[str, Any]) -> dict[str, Any]:
    import pandas as pd
    from crowdkit import aggregation

    table = pd.DataFrame(
        [(task, worker, np.array(mask, dtype=bool)) for task, worker, mask in asked["answers"]],
        columns=["task", "worker", "segmentation"],
    )
    started = time.perf_counter()
    found = getattr(aggregation, asked["model"])().fit_predict(table)
    seconds = time.perf_counter() - started
    return {
        "masks": {str(i): np.asarray(m).astype(int).tolist() for i, m in found.items()},
        "seconds": seconds,
    }


# --- preferences -----------------------------------------------------------------------------------------------------


def measure_preferences(with_peer: bool) -> None:
    """Thirty alternatives, twenty judges: nine attentive in 95 of 100, six in 50, five never; 1,200 comparisons with ties."""
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    sure: list[tuple[float, bool]] = []
    for seed in range(5):
        scores, attentive, given = judged_pairs(seed)
        answers = [
            Answer(n, who, ((a, b),) if said == "tie" else ((a,), (b,)))
            for n, (who, a, b, said) in enumerate(given)
        ]
        wins = np.zeros((2, len(scores)))
        for _, a, b, said in given:
            wins[0, a] += 1.0 if said == "first" else 0.5
            wins[0, b] += 0.5 if said == "tie" else 0.0
            wins[1, [a, b]] += 1
        figures["share of wins"].append({"Kendall": kendall(wins[0] / np.maximum(wins[1], 1), scores)})
        started = time.perf_counter()
        outcome = rankings.fit(answers, shared=True)
        seconds = time.perf_counter() - started
        own = {name: s for of_item in outcome.scores.values() for name, s in of_item.items()}
        figures["ours"].append(
            {
                "Kendall": kendall(np.array([own[k] for k in range(len(scores))]), scores),
                "reliability_correlation": correlation(outcome.reliability, dict(enumerate(attentive))),
                "reliability_error": float(
                    np.mean([abs(outcome.reliability[w] - attentive[w]) for w in range(20)])
                ),
                "seconds": seconds,
            }
        )
        for n, (_, a, b, _) in enumerate(given):
            above = outcome.better(n, a, b)
            sure.append((max(above, 1 - above), bool((above >= 0.5) == (scores[a] > scores[b]))))
        if with_peer:
            for name in ("BradleyTerry", "NoisyBradleyTerry"):
                reply = ask_peer("preferences", {"model": name, "pairs": [p for p in given if p[3] != "tie"]})
                theirs = np.array([reply["scores"].get(str(k), 0.0) for k in range(len(scores))])
                figures[f"crowd-kit, {name}"].append(
                    {"Kendall": kendall(theirs, scores), "seconds": reply["seconds"]}
                )
    for method, of_seeds in figures.items():
        line(method, **{f: float(np.mean([s[f] for s in of_seeds])) for f in of_seeds[0]})
    line("ours, P(better)", ECE=calibration_error(sure))
    file = DATA / "preferences/pandalm_multi/pairs.jsonl"
    systems: list[Answer[rankings.Ranking]] = []
    for n, row in enumerate(map(json.loads, file.read_text().splitlines())):
        one, other = row["models"].split("_")
        tiers = {"a": ((one,), (other,)), "b": ((other,), (one,)), "tie": ((one, other),)}
        systems += [Answer(n, f"annotator {k}", tiers[said]) for k, said in enumerate(row["annotations"])]
    outcome = rankings.fit(systems, shared=True)
    own = {str(name): s for of_item in outcome.scores.values() for name, s in of_item.items()}
    print("PandaLM's five systems, 999 pairs by three annotators:")
    line("ours, scores", **dict(sorted(own.items(), key=lambda pair: -pair[1])))
    line("ours, reliability", **{str(who).replace(" ", "_"): r for who, r in outcome.reliability.items()})


def judged_pairs(seed: int) -> tuple[Floats, list[float], list[tuple[int, int, int, str]]]:
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1.5, 30)
    attentive = [0.95] * 9 + [0.5] * 6 + [0.0] * 5
    given = []
    for _ in range(1200):
        who = int(random.integers(20))
        a, b = random.choice(30, 2, replace=False).tolist()
        odds = np.exp([(scores[a] - scores[b]) / 2, (scores[b] - scores[a]) / 2, np.log(0.5)])
        chances = odds / odds.sum() if random.random() < attentive[who] else np.array([0.4, 0.4, 0.2])
        said = random.choice(3, p=chances)
        a, b = (b, a) if said == 1 else (a, b)
        given.append((who, a, b, "tie" if said == 2 else "first"))
    return scores, attentive, given


def kendall(found: Floats, truth: Floats) -> float:
    from scipy.stats import kendalltau

    return float(kendalltau(found, truth).statistic)


def peer_preferences(asked: dict[str, Any]) -> dict[str, Any]:
    import pandas as pd
    from crowdkit import aggregation

    table = pd.DataFrame(
        [(w, a, b, a) for w, a, b, _ in asked["pairs"]], columns=["worker", "left", "right", "label"]
    )
    model = (
        aggregation.BradleyTerry(n_iter=100)
        if asked["model"] == "BradleyTerry"
        else aggregation.NoisyBradleyTerry()
    )
    started = time.perf_counter()
    scores = model.fit_predict(table)
    return {"scores": {str(k): float(v) for k, v in scores.items()}, "seconds": time.perf_counter() - started}


# --- numbers ---------------------------------------------------------------------------------------------------------


def measure_numbers(with_peer: bool) -> None:
    """Ratings of anger from 0 to 100 (Snow et al. 2008), ten of each headline; then simulated measurements with 5 % slips."""
    folder = "Affect_anger"
    answers = [Answer(row["task"], row["worker"], float(row["label"])) for row in rows(folder, "answers")]
    gold = {row["task"]: float(row["label"]) for row in rows(folder, "gold")}
    report_numbers(answers, gold)
    random = np.random.default_rng(0)
    truth = random.normal(0, 10, 400)
    spread, bias = random.uniform(1, 8, 30), random.normal(0, 3, 30)
    drawn = []
    for item, value in enumerate(truth.tolist()):
        for who in random.choice(30, 5, replace=False).tolist():
            slip = random.random() < 0.05
            said = random.uniform(-50, 50) if slip else value + bias[who] + spread[who] * random.normal()
            drawn.append(Answer(item, who, float(said)))
    print("simulated:")
    report_numbers(drawn, dict(enumerate(truth.tolist())))


def report_numbers(answers: list[Answer[float]], gold: Mapping[Any, float]) -> None:
    said: dict[Hashable, list[float]] = defaultdict(list)
    for answer in answers:
        said[answer.item].append(answer.value)
    outcome = numbers.fit(answers)
    for name, found in (
        ("mean", {i: float(np.mean(v)) for i, v in said.items()}),
        ("median", {i: float(np.median(v)) for i, v in said.items()}),
        ("ours", outcome.consensus),
    ):
        error = np.array([found[i] - g for i, g in gold.items()])
        line(
            name,
            RMSE=float(np.sqrt((error**2).mean())),
            MAE=float(np.abs(error).mean()),
            r=correlation(found, gold),
        )


# --- what they share -------------------------------------------------------------------------------------------------


def rows(folder: str, name: str) -> list[dict[str, str]]:
    with (DATA / "crowd" / folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def line(name: str, **figures: float | None) -> None:
    shown = (
        f"{figure.replace('_', ' ')} {value:.3f}" for figure, value in figures.items() if value is not None
    )
    print(f"  {name:38}", "   ".join(shown), flush=True)


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error in ten bins."""
    said, right = np.array([p for p, _ in sure]), np.array([float(r) for _, r in sure])
    place = np.minimum((said * 10).astype(int), 9)
    bins = [place == k for k in range(10)]
    return float(sum(abs((said[b] - right[b]).sum()) for b in bins) / len(said))


def brier(sure: Sequence[tuple[float, bool]]) -> float:
    return float(np.mean([(p - r) ** 2 for p, r in sure]))


def correlation(found: Mapping[Any, float], truth: Mapping[Any, float]) -> float:
    keys = [key for key in truth if key in found]
    return float(np.corrcoef([found[k] for k in keys], [truth[k] for k in keys])[0, 1])


def ask_peer(kind: str, asked: Any) -> Any:
    python = PEER / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"crowd-kit=={PEER_VERSION}"], check=True)
    reply = subprocess.run(
        [str(python), "-W", "ignore", __file__, "--peer", kind],
        input=json.dumps(asked),
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(reply.stdout)


KINDS: dict[str, Callable[[bool], None]] = {
    "spans": measure_spans,
    "text": measure_text,
    "boxes": measure_boxes,
    "oriented": measure_oriented,
    "polygons": measure_polygons,
    "masks": measure_masks,
    "preferences": measure_preferences,
    "numbers": measure_numbers,
}
PEERS: dict[str, Callable[[Any], Any]] = {
    "text": peer_text,
    "masks": peer_masks,
    "preferences": peer_preferences,
}

if __name__ == "__main__":
    main()

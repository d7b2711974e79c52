"""What a manager wants to know about the answers of a level: how sure, how alike, who is how good, what more would buy.

It is stored as JSON at the level that it was found at, and shown to those who may see that level. People are ids.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import isnan
from typing import Any

import numpy as np

from strongroom.label.consensus import VERSION
from strongroom.label.form import ClassField
from strongroom.label.judge.evidence import Evidence
from strongroom.label.judge.fields import Judged
from strongroom.label.judge.queue import Plan, state_of
from strongroom.label.known import is_right
from strongroom.label.tables import ORDINARY
from strongroom.quality import Answers, Consensus
from strongroom.quality.agreement import Agreement, gwet_ac1, krippendorff_alpha
from strongroom.quality.allocation import forecast
from strongroom.quality.annotators import drift, skills, suspicions

BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
"""The ends of the intervals in which tasks are counted by confidence; a task at an end counts above it."""
NEXT = (0, 250, 500, 1_000, 2_000)
"""Further judgements for which a forecast is made."""
WINDOWS = 8
"""Stretches of the work over which agreement is shown, of equally many tasks."""
IN_A_WINDOW = 15
"""Tasks with two answers or more that a stretch has at least."""
RESAMPLES = 200


def findings(
    evidence: Evidence, judged: Sequence[Judged], sure: dict[int, float], found: Plan, level_id: int
) -> dict[str, Any]:
    return {
        "version": VERSION,
        "confidence": _histogram(evidence, sure, level_id),
        "rule": _rule(evidence, sure, found, level_id),
        "fields": [_field(evidence, each) for each in judged if each.found is not None],
        "methods": {each.field.key: each.method for each in judged},
        "annotators": _people(evidence, judged),
        "suspicions": _suspicions(judged),
    }


def _histogram(evidence: Evidence, sure: dict[int, float], level_id: int) -> dict[str, Any]:
    mine = [
        confidence
        for task, confidence in sure.items()
        if evidence.tasks[task].marking_id == level_id and evidence.tasks[task].role == ORDINARY
    ]
    counts, _ = np.histogram(np.minimum(mine, 0.999999), BINS)
    return {
        "bins": list(BINS),
        "tasks": counts.tolist(),
        "mean": _rounded(float(np.mean(mine))) if mine else None,
    }


def _rule(evidence: Evidence, sure: dict[int, float], found: Plan, level_id: int) -> dict[str, Any] | None:
    """What was spent, and what asking everything as often as the most uncertain would have cost."""
    ask = evidence.rules.ask
    if ask is None:
        return None
    mine = [
        (number, task)
        for number, task in enumerate(evidence.tasks)
        if task.marking_id == level_id and task.role == ORDINARY
    ]
    settled = [(number, task) for number, task in mine if number in found.settled]
    reached = [number for number, _ in settled if sure.get(number, 0.0) >= ask.confidence]
    spent = sum(task.submitted for _, task in settled)
    fixed = sum(evidence.most(task, ask.most) for _, task in settled)
    left = None
    if ask.budget is not None:
        left = max(0, ask.budget - sum(t.taken for t in evidence.tasks if t.role == ORDINARY))
    return {
        "target": ask.confidence,
        "least": ask.least,
        "most": ask.most,
        "budget": ask.budget,
        "left": left,
        "tasks": len(mine),
        "settled": len(settled),
        "reached": len(reached),
        "answers": sum(task.submitted for _, task in mine),
        "spent": spent,
        "fixed": fixed,
        "saved": fixed - spent,
        "by_answers": [
            {"answers": answers, "tasks": tasks}
            for answers, tasks in sorted(Counter(task.submitted for _, task in settled).items())
        ],
    }


def _field(evidence: Evidence, judged: Judged) -> dict[str, Any]:
    assert judged.answers is not None
    assert judged.found is not None
    state = state_of(evidence, judged, evidence.rules.ask)
    answers, found = judged.answers, judged.found
    comparable = _comparable(evidence, answers)
    seen = [
        number
        for number, given in enumerate(evidence.by_task)
        if given and evidence.tasks[number].role == ORDINARY
    ]
    now = float(found.confidence[seen].mean()) if seen else None
    curve = [forecast(state, judgements) for judgements in NEXT] if seen else []
    return {
        "field": judged.field.key,
        "method": judged.method,
        "weights": {} if found.choice is None else {k: _rounded(v) for k, v in found.choice.weights.items()},
        "expected_accuracy": _rounded(now),
        "forecast": [
            {"judgements": each.judgements, "right": _rounded((each.then - each.now) * len(answers.items))}
            for each in curve
        ],
        "alpha": _interval(krippendorff_alpha(comparable, resamples=RESAMPLES)),
        "ac1": _interval(gwet_ac1(comparable, resamples=RESAMPLES)),
        "over_time": _over_time(evidence, comparable),
        "confusion": _confusion(judged, answers, found),
    }


def _comparable(evidence: Evidence, answers: Answers) -> Answers:
    """Of each task the first answers that every task gets. Only what is unclear gets more under a rule of confidence:
    with those, people would seem to agree less than they do, and less and less as the work goes on."""
    ask = evidence.rules.ask
    if ask is None:
        return answers
    order = np.argsort(answers.item, kind="stable")
    each = np.bincount(answers.item, minlength=len(answers.items))
    rank = np.empty(len(answers), dtype=np.int64)
    rank[order] = np.arange(len(answers)) - (np.cumsum(each) - each)[answers.item[order]]
    return answers.where(rank < max(2, ask.least))


def _over_time(evidence: Evidence, answers: Answers) -> list[dict[str, Any]]:
    """Agreement in stretches of the work, by the moment of a task's second answer."""
    last = [
        (given[1].submitted_at, number) for number, given in enumerate(evidence.by_task) if len(given) >= 2
    ]
    last.sort()
    windows = min(WINDOWS, len(last) // IN_A_WINDOW)
    made = []
    for part in np.array_split(np.arange(len(last)), windows) if windows >= 2 else ():
        numbers = sorted(last[int(each)][1] for each in part)
        agreement = krippendorff_alpha(answers.of_items(numbers), resamples=RESAMPLES)
        made.append(
            {
                "begin": last[int(part[0])][0].isoformat(),
                "end": last[int(part[-1])][0].isoformat(),
                **_interval(agreement),
            }
        )
    return made


def _confusion(judged: Judged, answers: Answers, found: Consensus) -> dict[str, Any]:
    """`counts[answer][consensus]`, over tasks with two answers or more."""
    assert isinstance(judged.field, ClassField)
    labels = [str(each) for each in answers.classes]
    several = np.bincount(answers.item, minlength=len(answers.items)) >= 2
    rows = several[answers.item]
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (answers.label[rows], found.labels[answers.item[rows]]), 1)
    return {"field": judged.field.key, "labels": labels, "counts": counts.tolist()}


def _people(evidence: Evidence, judged: Sequence[Judged]) -> list[dict[str, Any]]:
    gold: defaultdict[str, list[bool]] = defaultdict(list)
    for answer in evidence.answers:
        known = evidence.gold.get(answer.task)
        if known is not None:
            gold[answer.person_id].append(is_right(evidence.questions, known, answer.result))
    people: dict[str, dict[str, Any]] = {}
    for person in sorted({answer.person_id for answer in evidence.answers}):
        people[person] = {
            "person_id": person,
            "answers": 0,
            "gold_right": sum(gold[person]),
            "gold": len(gold[person]),
            "fields": [],
        }
    for answer in evidence.answers:
        people[answer.person_id]["answers"] += 1
    for each in judged:
        if each.answers is None or each.found is None or not len(each.answers):
            continue
        skill, change = skills(each.answers, each.found), drift(each.answers, each.found)
        for number, name in enumerate(each.answers.annotators):
            people[str(name)]["fields"].append(
                {
                    "field": each.field.key,
                    "answers": int(skill.answers[number]),
                    "skill": _rounded(skill.estimate[number]),
                    "low": _rounded(skill.low[number]),
                    "high": _rounded(skill.high[number]),
                    "stretches": [_rounded(value) for value in change.skill[number]],
                    "change": _rounded(change.change[number]),
                    "p_value": _rounded(change.p_value[number], 6),
                }
            )
    return list(people.values())


def _suspicions(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    return [
        {
            "field": each.field.key,
            "person_id": str(one.name),
            "answers": one.answers,
            "evidence": _rounded(one.evidence, 2),
            "favourite": str(one.favourite),
            "favourite_share": _rounded(one.favourite_share),
            "right": _rounded(one.right),
            "by_chance": _rounded(one.by_chance),
        }
        for each in judged
        if each.method == "model" and each.answers is not None and each.found is not None
        for one in suspicions(each.answers, each.found)
    ]


def _interval(agreement: Agreement) -> dict[str, Any]:
    return {
        "value": _rounded(agreement.value),
        "low": _rounded(agreement.low),
        "high": _rounded(agreement.high),
        "items": agreement.items,
    }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None or isnan(value) else round(float(value), digits)

"""The consensus on each field of a form, over all tasks at once."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from strongroom.label.consensus import ENOUGH_ANSWERS, ENOUGH_COMPARED
from strongroom.label.consensus import consensus as count
from strongroom.label.form import ClassField, FormField, Questions, SpansField, TextField
from strongroom.label.judge.evidence import Evidence, Given
from strongroom.label.result import spans_of
from strongroom.quality import UNKNOWN, Answers, Consensus, MajorityVote, consensus
from strongroom.quality.answers import Integers
from strongroom.quality.kinds import Answer, spans, text


@dataclass
class Judged:
    """`values` and `confidence` by position of the task, for those that somebody answered.

    `answers` and `found` are there for a field with one label: what its confidence, queue and people are told from.
    """

    field: FormField
    method: str
    values: dict[int, Any] = dataclasses.field(default_factory=dict)
    confidence: dict[int, float] = dataclasses.field(default_factory=dict)
    answers: Answers | None = None
    found: Consensus | None = None


def judge(evidence: Evidence) -> list[Judged]:
    return [_JUDGES[type(field)](field, evidence) for field in evidence.questions.fields]


def _by_model(evidence: Evidence, given: Sequence[Given]) -> bool:
    if evidence.rules.consensus == "majority" or len(given) < ENOUGH_ANSWERS:
        return False
    each = np.bincount([answer.task for answer in given])
    return bool((each >= 2).sum() >= ENOUGH_COMPARED)


def _choice(field: ClassField, evidence: Evidence) -> Judged:
    if field.multiple:
        return _choices(field, evidence)
    given = [answer for answer in evidence.answers if field.key in answer.result]
    labels = [label.id for label in field.labels]
    answers = _answers(evidence, given, [answer.result[field.key] for answer in given], labels)
    gold = np.full(len(evidence.tasks), UNKNOWN, dtype=np.int32)
    place = {label: number for number, label in enumerate(answers.classes)}
    for task, known in evidence.known.items():
        gold[task] = place.get(known.get(field.key), UNKNOWN)
    model = _by_model(evidence, given)
    found = consensus(answers, gold) if model else MajorityVote(pseudo_votes=0.5).fit(answers, gold=gold)
    judged = Judged(field, "model" if model else "majority", answers=answers, found=found)
    confidence = found.confidence
    for task in {answer.task for answer in given}:
        judged.values[task] = answers.classes[int(found.labels[task])]
        judged.confidence[task] = float(confidence[task])
    return judged


def _answers(
    evidence: Evidence, given: Sequence[Given], labels: Sequence[Hashable], classes: Sequence[str]
) -> Answers:
    """Over all tasks, so that positions are those of the evidence; named by their ids, so that nothing depends on their order."""
    people = {person: number for number, person in enumerate(sorted({each.person_id for each in given}))}
    known = list(dict.fromkeys((*classes, *map(str, labels))))
    place = {name: number for number, name in enumerate(known)}
    return Answers(
        np.fromiter((each.task for each in given), np.int32, len(given)),
        np.fromiter((people[each.person_id] for each in given), np.int32, len(given)),
        np.fromiter((place[str(label)] for label in labels), np.int32, len(given)),
        [task.id for task in evidence.tasks],
        list(people),
        known,
    )


def _choices(field: ClassField, evidence: Evidence) -> Judged:
    """Each label is a question of its own: chosen or not. As sure as its least certain label."""
    given = [answer for answer in evidence.answers if field.key in answer.result]
    if not _by_model(evidence, given):
        return _counted(field, evidence)
    judged = Judged(field, "model")
    tasks = sorted({answer.task for answer in given})
    chosen: dict[int, list[str]] = {task: [] for task in tasks}
    sure = dict.fromkeys(tasks, 1.0)
    used = {label for answer in given for label in answer.result[field.key]}
    for label in sorted(used):
        said = ["yes" if label in answer.result[field.key] else "no" for answer in given]
        answers = _answers(evidence, given, said, ("no", "yes"))
        gold: Integers = np.full(len(evidence.tasks), UNKNOWN, dtype=np.int32)
        for task, known in evidence.known.items():
            if field.key in known:
                gold[task] = int(label in known[field.key])
        found = consensus(answers, gold)
        for task in tasks:
            sure[task] = min(sure[task], float(found.confidence[task]))
            if found.labels[task]:
                chosen[task].append(label)
    judged.values.update(chosen)
    judged.confidence.update(sure)
    return judged


def _marked(field: SpansField, evidence: Evidence) -> Judged:
    """What the model believes in, and what more than half marked: where few people have marked little, a model may take
    a kind of span for somebody's invention. As sure as the least certain of the spans, those left out included."""
    given = [answer for answer in evidence.answers if field.key in answer.result]
    if not _by_model(evidence, given):
        return _counted(field, evidence)
    found = spans.fit(
        Answer(
            answer.task,
            answer.person_id,
            tuple(spans.Span(each["start"], each["end"], each["label"]) for each in answer.result[field.key]),
        )
        for answer in given
    )
    judged = Judged(field, "model")
    for task in sorted({answer.task for answer in given}):
        results = [each.result for each in evidence.by_task[task] if field.key in each.result]
        votes = Counter(span for result in results for span in spans_of(result[field.key]))
        chosen = {(span.start, span.end, span.label) for span in found.consensus[task]}
        sure = []
        for each in found.found[task]:
            span = (each.value.start, each.value.end, each.value.label)
            believed = each.confidence
            if span not in chosen and 2 * votes[span] > len(results):
                chosen.add(span)
                believed = (believed + _smoothed(votes[span], len(results))) / 2
            sure.append(believed if span in chosen else 1 - believed)
        judged.values[task] = [{"start": s, "end": e, "label": label} for s, e, label in sorted(chosen)]
        judged.confidence[task] = float(min(sure, default=_smoothed(len(results), len(results))))
    return judged


def _written(field: TextField, evidence: Evidence) -> Judged:
    """The text that is nearest to all the others, by words; never one that nobody wrote."""
    given = [answer for answer in evidence.answers if field.key in answer.result]
    if not _by_model(evidence, given):
        return _counted(field, evidence)
    found = text.medoid(Answer(answer.task, answer.person_id, answer.result[field.key]) for answer in given)
    return Judged(
        field,
        "model",
        {int(str(task)): value for task, value in found.consensus.items()},
        {int(str(task)): float(sure) for task, sure in found.confidence.items()},
    )


def _counted(field: FormField, evidence: Evidence) -> Judged:
    judged = Judged(field, "majority")
    alone = Questions(fields=(field,))
    for task, given in enumerate(evidence.by_task):
        agreed = count(alone, [each.result for each in given]).get(field.key) if given else None
        if agreed is not None:
            judged.values[task] = agreed.value
            judged.confidence[task] = _smoothed(agreed.votes, agreed.answers)
    return judged


def _smoothed(votes: int, answers: int) -> float:
    """A share of votes as a chance: two of two are not certainty."""
    return (votes + 0.5) / (answers + 1)


_JUDGES: dict[type, Any] = {ClassField: _choice, SpansField: _marked, TextField: _written}

"""Who seems not to look at the items, and what speaks for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from strongroom.quality.aggregators.pooled import pooled
from strongroom.quality.answers import Answers
from strongroom.quality.em.loop import TINY
from strongroom.quality.outcome import Consensus
from strongroom.quality.temper import answers_each

STRONG = 3.0
"""Evidence in nats from which somebody is suspected: their answers are twenty times as probable if they don't look."""

ATTENTION = (0.25, 0.5, 0.75, 1.0)
"""Shares of the items that somebody may look at who isn't blind."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`annotator` is a position. `evidence` in nats: how much more probable their answers are if they didn't depend on the
    items than if they did. `favourite` is the class they chose most, in a share of
    `favourite_share` of their answers; `right` and `by_chance` the shares of right answers that they have,
    and that blind answers of the same frequencies would have.
    """

    annotator: int
    name: Hashable
    answers: int
    evidence: float
    favourite: Hashable
    favourite_share: float
    right: float
    by_chance: float

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.answers} answers, {self.right:.0%} right where blind answers would have "
            f"{self.by_chance:.0%}; {self.favourite_share:.0%} of them {self.favourite}"
        )


def suspicions(answers: Answers, found: Consensus, strong: float = STRONG) -> list[Suspicion]:
    """Annotators whose answers look blind, the clearest first. Suspicion, not proof: look at the answers before you act.

    Explanations are compared, answer by answer, with what the *others* say about the item: somebody who
    draws classes in their own frequencies without looking, against one who looks at a quarter of the items
    or more and is then like all together, or who answers in a way of their own that depends on the item
    (each number of it paid for as in Schwarz's criterion). So somebody weak, and somebody who always
    answers the opposite, is not found here: see their skill. Raykar & Yu (2012), *Eliminating spammers and
    ranking annotators*, JMLR 13:491, have the idea that a spammer's confusion has equal rows.
    """
    classes, people = len(answers.classes), len(answers.annotators)
    typical = pooled(found.counts)
    softer = 1.0 + found.alike * np.maximum(answers_each(answers)[answers.item] - 1.0, 0.0)
    own = np.log(np.maximum(found.confusion[answers.annotator, :, answers.label], TINY))
    others = np.log(np.maximum(found.probabilities[answers.item], TINY)) - own / softer[:, None]
    others = np.exp(others - others.max(axis=1, keepdims=True))
    others /= others.sum(axis=1, keepdims=True)
    said = np.zeros((people, classes))
    np.add.at(said, (answers.annotator, answers.label), 1.0)
    total = said.sum(axis=1)
    blind = ((said + 1.0) / (total + classes)[:, None])[answers.annotator, answers.label]
    looking = (others * typical[answers.label]).sum(axis=1)
    explained = [
        np.bincount(answers.annotator, np.log(share * looking + (1 - share) * blind), minlength=people)
        for share in ATTENTION
    ]
    in_their_way = np.bincount(
        answers.annotator, np.log(np.maximum((others * np.exp(own)).sum(axis=1), TINY)), minlength=people
    )
    numbers = classes * (classes - 1) / 2
    explained.append(in_their_way - numbers * np.log(np.maximum(total, 1.0)))
    evidence = np.bincount(answers.annotator, np.log(blind), minlength=people)
    evidence -= np.logaddexp.reduce(explained, axis=0) - np.log(len(explained))
    right = np.bincount(answers.annotator, others[np.arange(len(answers)), answers.label], minlength=people)
    truths = np.zeros((people, classes))
    np.add.at(truths, answers.annotator, others)
    made = []
    for person in np.argsort(-evidence, kind="stable"):
        if evidence[person] < strong:
            break
        share = said[person] / total[person]
        made.append(
            Suspicion(
                annotator=int(person),
                name=answers.annotators[person],
                answers=int(total[person]),
                evidence=float(evidence[person]),
                favourite=answers.classes[int(share.argmax())],
                favourite_share=float(share.max()),
                right=float(right[person] / total[person]),
                by_chance=float(share @ truths[person] / total[person]),
            )
        )
    return made

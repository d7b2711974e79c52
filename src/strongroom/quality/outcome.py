"""What comes out of an aggregation: the truth as far as it can be known, and what is known about the annotators."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from strongroom.quality.answers import Floats, Integers, Names


@dataclass(frozen=True, slots=True)
class History:
    """What is known about annotators from earlier work.

    `counts` is (annotators × answered class × true class): how often each gave which answer to items of
    which class, expected or counted on gold, in answers. Annotators and classes are matched by name;
    whoever is new, is new.
    """

    annotators: Names
    classes: Names
    counts: Floats

    def lined_up(self, annotators: Names, classes: Names) -> Floats:
        """The counts for these annotators and classes, in this order; zero where nothing is known."""
        lined = np.zeros((len(annotators), len(classes), len(classes)))
        theirs, ours = _matched(self.annotators, annotators)
        those, these = _matched(self.classes, classes)
        lined[np.ix_(ours, these, these)] = self.counts[np.ix_(theirs, those, those)]
        return lined

    def scaled(self, weight: float) -> History:
        """The same history, believed `weight` times as much (0.5: as if there had been half as many answers)."""
        return History(self.annotators, self.classes, self.counts * weight)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a default chose, and how sure it is.

    `weights` says how much each method counts in the result (they sum to 1); `advantage` is how much better
    the mixture predicts an answer that it has not seen than majority vote does, in nats an answer, and
    `standard_error` how well that is known; `sure` is the probability that the most weighty method predicts
    better than the second.
    """

    weights: dict[str, float]
    advantage: float
    standard_error: float
    sure: float


@dataclass(frozen=True, slots=True)
class Consensus:
    """The outcome of every aggregator.

    probabilities  (items × classes); a row sums to 1
    labels         (items): the most probable class; where several are equally probable, the first of them
    confusion      (annotators × true × answered): P(answered | true), each row sums to 1
    counts         (annotators × answered × true): expected numbers of answers that the confusion rests on,
    history not included prior          (classes): how frequent each class is alike          how alike the
    answers to one item were taken to be (`strongroom.quality.temper`); 0 where nothing was done temperature
    what logits were divided by besides, to fit gold; 1 where nothing was done

    An item without answers gets the prior.
    """

    items: Names
    annotators: Names
    classes: Names
    probabilities: Floats
    confusion: Floats
    counts: Floats
    prior: Floats
    method: str
    iterations: int = 0
    converged: bool = True
    log_likelihood: float = float("nan")
    alike: float = 0.0
    temperature: float = 1.0
    choice: Choice | None = None
    labels: Integers = field(init=False)

    def __post_init__(self) -> None:
        best = self.probabilities.max(axis=1, keepdims=True)
        near = self.probabilities >= best - 1e-9
        object.__setattr__(self, "labels", near.argmax(axis=1).astype(np.int32))

    @property
    def confidence(self) -> Floats:
        """P(the label is right), (items)."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]

    @property
    def skill(self) -> Floats:
        """P(an annotator's answer is right), (annotators): the diagonal of the confusion, classes weighted by the prior."""
        return np.asarray(self.confusion.diagonal(axis1=1, axis2=2) @ self.prior)

    @property
    def history(self) -> History:
        """What was learnt about the annotators, as a prior for other items (see `fit(…, history=…)`)."""
        return History(self.annotators, self.classes, self.counts)

    def as_dict(self) -> dict[Hashable, Hashable]:
        """Item name → class name."""
        return {name: self.classes[label] for name, label in zip(self.items, self.labels, strict=True)}


def _matched(theirs: Names, ours: Names) -> tuple[list[int], list[int]]:
    if theirs is ours or theirs == ours:
        everything = list(range(len(ours)))
        return everything, everything
    place = {name: position for position, name in enumerate(theirs)}
    pairs = [(place[name], position) for position, name in enumerate(ours) if name in place]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

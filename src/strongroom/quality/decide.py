"""The default: several methods, weighted by how well each predicts answers that it has not seen, with an honest confidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from strongroom.quality.aggregators import Aggregator, MajorityVote
from strongroom.quality.aggregators.ensemble import MEMBERS, Ensemble
from strongroom.quality.aggregators.tempered import Tempered
from strongroom.quality.answers import Answers, Integers, checked_gold
from strongroom.quality.calibrate import FEWEST, temperature_on
from strongroom.quality.em.run import clamp
from strongroom.quality.held_out import drawn, held_out
from strongroom.quality.likeness import likeness
from strongroom.quality.outcome import Choice, Consensus, History
from strongroom.quality.stack import stacked
from strongroom.quality.temper import TYPICAL, tempered

PLAIN = "majority"
METHODS: Mapping[str, Aggregator] = MappingProxyType({PLAIN: MajorityVote(pseudo_votes=0.5), **MEMBERS})

ENOUGH = 100_000
"""Answers on which the choice is made; beyond, more of them would not change it."""

CLEARLY = 2.0
"""Standard errors by which the models must predict better than votes for votes to be left out."""

VOTES_AT_LEAST = 0.75
"""The weight of the votes where models are not clearly better."""

TOO_FEW = 30
"""Answers below which nothing is chosen: all models count the same."""


def consensus(
    answers: Answers,
    gold: ArrayLike | None = None,
    *,
    history: History | None = None,
    like: Consensus | None = None,
) -> Consensus:
    """The truth of each item, with a confidence that means what it says.

    One-coin and two shrunk Dawid–Skene models are fitted without a fifth of the answers, five times, and
    weighted so that their mixture makes the missing answers most probable; majority vote joins them where
    they aren't clearly better than it. `choice` says with what weights and how sure that is. Confidence is
    tempered for answers to one item being alike (`strongroom.quality.temper`). With gold (one integer an
    item, -1 where not known; from 20 items on) one more temperature is fitted on what the answers alone say
    about these items, and applied where it proves better on gold left aside; gold items themselves come out
    certain.

    `history` is what is known about annotators from earlier work, and votes, which know nothing of it, then
    take no part; `like` an earlier outcome whose choice is kept rather than
    made again, which takes most of the time. Same answers, same outcome, in whatever order they come.
    Raises AnswersError for gold that doesn't fit the answers.
    """
    known = checked_gold(answers, gold)
    sample, sample_gold = _sample(answers, known)
    if like is not None and like.choice is not None:
        choice, alike = like.choice, like.alike
    else:
        choice, alike = _chosen(sample, history)
    mixture = mixture_of(choice, alike)
    fitted = mixture.fit(answers, gold=known, history=history)
    temperature = 1.0
    if (sample_gold >= 0).sum() >= FEWEST:
        blind = mixture.fit(sample, history=history).probabilities
        temperature = temperature_on(blind, sample_gold)
    honest = tempered(fitted.probabilities, temperature)
    clamp(honest, known)
    return dataclasses.replace(
        fitted, probabilities=honest, method="consensus", temperature=temperature, alike=alike, choice=choice
    )


def mixture_of(choice: Choice, alike: float) -> Ensemble:
    """The methods of a choice as one aggregator, each tempered; votes are shares and need no tempering."""
    members: dict[str, Aggregator] = {name: Tempered(member, alike) for name, member in MEMBERS.items()}
    return Ensemble(members={PLAIN: METHODS[PLAIN], **members}, weights=choice.weights)


def _chosen(sample: Answers, history: History | None) -> tuple[Choice, float]:
    if len(sample) < TOO_FEW or len(sample.classes) < 2:
        even = Choice(dict.fromkeys(METHODS, 1 / len(METHODS)), 0.0, 0.0, 0.5)
        return even if history else _with_votes(even), TYPICAL
    folds = held_out(sample, METHODS, history=history)
    choice = stacked(folds, PLAIN, among=MEMBERS)
    alike = likeness(folds, choice.weights)
    if history is None and choice.advantage <= CLEARLY * choice.standard_error:
        choice = _with_votes(stacked(folds, PLAIN, among=METHODS))
    return choice, alike


def _with_votes(choice: Choice) -> Choice:
    """The same, the votes having most of the weight: models then decide ties, and overrule only where they are certain."""
    votes = max(choice.weights[PLAIN], VOTES_AT_LEAST)
    others = 1.0 - choice.weights[PLAIN]
    weights = {name: weight * (1 - votes) / others for name, weight in choice.weights.items()}
    return dataclasses.replace(choice, weights=weights | {PLAIN: votes})


def _sample(answers: Answers, gold: Integers) -> tuple[Answers, Integers]:
    """Some items with all their answers, gold items first: the whole where it is small."""
    if len(answers) <= ENOUGH:
        return answers, gold
    each = np.diff(answers.rows.start)
    order = np.argsort(drawn(answers.items), kind="stable")
    order = order[np.argsort(gold[order] < 0, kind="stable")]
    kept = np.sort(order[: int(np.searchsorted(np.cumsum(each[order]), ENOUGH)) + 1])
    return answers.of_items(kept), gold[kept]

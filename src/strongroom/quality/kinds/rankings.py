"""Preferences and rankings: which is better, by judges who are more or less attentive.

Each alternative has a score. An attentive judge prefers one to another by Bradley & Terry's model (Biometrika 39, 1952), with
ties as Davidson has them (JASA 65, 1970); an inattentive judgement says anything, as often as it is said at all. How often a
judge is attentive is that judge's reliability (the idea is Chen et al.'s, WSDM 2013, who have the inattentive judge say the
opposite). A ranking of n counts as its pairs, each with the weight 2 / n, because n(n − 1)/2 pairs hold no more than n − 1
comparisons. Scores have a normal prior, so that one which always wins stays finite and parts that were never compared are level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import erf, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from strongroom.quality.answers import Floats
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds.answer import Answer, Gathered, Outcome, gather

Ranking = tuple[tuple[Hashable, ...], ...]
"""Tiers, the best first; those in a tier are tied. A preference for a over b is (("a",), ("b",)), a tie is (("a", "b"),)."""

SCORE_SPREAD = 2.0
"""Standard deviation of scores, before anything is known; in logits of the odds to be preferred."""

ATTENTIVE = 2.0, 1.0
"""Beta prior of how often a judge is attentive: as after two attentive judgements and an inattentive one."""

LEVEL = 1e-3
"""Scores nearer than this are equal."""

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rankings(Outcome[Ranking]):
    """Reliability is the share of a judge's comparisons that were attentive.

    scores      item → alternative → score, in logits; their mean is about 0
    covariance  item → covariance of the scores, in the order of `scores`, by Laplace's approximation given the judges
    tie         how readily attentive judges tie: P(tie) of equals is tie / (2 + tie)
    """

    scores: Mapping[Hashable, Mapping[Hashable, float]]
    covariance: Mapping[Hashable, Floats]
    tie: float

    def better(self, item: Hashable, one: Hashable, other: Hashable) -> float:
        """The probability that one alternative's score is above another's, 0 to 1."""
        names = list(self.scores[item])
        a, b = names.index(one), names.index(other)
        covariance = self.covariance[item]
        variance = float(covariance[a, a] + covariance[b, b] - 2 * covariance[a, b])
        apart = self.scores[item][one] - self.scores[item][other]
        return 0.5 * (1.0 + erf(apart / sqrt(2 * max(variance, 1e-12))))


@dataclass(frozen=True, slots=True)
class _Comparisons:
    """Row r: `judge[r]` put `first[r]` before `second[r]`, or tied them where `tied[r]`. Positions count alternatives.

    The comparisons of item number i stand from `start[i]` to `start[i + 1]`.
    """

    alternatives: int
    judges: int
    first: Positions
    second: Positions
    judge: Positions
    tied: NDArray[np.bool_]
    weight: Floats
    start: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Fitted:
    scores: Floats
    attentive: Floats
    tie: float
    information: Floats


def fit(answers: Iterable[Answer[Ranking]], *, shared: bool = False) -> Rankings:
    """A ranking of each item's alternatives by score.

    Alternatives belong to their item (answers to one prompt); with `shared` those of the same name are the same in all items
    (systems that are compared on many prompts), and have one score. Two neighbours by score are tied where reliability-weighted
    votes on the two say tie more often than either order or where, nobody having compared them, a tie is the most probable.
    Raises AnswersError for an alternative that comes twice in a ranking.
    """
    gathered = gather(answers)
    place = _places(gathered, shared)
    comparisons = _comparisons(gathered, place, shared)
    fitted = _fitted(comparisons)
    votes = _votes(comparisons, fitted)
    consensus: dict[Hashable, Ranking] = {}
    scores: dict[Hashable, dict[Hashable, float]] = {}
    covariance: dict[Hashable, Floats] = {}
    everything = _covariance(comparisons, fitted, range(len(place)), slice(None)) if shared else None
    for number, (item, given) in enumerate(gathered.by_item.items()):
        names = sorted({name for ranking in given.values() for tier in ranking for name in tier}, key=str)
        at = [place[None if shared else item, name] for name in names]
        scores[item] = {
            name: float(fitted.scores[position]) for name, position in zip(names, at, strict=True)
        }
        rows = slice(comparisons.start[number], comparisons.start[number + 1])
        own = everything[np.ix_(at, at)] if everything is not None else None
        covariance[item] = _covariance(comparisons, fitted, at, rows) if own is None else own
        consensus[item] = _tiers(names, at, fitted, votes)
    return Rankings(consensus, gathered.named(fitted.attentive), scores, covariance, fitted.tie)


def _places(gathered: Gathered[Ranking], shared: bool) -> dict[tuple[Hashable, Hashable], int]:
    place: dict[tuple[Hashable, Hashable], int] = {}
    for item, _, ranking in gathered.values():
        names = [name for tier in ranking for name in tier]
        if len(set(names)) < len(names):
            raise AnswersError("An alternative comes twice in a ranking.")
        for name in names:
            place.setdefault((None if shared else item, name), len(place))
    return place


def _comparisons(
    gathered: Gathered[Ranking], place: Mapping[tuple[Hashable, Hashable], int], shared: bool
) -> _Comparisons:
    rows: list[tuple[int, int, int, bool, float]] = []
    start = [0]
    for item, given in gathered.by_item.items():
        for judge, ranking in given.items():
            ranked = [
                (place[None if shared else item, name], rank)
                for rank, tier in enumerate(ranking)
                for name in tier
            ]
            rows.extend(
                (one, other, judge, rank == lower, 2.0 / len(ranked))
                for (one, rank), (other, lower) in combinations(ranked, 2)
            )
        start.append(len(rows))
    first, second, judge_of, tied, weight = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return _Comparisons(
        alternatives=len(place),
        judges=len(gathered.annotators),
        first=np.array(first, dtype=np.int64),
        second=np.array(second, dtype=np.int64),
        judge=np.array(judge_of, dtype=np.int64),
        tied=np.array(tied, dtype=bool),
        weight=np.array(weight, dtype=np.float64),
        start=start,
    )


def _fitted(c: _Comparisons) -> _Fitted:
    """The most probable scores, attentions and readiness to tie, by L-BFGS from level scores."""
    ties = float((c.weight * c.tied).sum() / c.weight.sum()) if len(c.weight) else 0.0
    anything = np.where(c.tied, max(ties, 1e-6), max((1.0 - ties) / 2, 1e-6))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scores, attention, tie = _unpacked(parameters, c)
        attentive = expit(attention)
        said, slope, tie_slope = _attentive(c, scores, tie)
        share = attentive[c.judge]
        probability = share * said + (1.0 - share) * anything
        pull = -c.weight * share / probability
        pulls = np.bincount(c.first, pull * slope, minlength=c.alternatives)
        pulls -= np.bincount(c.second, pull * slope, minlength=c.alternatives)
        doubts = -c.weight / probability * (said - anything) * share * (1.0 - share)
        gradient = np.concatenate([pulls, np.bincount(c.judge, doubts, minlength=c.judges), [0.0]])
        gradient[-1] = float((pull * tie_slope).sum()) + tie if ties > 0 else 0.0
        gradient[: c.alternatives] += scores / SCORE_SPREAD**2
        yes, no = ATTENTIVE
        gradient[c.alternatives : -1] += (yes + no) * attentive - yes
        value = (
            -float((c.weight * np.log(probability)).sum()) + float((scores**2).sum()) / 2 / SCORE_SPREAD**2
        )
        value -= float((yes * np.log(attentive) + no * np.log1p(-attentive)).sum())
        return value + (tie**2 / 2 if ties > 0 else 0.0), gradient

    start = np.zeros(c.alternatives + c.judges + 1)
    start[c.alternatives : -1] = log(ATTENTIVE[0] / ATTENTIVE[1])
    bounds = [(None, None)] * c.alternatives + [(-12.0, 12.0)] * c.judges + [(-6.0, 6.0)]
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-7},
    )
    scores, attention, tie = _unpacked(found.x, c)
    attentive = expit(attention)
    said, slope, _ = _attentive(c, scores, tie)
    share = attentive[c.judge]
    steepness = share * slope / (share * said + (1.0 - share) * anything)
    return _Fitted(scores, attentive, float(np.exp(tie)) if ties > 0 else 0.0, c.weight * steepness**2)


def _unpacked(parameters: Floats, c: _Comparisons) -> tuple[Floats, Floats, float]:
    return parameters[: c.alternatives], parameters[c.alternatives : -1], float(parameters[-1])


def _attentive(c: _Comparisons, scores: Floats, tie: float) -> tuple[Floats, Floats, Floats]:
    """P(what was said | attentive), and its derivatives by the difference of scores and by the logarithm of the tie."""
    half = (scores[c.first] - scores[c.second]) / 2
    readiness = np.exp(tie) if c.tied.any() else 0.0
    top = np.maximum(np.abs(half), 0.0)
    win, loss, draw = np.exp(half - top), np.exp(-half - top), readiness * np.exp(-top)
    total = win + loss + draw
    win, loss, draw = win / total, loss / total, draw / total
    said = np.where(c.tied, draw, win)
    slope = np.where(c.tied, -draw * (win - loss) / 2, win * (1.0 - win + loss) / 2)
    tie_slope = np.where(c.tied, draw * (1.0 - draw), -win * draw)
    return said, slope, tie_slope


def _covariance(c: _Comparisons, fitted: _Fitted, chosen: Sequence[int], rows: slice) -> Floats:
    """Of the chosen scores, which these comparisons are about and no others."""
    number = {position: place for place, position in enumerate(chosen)}
    a = np.array([number[position] for position in c.first[rows].tolist()], dtype=np.int64)
    b = np.array([number[position] for position in c.second[rows].tolist()], dtype=np.int64)
    precision = np.eye(len(chosen)) / SCORE_SPREAD**2
    for one, other, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
        np.add.at(precision, (one, other), sign * fitted.information[rows])
    return np.asarray(np.linalg.inv(precision))


def _votes(c: _Comparisons, fitted: _Fitted) -> Mapping[tuple[int, int], list[float]]:
    """Of each two compared, the lesser position first: weight for the first, for the second, for a tie."""
    votes: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    weight = c.weight * fitted.attentive[c.judge]
    for one, other, tied, w in zip(
        c.first.tolist(), c.second.tolist(), c.tied.tolist(), weight.tolist(), strict=True
    ):
        votes[min(one, other), max(one, other)][2 if tied else int(one > other)] += w
    return votes


def _tiers(
    names: Sequence[Hashable],
    at: Sequence[int],
    fitted: _Fitted,
    votes: Mapping[tuple[int, int], list[float]],
) -> Ranking:
    ordered = sorted(zip(names, at, strict=True), key=lambda pair: -fitted.scores[pair[1]])
    tiers: list[list[Hashable]] = []
    for number, (name, position) in enumerate(ordered):
        if number and _are_tied(ordered[number - 1][1], position, fitted, votes):
            tiers[-1].append(name)
        else:
            tiers.append([name])
    return tuple(tuple(sorted(tier, key=str)) for tier in tiers)


def _are_tied(one: int, other: int, fitted: _Fitted, votes: Mapping[tuple[int, int], list[float]]) -> bool:
    apart = abs(float(fitted.scores[one] - fitted.scores[other]))
    if apart < LEVEL:
        return True
    direct = votes.get((min(one, other), max(one, other)))
    if direct is not None:
        return direct[2] > max(direct[:2])
    return fitted.tie > 0 and apart <= 2 * log(fitted.tie)

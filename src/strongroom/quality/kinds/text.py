"""Texts: transcriptions and translations, many of one thing.

`rover` composes a text that perhaps nobody wrote: answers are aligned word by word into a network of slots, and each slot is put
to a vote (Fiscus, ASRU 1997). It starts from the answer nearest to all others, then aligns the rest, the nearest first, so that a
stray answer bends nothing. A vote weighs as much as its annotator's words agree with the outcome, over all items. Use it where
answers differ in words here and there, as transcriptions do.

`medoid` chooses the answer with the least weighted mean word edit distance to the others. Use it where answers are different
sentences, as translations are.

Words are compared by a key (lower case, without punctuation at their ends, unless another is given); what comes out is written as
most wrote it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from strongroom.quality.answers import Floats
from strongroom.quality.kinds.answer import Answer, Outcome, gather

Key = Callable[[str], str]
"""What of a word is compared; a word whose key is empty is no word, as a dash standing alone."""

NO_WORD = ""

ROUNDS = 5
"""How often votes and weights are found from each other, at most."""

DOUBT = 20.0, 2.0
"""Before anything is known, an annotator is as one of whose 22 words 20 are right."""

ALIKE = 0.5
"""How much less it costs to put a word into a slot of a word that is spelt just like it."""

PUNCTUATION = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~¡¿«»„“”‘’‚…–—'


@dataclass(frozen=True, slots=True)
class Texts(Outcome[str]):
    """`confidence` is, of an item, the mean over its words of the share of weight behind each, from 0 to 1.

    Reliability is the share of an annotator's words, those left out or put in counted as errors, that agree with the consensus.
    """

    confidence: Mapping[Hashable, float]


def word_key(word: str) -> str:
    """Lower case, without punctuation at the ends."""
    return word.strip(PUNCTUATION).casefold()


def fit(answers: Iterable[Answer[str]], *, key: Key = word_key) -> Texts:
    """ROVER; see the module. Where the outcome has the words of somebody's answer, it is that answer, character for character."""
    return rover(answers, key=key)


def rover(answers: Iterable[Answer[str]], *, key: Key = word_key) -> Texts:
    """A text composed word by word."""
    gathered = gather(answers)
    likeness = _Likeness()
    networks = {item: _network(_spellings(given, key), likeness) for item, given in gathered.by_item.items()}
    weight = np.ones(len(gathered.annotators))
    for _ in range(ROUNDS):
        winners = {item: [_winner(slot, weight) for slot in network] for item, network in networks.items()}
        agreement = _agreement(networks, winners, len(gathered.annotators))
        before, weight = weight, _log_odds(agreement)
        if np.abs(weight - before).max(initial=0.0) < 1e-6:
            break
    consensus = {
        item: _written(gathered.by_item[item], winners[item], network, agreement, key)
        for item, network in networks.items()
    }
    shares = {item: [_share(slot, weight) for slot in network] for item, network in networks.items()}
    confidence = {item: float(np.mean(share)) if share else 1.0 for item, share in shares.items()}
    return Texts(consensus, gathered.named(_rates(agreement)), confidence)


def medoid(answers: Iterable[Answer[str]], *, key: Key = word_key) -> Texts:
    """The most central of the texts given; of equals that of the most reliable annotator, then the first in the alphabet."""
    gathered = gather(answers)
    words = {item: _keys(given, key) for item, given in gathered.by_item.items()}
    distances = {item: word_distances(list(said.values())) for item, said in words.items()}
    weight = np.ones(len(gathered.annotators))
    chosen: dict[Hashable, int] = {}
    for _ in range(ROUNDS):
        before, chosen = chosen, {}
        agreement = np.zeros((len(gathered.annotators), 2))
        for item, said in words.items():
            who = list(said)
            cost = (distances[item] @ weight[who]).round(9).tolist()
            chosen[item] = min(range(len(who)), key=lambda k: (cost[k], gathered.by_item[item][who[k]]))
            off = distances[item][:, chosen[item]]
            agreement[who, 1] += off
            agreement[who, 0] += np.maximum([len(keys) for keys in said.values()] - off, 0.0)
        weight = _log_odds(agreement)
        if chosen == before:
            break
    consensus = {item: list(gathered.by_item[item].values())[place] for item, place in chosen.items()}
    confidence = {}
    for item, said in words.items():
        longest = max(max(map(len, said.values())), 1)
        off = distances[item][:, chosen[item]] @ weight[list(said)] / weight[list(said)].sum()
        confidence[item] = max(0.0, 1.0 - float(off) / longest)
    return Texts(consensus, gathered.named(_rates(agreement)), confidence)


def word_distances(texts: Sequence[Sequence[str]]) -> Floats:
    """Words to put in, leave out or exchange to make one text of another, (texts × texts)."""
    distances = np.zeros((len(texts), len(texts)))
    for row, some in enumerate(texts):
        for column in range(row):
            distances[row, column] = distances[column, row] = edit_distance(some, texts[column])
    return distances


def edit_distance(some: Sequence[str], others: Sequence[str]) -> int:
    """Levenshtein's distance, a whole row at once in the bits of an integer (Hyyrö, 2003)."""
    if not some or not others:
        return len(some) + len(others)
    places: dict[str, int] = defaultdict(int)
    for position, word in enumerate(some):
        places[word] |= 1 << position
    full, last = (1 << len(some)) - 1, 1 << (len(some) - 1)
    more, less, distance = full, 0, len(some)
    for word in others:
        match = places.get(word, 0)
        across = (((match & more) + more) ^ more) | match | less
        up, down = less | (~(across | more) & full), across & more
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & full, (down << 1) & full
        more, less = down | (~(across | up) & full), up & across
    return distance


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place in a network: annotator's number → the key and the spelling of their word there, NO_WORD where they have none."""

    words: dict[int, tuple[str, str]]
    keys: set[str] = field(default_factory=set)

    def put(self, annotator: int, key: str, spelling: str) -> None:
        self.words[annotator] = key, spelling
        self.keys.add(key)


def _keys(given: Mapping[int, str], key: Key) -> dict[int, list[str]]:
    return {who: [k for k, _ in pairs] for who, pairs in _spellings(given, key).items()}


def _spellings(given: Mapping[int, str], key: Key) -> dict[int, list[tuple[str, str]]]:
    """Of each annotator the words as (key, spelling)."""
    return {who: [(key(word), word) for word in text.split() if key(word)] for who, text in given.items()}


def _network(said: Mapping[int, list[tuple[str, str]]], likeness: _Likeness) -> list[_Slot]:
    """All answers aligned, from the most central outwards; equal distances in the order of the words themselves."""
    who = sorted(said, key=lambda annotator: said[annotator])
    distances = word_distances([[key for key, _ in said[annotator]] for annotator in who])
    centre = int(distances.sum(axis=1).argmin())
    order = [who[k] for k in np.argsort(distances[centre], kind="stable")]
    network: list[_Slot] = []
    for number, annotator in enumerate(order):
        network = _aligned(network, annotator, said[annotator], order[:number], likeness)
    return network


def _aligned(
    network: list[_Slot],
    annotator: int,
    words: Sequence[tuple[str, str]],
    before: Sequence[int],
    likeness: _Likeness,
) -> list[_Slot]:
    """The network with one more answer in it: the cheapest way through slots and words, of equals the one that keeps pairs."""
    wide = len(words) + 1
    cost = [float(column) for column in range(wide)]
    steps: list[list[int]] = [[_PUT_IN] * wide]
    for slot in network:
        pass_by = 0.0 if NO_WORD in slot.keys else 1.0
        row, step = [cost[0] + pass_by], [_PASS_BY]
        for column in range(1, wide):
            key = words[column - 1][0]
            options = (
                cost[column - 1] + (0.0 if key in slot.keys else 1.0 - ALIKE * likeness.best(key, slot.keys)),
                cost[column] + pass_by,
                row[column - 1] + 1.0,
            )
            best = min(options)
            row.append(best)
            step.append(options.index(best))
        steps.append(step)
        cost = row
    return _walked_back(network, annotator, words, before, steps)


_PAIR, _PASS_BY, _PUT_IN = 0, 1, 2


def _walked_back(
    network: list[_Slot],
    annotator: int,
    words: Sequence[tuple[str, str]],
    before: Sequence[int],
    steps: Sequence[Sequence[int]],
) -> list[_Slot]:
    row, column = len(network), len(words)
    path: list[_Slot] = []
    while row or column:
        step = steps[row][column]
        if step == _PUT_IN:
            slot = _Slot({})
            for earlier in before:
                slot.put(earlier, NO_WORD, "")
        else:
            slot, row = network[row - 1], row - 1
        if step == _PASS_BY:
            slot.put(annotator, NO_WORD, "")
        else:
            slot.put(annotator, *words[column - 1])
            column -= 1
        path.append(slot)
    return path[::-1]


class _Likeness:
    """How alike two words are spelt: the share of their pairs of neighbouring letters that they have in common, remembered."""

    def __init__(self) -> None:
        self._pairs: dict[str, frozenset[str]] = {}
        self._known: dict[tuple[str, str], float] = {}

    def best(self, word: str, others: Iterable[str]) -> float:
        """Of all others the greatest, 0 to 1; 0 for none."""
        return max((self._alike(word, other) for other in others if other != NO_WORD), default=0.0)

    def _alike(self, word: str, other: str) -> float:
        known = self._known.get((word, other))
        if known is None:
            some, more = self._letters(word), self._letters(other)
            known = self._known[word, other] = 2.0 * len(some & more) / (len(some) + len(more))
        return known

    def _letters(self, word: str) -> frozenset[str]:
        pairs = self._pairs.get(word)
        if pairs is None:
            bounded = f"^{word}$"
            pairs = self._pairs[word] = frozenset(bounded[k : k + 2] for k in range(len(bounded) - 1))
        return pairs


def _winner(slot: _Slot, weight: Floats) -> str:
    """The key with the most weight behind it; of equals the first in the alphabet, no word last."""
    votes: dict[str, float] = defaultdict(float)
    for who, (key, _) in slot.words.items():
        votes[key] += weight[who]
    return min(votes, key=lambda key: (-round(votes[key], 9), key == NO_WORD, key))


def _share(slot: _Slot, weight: Floats) -> float:
    winner = _winner(slot, weight)
    behind = sum(weight[who] for who, (key, _) in slot.words.items() if key == winner)
    return float(behind / weight[list(slot.words)].sum())


def _agreement(
    networks: Mapping[Hashable, Sequence[_Slot]], winners: Mapping[Hashable, Sequence[str]], annotators: int
) -> Floats:
    """(annotators × 2): slots in which each agrees with the outcome, and in which not; slots that both leave empty aside."""
    counts = np.zeros((annotators, 2))
    for item, network in networks.items():
        for slot, winner in zip(network, winners[item], strict=True):
            for who, (key, _) in slot.words.items():
                if key != NO_WORD or winner != NO_WORD:
                    counts[who, 0 if key == winner else 1] += 1
    return counts


def _rates(agreement: Floats) -> Floats:
    looks = agreement.sum(axis=1)
    return np.where(looks > 0, agreement[:, 0] / np.maximum(looks, 1.0), 1.0)


def _log_odds(agreement: Floats) -> Floats:
    """What a vote weighs: the log odds that its word is right, at least a little."""
    right, wrong = agreement[:, 0] + DOUBT[0], agreement[:, 1] + DOUBT[1]
    return np.asarray(np.maximum(np.log(right / wrong), 0.05))


def _written(
    given: Mapping[int, str], winners: Sequence[str], network: Sequence[_Slot], agreement: Floats, key: Key
) -> str:
    keys = [winner for winner in winners if winner != NO_WORD]
    rates = _rates(agreement)
    same = [who for who, said in _keys(given, key).items() if said == keys]
    if same:
        return given[min(same, key=lambda who: (-rates[who], given[who]))]
    words = []
    for slot, winner in zip(network, winners, strict=True):
        spellings: dict[str, float] = defaultdict(float)
        for who, (own, spelling) in slot.words.items():
            if own == winner:
                spellings[spelling] += 1.0 + rates[who]
        if winner != NO_WORD:
            words.append(min(spellings, key=lambda spelling: (-spellings[spelling], spelling)))
    return " ".join(words)

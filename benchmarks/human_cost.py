"""How many judgements a given accuracy costs: real answers of real crowds, replayed in random orders.

    python benchmarks/human_cost.py [--orders 5] [--sets RTE,Web] [--out .cache/human_cost]

Each set's answers stand ready in a random order for each item; a policy says which item is asked next and gets that item's next
answer. Compared: a fixed number of answers each with majority vote, the same with our consensus, the
vote-lead rule (ask until one class leads by d votes, c answers at most), and our allocation: from nothing;
with the annotators' history on another half of the items; and with that history and routing (the better
known of two annotators who are free answers). `saved` is what our allocation needs less than a fixed five
each with majority vote, at the accuracy which that reaches. Prints tables; writes a plot a set (SVG and
PNG) and the curves (CSV) to the folder.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from quality.crowd import accuracy, load, names

from strongroom.quality import Answers, History, consensus
from strongroom.quality.allocation import Live, next_items
from strongroom.quality.em.run import vote_shares

OVERLAPS = (1, 2, 3, 4, 5, 7)
LEADS = ((2, 3), (2, 5), (2, 7), (3, 5), (3, 7))
ROUNDS = 10
UP_TO = 6.0
POLICIES = ("cold", "history", "history+routing")

Points = list[tuple[float, float]]


@dataclass
class Deck:
    """The answers of a set in the order in which they would come: row r is the `turn[r]`-th of its item."""

    answers: Answers
    gold: NDArray[np.int32]
    turn: NDArray[np.int64]
    ready: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.ready = np.bincount(self.answers.item, minlength=len(self.answers.items))

    def given(self, asked: NDArray[np.int64]) -> Answers:
        return self.answers.where(self.turn < asked[self.answers.item])


def shuffled(answers: Answers, random: np.random.Generator) -> NDArray[np.int64]:
    return turns(answers, random.random(len(answers)))


def turns(answers: Answers, key: NDArray[np.float64]) -> NDArray[np.int64]:
    order = np.lexsort((key, answers.item))
    turn = np.empty(len(answers), dtype=np.int64)
    turn[order] = np.arange(len(answers)) - answers.rows.start[answers.item[order]]
    return turn


def routed(answers: Answers, skill: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.int64]:
    """Answer after answer, two annotators are free and the better known one is asked."""
    turn = np.empty(len(answers), dtype=np.int64)
    rows = answers.rows
    for item in range(len(answers.items)):
        left = list(random.permutation(rows.source[rows.start[item] : rows.start[item + 1]]))
        for place in range(len(left)):
            two = left[:2]
            best = max(two, key=lambda row: skill[answers.annotator[row]])
            left.remove(best)
            turn[best] = place
    return turn


def fixed(deck: Deck, overlap: int) -> tuple[float, float, float]:
    """Judgements an item, accuracy of majority vote, accuracy of our consensus."""
    asked = np.minimum(deck.ready, overlap)
    given = deck.given(asked)
    votes = accuracy(vote_shares(given.votes, 0.0), deck.gold)
    return float(asked.mean()), votes, accuracy(consensus(given).probabilities, deck.gold)


def vote_lead(deck: Deck, lead: int, most: int) -> tuple[float, float]:
    asked = np.minimum(deck.ready, lead)
    while True:
        votes = deck.given(asked).votes
        two = np.sort(votes, axis=1)[:, -2:]
        more = (two[:, 1] - two[:, 0] < lead) & (asked < np.minimum(deck.ready, most))
        if not more.any():
            return float(asked.mean()), accuracy(vote_shares(votes, 0.0), deck.gold)
        asked = asked + more


def allocated(deck: Deck, history: History | None) -> Points:
    """Judgements an item and accuracy, round after round."""
    items = len(deck.answers.items)
    asked = np.minimum(deck.ready, 1 if history else 2)
    budget = max(items // ROUNDS, 1)
    live = Live(deck.given(asked), history=history)
    points = []
    while True:
        points.append((float(asked.mean()), accuracy(live.found.probabilities, deck.gold)))
        picks = next_items(live.state(deck.ready), budget)
        if not len(picks.item) or asked.mean() >= UP_TO:
            return points
        chosen = np.zeros(items, dtype=bool)
        chosen[picks.item] = True
        fresh = chosen[deck.answers.item] & (deck.turn == asked[deck.answers.item])
        live.add(deck.answers.item[fresh], deck.answers.annotator[fresh], deck.answers.label[fresh])
        live.refit()
        asked = asked + chosen


def saving(points: Points, target: float, judgements: float) -> float:
    """The share of `judgements` that isn't needed to reach `target`; below zero where it takes more."""
    before = points[0]
    for now in points:
        if now[1] >= target:
            step = (target - before[1]) / (now[1] - before[1]) if now[1] > before[1] else 1.0
            return 1 - (before[0] + (now[0] - before[0]) * min(max(step, 0.0), 1.0)) / judgements
        before = now
    return 1 - points[-1][0] / judgements


@dataclass
class Outcome:
    """Of one set: everything by order."""

    fixed: list[list[tuple[float, float, float]]] = field(default_factory=list)
    leads: list[Points] = field(default_factory=list)
    curves: dict[str, list[Points]] = field(default_factory=lambda: {policy: [] for policy in POLICIES})
    saved: dict[str, list[float]] = field(default_factory=lambda: {policy: [] for policy in POLICIES})

    def behind_lead(self) -> float:
        """Our accuracy less the vote-lead rule's at the same judgements, at the worst of its settings; means over orders."""
        grid = np.linspace(2, UP_TO, 60)
        curve = np.mean([np.interp(grid, *np.transpose(points)) for points in self.curves["cold"]], axis=0)
        worst = np.inf
        for setting in range(len(LEADS)):
            judgements, right = np.mean([order[setting] for order in self.leads], axis=0)
            worst = min(worst, float(np.interp(judgements, grid, curve) - right))
        return worst


def replay(name: str, orders: int) -> Outcome:
    answers, gold = load(name)
    outcome = Outcome()
    for order in range(orders):
        random = np.random.default_rng(order)
        deck = Deck(answers, gold, shuffled(answers, random))
        outcome.fixed.append([fixed(deck, overlap) for overlap in OVERLAPS])
        outcome.leads.append([vote_lead(deck, lead, most) for lead, most in LEADS])
        judgements, votes, _ = outcome.fixed[-1][OVERLAPS.index(5)]
        points = allocated(deck, None)
        outcome.curves["cold"].append(points)
        outcome.saved["cold"].append(saving(points, votes, judgements))
        half = random.permutation(len(answers.items))
        old, new = np.sort(half[: len(half) // 2]), np.sort(half[len(half) // 2 :])
        past = consensus(answers.of_items(old))
        later = answers.of_items(new)
        for policy in POLICIES[1:]:
            turn = shuffled(later, random) if policy == "history" else routed(later, past.skill, random)
            deck = Deck(later, gold[new], turn)
            plain = Deck(later, gold[new], shuffled(later, random))
            asked = np.minimum(plain.ready, 5)
            target = accuracy(vote_shares(plain.given(asked).votes, 0.0), plain.gold)
            points = allocated(deck, past.history)
            outcome.curves[policy].append(points)
            outcome.saved[policy].append(saving(points, target, float(asked.mean())))
    return outcome


def interval(values: list[float]) -> str:
    return f"{np.mean(values):5.0%} [{min(values):4.0%} {max(values):4.0%}]"


def draw(name: str, outcome: Outcome, folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.2))
    overlaps = np.mean(outcome.fixed, axis=0)
    axes.plot(overlaps[:, 0], overlaps[:, 1], "o-", color="#868e96", label="fixed overlap, majority vote")
    axes.plot(overlaps[:, 0], overlaps[:, 2], "s-", color="#495057", label="fixed overlap, our consensus")
    leads = np.mean(outcome.leads, axis=0)
    axes.plot(leads[:, 0], leads[:, 1], "x", color="#e8590c", label="vote-lead rule")
    for policy, colour in zip(POLICIES, ("#1c7ed6", "#2f9e44", "#9c36b5"), strict=True):
        curves = outcome.curves[policy]
        grid = np.linspace(min(c[0][0] for c in curves), min(c[-1][0] for c in curves), 80)
        drawn = np.array([np.interp(grid, *np.transpose(points)) for points in curves])
        axes.plot(grid, drawn.mean(axis=0), color=colour, label=f"allocation, {policy}")
        axes.fill_between(grid, drawn.min(axis=0), drawn.max(axis=0), color=colour, alpha=0.12, lw=0)
    axes.set(xlabel="judgements an item", ylabel="accuracy", title=name)
    axes.legend(fontsize=8, frameon=False)
    for ending in ("svg", "png"):
        figure.savefig(folder / f"{name}.{ending}", bbox_inches="tight", dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=5)
    parser.add_argument("--sets", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / ".cache/human_cost")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    medians: dict[str, list[float]] = {policy: [] for policy in POLICIES}
    print(f"{options.orders} random orders; mean [lowest highest]")
    print(
        f"{'set':12}{'MV@5':>7}{'ours@5':>8}  "
        + "".join(f"{'saved ' + p:24}" for p in POLICIES)
        + "less vote-lead"
    )
    with (options.out / "curves.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["set", "policy", "order", "judgements", "accuracy"])
        for name in options.sets.split(",") if options.sets else names():
            outcome = replay(name, options.orders)
            five = np.mean(outcome.fixed, axis=0)[OVERLAPS.index(5)]
            for policy, curves in outcome.curves.items():
                medians[policy].append(float(np.mean(outcome.saved[policy])))
                writer.writerows(
                    [name, policy, o, *point] for o, points in enumerate(curves) for point in points
                )
            saved = "".join(f"{interval(outcome.saved[policy]):24}" for policy in POLICIES)
            print(f"{name:12}{five[1]:7.3f}{five[2]:8.3f}  {saved}{outcome.behind_lead():+.3f}", flush=True)
            draw(name, outcome, options.out)
    print("median saved: " + ", ".join(f"{policy} {np.median(v):.0%}" for policy, v in medians.items()))


if __name__ == "__main__":
    main()

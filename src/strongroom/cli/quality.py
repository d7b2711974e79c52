"""`strongroom quality`: one truth from many answers, and how far those who gave them agree. Needs no workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from strongroom.quality import Answers, AnswersError, Consensus
from strongroom.quality import consensus as decide
from strongroom.quality.agreement import (
    Agreement,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from strongroom.quality.files import read_answers, read_gold, write_consensus

app = typer.Typer(help="One truth from many noisy answers; agreement of annotators.", no_args_is_help=True)


class Metric(StrEnum):
    KRIPPENDORFF = "krippendorff"
    COHEN = "cohen"
    FLEISS = "fleiss"
    AC1 = "ac1"
    AC2 = "ac2"
    PERCENT = "percent"


class Level(StrEnum):
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


AnswersFile = Annotated[
    Path, typer.Argument(metavar="ANSWERS", help="CSV or Parquet with the columns task, worker, label.")
]


@app.command()
def consensus(
    answers: AnswersFile,
    out: Annotated[Path, typer.Option(help="Where the consensus goes: CSV, or Parquet by its name.")],
    gold: Annotated[
        Path | None, typer.Option(help="CSV or Parquet with the columns task, label: known truth.")
    ] = None,
) -> None:
    """Writes the most probable label of each task, how sure that is, and the probability of each class."""
    truth = read_gold(gold) if gold else {}
    given = read_answers(answers, classes=truth.values(), progress=_said("answers read"))
    found = decide(given, given.gold(truth) if truth else None)
    write_consensus(out, found, progress=_said("tasks written"))
    _say(f"{len(given)} answers of {len(given.annotators)} workers to {len(given.items)} tasks.")
    if truth:
        known = sum(name in truth for name in given.items)
        _say(f"{known} of {len(truth)} gold labels are for tasks with answers.")
    _say(_in_words(found))


@app.command()
def agreement(
    answers: AnswersFile,
    metric: Annotated[Metric, typer.Option(help="Which coefficient.")] = Metric.KRIPPENDORFF,
    level: Annotated[Level, typer.Option(help="Level of measurement, for krippendorff.")] = Level.NOMINAL,
    resamples: Annotated[int, typer.Option(help="For the interval; 0 for none.", min=0)] = 1000,
) -> None:
    """Prints the coefficient with its 95 % interval, tab-separated; cohen: one line for each two workers."""
    given = read_answers(answers, progress=_said("answers read"))
    if metric is Metric.COHEN:
        for first, second in combinations(range(len(given.annotators)), 2):
            pair = f"cohen {given.annotators[first]} {given.annotators[second]}"
            _print(pair, cohen_kappa(given, first, second, resamples=resamples))
        return
    name = f"krippendorff {level}" if metric is Metric.KRIPPENDORFF else str(metric)
    _print(name, _coefficient(given, metric, level, resamples))


def _coefficient(answers: Answers, metric: Metric, level: Level, resamples: int) -> Agreement:
    if metric is Metric.KRIPPENDORFF:
        return krippendorff_alpha(answers, level.value, resamples=resamples)
    plain: dict[Metric, Callable[..., Agreement]] = {
        Metric.FLEISS: fleiss_kappa,
        Metric.AC1: gwet_ac1,
        Metric.AC2: gwet_ac2,
        Metric.PERCENT: percent_agreement,
    }
    return plain[metric](answers, resamples=resamples)


def _print(name: str, found: Agreement) -> None:
    if not found.items:
        raise AnswersError(
            f"{name}: no task has two answers.", remedy="Agreement needs tasks that several workers answered."
        )
    typer.echo(f"{name}\t{found.value:.4f}\t[{found.low:.4f}, {found.high:.4f}]\t{found.items} tasks")


def _in_words(found: Consensus) -> str:
    confidence = f"Mean confidence {float(np.mean(found.confidence)):.3f}"
    if found.choice is None:
        return confidence + "."
    weights = ", ".join(
        f"{name} {weight:.2f}" for name, weight in found.choice.weights.items() if weight >= 0.005
    )
    fitted = "" if found.temperature == 1 else f", temperature {found.temperature:.2f} from gold"
    return (
        f"{confidence}; methods: {weights}; better than majority vote by {found.choice.advantage:.3f} ± "
        f"{found.choice.standard_error:.3f} nats an unseen answer{fitted}."
    )


def _said(what: str) -> Callable[[int], None]:
    return lambda count: _say(f"{count} {what}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

"""From many noisy answers to one truth with an honest confidence, and to as few answers as that takes.

    answers = Answers.from_names(items, annotators, labels)     three columns, a row an answer
    found = consensus(answers)                                  labels, probabilities, annotators
    krippendorff_alpha(answers)                                 do people agree at all?

`consensus` is the default and chooses among methods by evidence; each of them can be had alone
(`AGGREGATORS`) and has the same `fit`. Arrays in, arrays out: NumPy and SciPy, and Numba where it is
installed, with the same results. No database, no network.
"""

from strongroom.quality.aggregators import (
    AGGREGATORS,
    Aggregator,
    DawidSkene,
    Ensemble,
    MajorityVote,
    OneCoin,
)
from strongroom.quality.answers import UNKNOWN, Answers
from strongroom.quality.decide import consensus
from strongroom.quality.errors import AnswersError, AnswersFileError
from strongroom.quality.outcome import Choice, Consensus, History

__all__ = [
    "AGGREGATORS",
    "UNKNOWN",
    "Aggregator",
    "Answers",
    "AnswersError",
    "AnswersFileError",
    "Choice",
    "Consensus",
    "DawidSkene",
    "Ensemble",
    "History",
    "MajorityVote",
    "OneCoin",
    "consensus",
]

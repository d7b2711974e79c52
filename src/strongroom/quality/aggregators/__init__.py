"""Ways to get from many answers to one: each with the same `fit`, each held to the same laws by one suite of tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from strongroom.quality.aggregators.aggregator import Aggregator
from strongroom.quality.aggregators.dawid_skene import DawidSkene
from strongroom.quality.aggregators.ensemble import MEMBERS, Ensemble
from strongroom.quality.aggregators.majority import MajorityVote
from strongroom.quality.aggregators.one_coin import OneCoin

AGGREGATORS: Mapping[str, Aggregator] = MappingProxyType(
    {"majority": MajorityVote(), **MEMBERS, "ensemble": Ensemble()}
)
"""Every aggregator by its name, as it is without settings."""

__all__ = ["AGGREGATORS", "Aggregator", "DawidSkene", "Ensemble", "MajorityVote", "OneCoin"]

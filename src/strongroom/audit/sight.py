"""Who may be told how large the log is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strongroom.markings import Clearance
from strongroom.vault import Vault


def sees_everything(vault: Vault, clearance: Clearance) -> bool:
    """Whether nothing in the log can be hidden from this clearance, as far as it can be told: it holds everything that the scheme
    lists, and permits the marking of every entry there is.

    Where a scheme lets people make up compartments, circles or names, only their use tells that there are any.
    """
    if not _holds_all(vault.scheme.vocabulary(), clearance):
        return False
    return not vault.audit_log.any_beyond(vault.markings.sight(clearance, None, None).readable)


def _holds_all(words: Mapping[str, Any], clearance: Clearance) -> bool:
    compartments = {value["name"] for block in words["compartments"] for value in block["values"]}
    circles = {value["name"] for value in (words["circles"] or {}).get("values", ())}
    nations = words["nations"]
    return (
        clearance.level.rank == max(level["rank"] for level in words["levels"])
        and compartments <= clearance.compartments
        and circles <= clearance.circles
        and set(words["attributes"]) <= clearance.attributes
        and (nations is None or clearance.nations == {nations["home"]})
    )

"""Bringing a database's tables and proxies up to date with the program."""

from __future__ import annotations

from strongroom.vault import proxies
from strongroom.vault.layout import Layout
from strongroom.vault.system import System


def bring_up_to_date(system: System, layout: Layout) -> None:
    """Create what is missing and fit the proxies. The caller holds the turn to write."""
    with system.writing_in_turn() as connection:
        layout.metadata.create_all(connection)
        proxies.install(connection, layout)

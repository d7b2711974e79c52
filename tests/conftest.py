"""Fixtures that every part's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.markings import Scheme
from strongroom.vault import Vault


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme.load("corporate")


@pytest.fixture
def vault(tmp_path: Path, scheme: Scheme) -> Iterator[Vault]:
    """An empty workspace with every table that the program declares so far."""
    with Vault.create(tmp_path / "workspace", scheme) as opened:
        yield opened

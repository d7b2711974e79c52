"""The fixture of the vault's tests: a port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from strongroom.markings import Scheme
from strongroom.vault.database import VARIABLE

sys.path.insert(0, str(Path(__file__).parent))
from sample_port import Port, filled
from sample_rooms import Room

from databases import Sqlite


@pytest.fixture(scope="session")
def built(databases: Sqlite, tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Port:
    """Made once; each test opens a copy."""

    def make() -> Port:
        made = filled(tmp_path_factory.mktemp("built") / "port", scheme, databases=databases)
        made.vault.close()
        return made

    return databases.once("port", make)


@pytest.fixture
def port(tmp_path: Path, databases: Sqlite, built: Port, monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    folder = databases.copy(built.vault.folder, tmp_path / "port")
    monkeypatch.setenv(VARIABLE, databases.url(folder))
    with databases.open(folder, metadata=Room.metadata) as vault:
        yield replace(built, vault=vault)
    databases.forget(folder)

"""The fixture of the vault's tests: a port."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from strongroom.markings import Scheme
from strongroom.vault import Vault

sys.path.insert(0, str(Path(__file__).parent))
from sample_port import Port, filled
from sample_rooms import Room


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Port:
    """Made once; each test opens a copy."""
    made = filled(tmp_path_factory.mktemp("built") / "port", scheme)
    made.vault.close()
    return made


@pytest.fixture
def port(tmp_path: Path, built: Port) -> Iterator[Port]:
    shutil.copytree(built.vault.folder, tmp_path / "port")
    with Vault.open(tmp_path / "port", metadata=Room.metadata) as vault:
        yield replace(built, vault=vault)

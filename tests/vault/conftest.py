"""The fixture of the vault's tests: a port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.markings import Scheme

sys.path.insert(0, str(Path(__file__).parent))
from sample_port import Port, filled


@pytest.fixture
def port(tmp_path: Path, scheme: Scheme) -> Iterator[Port]:
    made = filled(tmp_path / "port", scheme)
    with made.vault:
        yield made

"""A workspace with two people, and a worker for it where a test wants one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.jobs import Supervisor
from strongroom.vault import Vault

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import work_for_tests  # noqa: E402, F401 - registers its kinds before a vault is opened
from jobs_desk import Desk, person  # noqa: E402


@pytest.fixture
def iris(vault: Vault) -> Desk:
    return person(vault, "iris", "Confidential")


@pytest.fixture
def omar(vault: Vault) -> Desk:
    return person(vault, "omar", "Confidential")


@pytest.fixture
def worker(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervised worker process that knows the kinds of jobs of these tests; the test starts it."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    supervisor = Supervisor(vault.folder, rooms="work_for_tests")
    yield supervisor
    supervisor.stop()

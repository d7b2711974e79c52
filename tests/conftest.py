"""Fixtures that every part's tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from strongroom import assembly  # noqa: F401 - every table is known, whichever tests run
from strongroom.markings import Scheme
from strongroom.vault import Vault


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A command that a test called set up logging into what is captured of that test: the next one starts afresh."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme.load("corporate")


@pytest.fixture
def vault(tmp_path: Path, scheme: Scheme) -> Iterator[Vault]:
    """An empty workspace with every table that the program declares so far."""
    with Vault.create(tmp_path / "workspace", scheme) as opened:
        yield opened


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed nothing may skip: a test that didn't run proves nothing."""
    if not os.environ.get("STRONGROOM_NOTHING_SKIPS") or hasattr(session.config, "workerinput"):
        return
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = [report.nodeid for report in reporter.stats.get("skipped", ())]
    if skipped:
        reporter.write_line(f"skipped where nothing may skip: {', '.join(sorted(skipped))}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

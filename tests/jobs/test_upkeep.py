"""Once a day the worker removes files that nothing refers to."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from strongroom.jobs import upkeep
from strongroom.vault import Vault


def orphan(vault: Vault, *, days_old: float) -> Path:
    file = vault.blobs.stage(b"an upload that broke off").file
    then = time.time() - days_old * 86_400
    os.utime(file, (then, then))
    return file


def test_a_round_removes_old_files_without_a_row_and_leaves_young_ones(vault: Vault) -> None:
    old, young = orphan(vault, days_old=1.1), orphan(vault, days_old=0.9)
    upkeep.once(vault)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_round_that_fails_leaves_the_next_one_its_work(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = orphan(vault, days_old=2)
    with monkeypatch.context() as patched:
        patched.setattr(type(vault.blobs), "sweep", lambda *_, **__: 1 / 0)
        upkeep.once(vault)
    assert old.exists()
    upkeep.begin(vault, first_after_seconds=0.0)
    give_up = time.monotonic() + 300
    while old.exists():
        assert time.monotonic() < give_up
        time.sleep(0.01)

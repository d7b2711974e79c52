"""`strongroom audit`, as the operator and the auditor call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Hall


@pytest.fixture
def served(hall: Hall) -> Hall:
    hall.act("anna", "INTERNAL")
    hall.act("bert", "CONFIDENTIAL//PII", "task.move")
    return hall


def audit(hall: Hall, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "strongroom", "audit", *arguments],
        capture_output=True,
        text=True,
        env=environment(hall),
    )


def environment(hall: Hall) -> dict[str, str]:
    return {
        **os.environ,
        "STRONGROOM_WORKSPACE": str(hall.vault.folder),
        "STRONGROOM_CHECKPOINTS": str(hall.checkpoints),
    }


def test_the_way_of_a_year(served: Hall, tmp_path: Path) -> None:
    """Sign, export, verify elsewhere, prove, verify the live log; then somebody tampers."""
    key = audit(served, "key").stdout.strip()
    checkpoint = audit(served, "checkpoint")
    assert checkpoint.stdout.startswith("strongroom-audit-"), checkpoint.stderr
    (tmp_path / "kept").write_text(checkpoint.stdout)
    served.act("anna", "INTERNAL")
    exported = audit(served, "export", str(tmp_path / "export"))
    assert exported.returncode == 0, exported.stderr
    assert "already" in audit(served, "export", str(tmp_path / "export")).stderr
    verified = audit(
        served, "verify", str(tmp_path / "export"), "--key", key, "--since", str(tmp_path / "kept")
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "the log only grew" in verified.stdout
    live = audit(served, "verify")
    assert live.returncode == 0, live.stdout + live.stderr
    assert "continues each of" in live.stdout

    (entry_id,) = served.truth("select id from audit_entry where action = 'task.move'")[0]
    for what in ([entry_id], ["--since", str(tmp_path / "kept")]):
        proof = audit(served, "prove", *what)
        json.loads(proof.stdout)
        (tmp_path / "proof.json").write_text(proof.stdout)
        checked = audit(served, "verify", str(tmp_path / "proof.json"), "--key", key)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    erased = audit(served, "erase", entry_id, "--reason", "court order 12")
    assert erased.returncode == 0, erased.stderr
    assert "1 of them erased" in audit(served, "verify").stdout

    (entry_id,) = served.truth("select id from audit_entry where action = 'task.change'")[0]
    served.force("update audit_entry set outcome = 'refused' where id = :id", id=entry_id)
    tampered = audit(served, "verify")
    assert tampered.returncode == 1
    assert f"({entry_id}): audit_entry was changed" in tampered.stdout
    assert "Traceback" not in tampered.stderr


def test_an_entry_that_is_not_there_is_told_so(served: Hall) -> None:
    for arguments in (["prove", "0" * 32], ["prove"], ["verify", "no-such-folder"]):
        told = audit(served, *arguments)
        assert told.returncode == 2
        assert "Traceback" not in told.stderr

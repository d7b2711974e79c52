"""The log moves from SQLite to PostgreSQL as it is: the same leaves, the same root, nothing that differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from strongroom.markings import Scheme
from strongroom.vault import Vault, audit_check
from strongroom.vault.postgresql import operation


def test_the_log_moves_as_it_is(databases: Any, tmp_path: Path, scheme: Scheme) -> None:
    folder = tmp_path / "moving"
    url = databases.url(folder)
    if not url:
        return  # SQLite moves by copying its file
    with Vault.create(folder, scheme, database="") as vault:
        for number in range(3):
            with vault.registry(write=True) as session:
                for each in range(100):
                    session.audit(
                        "person.change", "person", f"{number}{each}", share=0.1 * each, name="Ünal\u2028"
                    )
            if number < 2:
                vault.audit_log.take_up()
        before = vault.audit_log.head()
    operation.copy(folder, url, lambda *_: None)
    with databases.open(folder) as vault:
        assert vault.audit_log.head() == before
        assert audit_check.check(vault).faults == []
        assert vault.audit_log.take_up() == 100
        assert audit_check.check(vault).faults == []
    databases.forget(folder)

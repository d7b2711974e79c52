"""docs/vault.md keeps up with the code."""

from __future__ import annotations

from pathlib import Path

import strongroom.vault
from strongroom import vault

PAGE = (Path(__file__).parents[2] / "docs" / "vault.md").read_text("utf-8")


def test_every_public_name_is_explained() -> None:
    assert [name for name in vault.__all__ if name not in PAGE] == []


def test_every_file_has_its_place() -> None:
    folder = Path(strongroom.vault.__file__).parent
    files = {file.name for file in folder.glob("*.py")} - {"__init__.py"}
    assert {name for name in files if f"`{name}`" not in PAGE} == set()

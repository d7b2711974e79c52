"""The marking scheme of a workspace, kept whole beside its data: what is stored keeps its meaning when a later version
of the program ships another edition of the scheme."""

from __future__ import annotations

from pathlib import Path

import yaml

from strongroom.markings import Scheme

_FILE = "scheme.yaml"


def save(scheme: Scheme, folder: Path) -> None:
    content = yaml.safe_dump(scheme.plan.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    (folder / _FILE).write_text(content, "utf-8")


def load(folder: Path) -> Scheme:
    return Scheme.load(folder / _FILE)

"""The marking scheme of a workspace, kept whole beside its data: what is stored keeps its meaning when a later version
of the program ships another edition of the scheme."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from strongroom.markings import Scheme

FILE = "scheme.yaml"


def save(scheme: Scheme, folder: Path) -> None:
    content = yaml.safe_dump(scheme.plan.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    aside = folder / f"{FILE}.new"
    with aside.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(folder / FILE)


def load(folder: Path) -> Scheme:
    return Scheme.load(folder / FILE)

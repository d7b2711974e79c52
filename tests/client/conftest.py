from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.client import Strongroom

from .running import Running, running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("served") / "workspace") as started:
        yield started


@pytest.fixture
def room(app: Running) -> Iterator[Strongroom]:
    with app.room("mara") as opened:
        yield opened


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.yaml"
    path.write_text(FORM)
    return path


FORM = """\
name: Port incidents
overlap: 2
guideline: |
  Say what happened.
fields:
  - key: kind
    kind: class
    title: What happened?
    required: true
    labels:
      - {id: spill, title: Oil or chemical spill}
      - {id: fire, title: Fire}
      - {id: other, title: Something else}
"""

"""What the tests of this folder counted, for docs/reliability.md: written down where STRONGROOM_FIGURES names a file."""

from __future__ import annotations

import json
import os
from typing import Any

VARIABLE = "STRONGROOM_FIGURES"


def note(name: str, **counted: Any) -> None:
    file = os.environ.get(VARIABLE)
    if file:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"name": name, **counted}) + "\n")

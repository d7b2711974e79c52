"""An environment of the peers' own, under .cache: none of them shares a dependency with this project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[1] / ".cache/crowd-peers"
WANTED = ["crowd-kit==1.4.1", "cleanlab>=2.7", "pandas<3", "pyarrow", "scikit-learn<1.8"]


def python() -> Path:
    """The peers' interpreter; installs them on first use."""
    interpreter = HOME / "bin/python"
    if not (HOME / "ready").exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--clear", HOME, "--python", sys.executable], check=True)
        subprocess.run([uv, "pip", "install", "--python", interpreter, *WANTED], check=True)
        (HOME / "ready").touch()
    return interpreter


def ask(*arguments: str) -> str:
    done = subprocess.run(
        [python(), HERE / "peer.py", *arguments], check=True, text=True, stdout=subprocess.PIPE
    )
    return done.stdout

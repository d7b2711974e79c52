"""A clean environment, `pip install .`, `strongroom demo`: no Node on the machine, nothing else prepared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def path_without_node() -> str:
    """PATH less every folder that has a node or npm in it."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(
        f for f in folders if not any((Path(f) / name).exists() for name in ("node", "npm", "npx"))
    )


def copy_of_what_is_tracked(target: Path) -> None:
    """The repository as a clone would have it: tracked and new files, nothing that was built."""
    target.mkdir()
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    for name in filter(None, map(bytes.decode, files)):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with Strongroom in it; its `bin` folder."""
    place = tmp_path_factory.mktemp("install")
    copy_of_what_is_tracked(place / "clone")
    subprocess.run([sys.executable, "-m", "venv", str(place / "environment")], check=True)
    binaries = place / "environment/bin"
    # HOME stays: it may say which mirror of the registries to use.
    clean = {"PATH": path_without_node(), "HOME": os.environ.get("HOME", str(place)), "LANG": "C.UTF-8"}
    quietly = ("-q", "--disable-pip-version-check", "--no-compile")
    done = subprocess.run(
        [str(binaries / "pip"), "install", *quietly, str(place / "clone")],
        env=clean
        | {
            name: value
            for name, value in os.environ.items()
            if name.lower().startswith(("pip_", "uv_", "npm_"))
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return binaries


def test_the_demo_of_a_fresh_install_serves_the_client(installed: Path, tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            [
                str(installed / "strongroom"),
                "demo",
                "--no-browser",
                "--port",
                "0",
                "--workspace",
                str(tmp_path / "demo"),
            ],
            stdout=out,
            stderr=out,
            env={"PATH": str(installed), "HOME": str(tmp_path), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        )
    try:
        give_up = time.monotonic() + 600
        link = None
        while link is None:
            assert demo.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            link = re.search(r"http://127\.0\.0\.1:\d+/enter#\S+", log.read_text())
            time.sleep(0.2)
        base = link.group().split("/enter")[0]
        page = ""
        while not page:
            try:
                page = urllib.request.urlopen(base + "/", timeout=5).read().decode()
            except OSError:
                assert time.monotonic() < give_up, log.read_text()
                time.sleep(0.2)
        script = re.search(r'src="(/assets/[^"]+\.js)"', page)
        assert script, page
        assert urllib.request.urlopen(base + script.group(1), timeout=5).status == 200
    finally:
        demo.terminate()
        demo.wait(timeout=30)


def test_the_installed_command_line_answers(installed: Path) -> None:
    done = subprocess.run(
        [
            str(installed / "strongroom"),
            "markings",
            "rollup",
            "--scheme",
            "us-notional",
            "(S//REL TO USA, GBR)",
            "(S)",
        ],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "SECRET//NOFORN\n")

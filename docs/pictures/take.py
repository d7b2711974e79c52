"""Takes the pictures of the documentation from a fresh demo: `python docs/pictures/take.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from strongroom.demo.texts import messages

KEYS = {"place": "1", "organisation": "2", "need": "3", "quantity": "4", "when": "5"}
HERE = Path(__file__).parent
CHROMIUM = os.environ.get("STRONGROOM_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]


def demo(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A demo on a port of its own, and its signed-in link."""
    command = [
        sys.executable,
        "-m",
        "strongroom",
        "demo",
        "--no-browser",
        "--port",
        "0",
        "--workspace",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if link := re.search(r"http://\S+/enter#\S+", line):
            return process, link.group()
    raise RuntimeError("the demo printed no link")


def desk(page: Page, base: str) -> None:
    page.goto(base + "/")
    page.get_by_role("link", name="Start labelling").nth(6).click()
    page.wait_for_selector("[data-testid=pane]")
    if page.get_by_role("heading", name="Guideline").count():
        page.keyboard.press("g")
    time.sleep(0.6)
    shown = page.locator("body").inner_text()
    untouched = [message for message in messages() if message.text in shown]
    if not untouched:  # the draft of the picture before is still there
        return
    message = untouched[0]
    words = [found.span() for found in re.finditer(r"\w+(?:[-’']\w+)*", message.text)]
    at, behind = -1, 0
    for span in sorted(message.spans, key=lambda span: span.start):
        inside = [n for n, (start, end) in enumerate(words) if span.start <= start and end <= span.end]
        if not inside or span.start < behind:
            continue
        page.keyboard.press("ArrowRight", delay=5)
        for _ in range(inside[0] - at - 1):
            page.keyboard.press("ArrowRight", delay=5)
        for _ in inside[1:]:
            page.keyboard.press("Shift+ArrowRight", delay=5)
        page.keyboard.press(KEYS[span.label])
        at, behind = inside[-1], span.end
    time.sleep(1.2)


def progress(page: Page, base: str) -> None:
    page.goto(base + "/projects")
    page.get_by_role("link", name="Port incidents").first.click()
    page.wait_for_selector("svg")
    time.sleep(1.2)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, link = demo(Path(folder) / "demo")
        base = link.split("/enter")[0]
        for _ in range(200):
            try:
                urllib.request.urlopen(base + "/api/v1/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 860})
            page.goto(link)
            page.get_by_role("link", name="Start labelling").first.wait_for()
            for name, show in (("desk", desk), ("progress", progress)):
                for scheme in ("light", "dark"):
                    page.evaluate(
                        "scheme => localStorage.setItem('mantine-color-scheme-value', scheme)", scheme
                    )
                    show(page, base)
                    page.screenshot(path=HERE / f"{name}-{scheme}.png")
            browser.close()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()

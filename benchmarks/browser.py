"""The web client in a real browser against a real server: size of what is loaded, key to paint, time to the next task.

    python benchmarks/browser.py

Prints each figure beside its bar and leaves with 1 where one is missed. Needs the built client (`make client`) and
Debian's Chromium. Keys are real key presses; a press counts as painted one frame after the change, without a GPU.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from strongroom import assembly, jobs  # noqa: F401  (every table, before a vault is made)
from strongroom.label import assign, draft, imports, project, uploads
from strongroom.label.desk import at_desk
from strongroom.label.schemas import ImportOptions, ProjectIn
from strongroom.markings import Scheme
from strongroom.people import Clearances, Gate, clearances, enrol, sign_in
from strongroom.vault import Reader, Vault
from strongroom.web import Settings

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "src/strongroom/web/static"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
KIB = 1024
CHARACTERS, SPANS, TASKS = 20_000, 200, 60
NAMES = ("Person", "Organisation", "Place", "Date", "Equipment")
PROSE = (
    "The harbour authority in Rotterdam reported that Maria Jensen inspected the northern fuel depot on 14 March while "
    "Orion Logistics moved two gantry cranes towards the eastern quay and the survey vessel waited for a pilot"
)
WORDS = PROSE.split()

# Measures from the moment the browser had the key to one frame after the page has drawn what it changed.
WATCH_KEYS = """() => {
  window.keys = [];
  addEventListener('keydown', (event) => {
    requestAnimationFrame(() => { const channel = new MessageChannel();
      channel.port1.onmessage = () => window.keys.push(performance.now() - event.timeStamp);
      channel.port2.postMessage(null); });
  }, { capture: true });
}"""
LOADED = """() => performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)
  .filter((path) => path.startsWith('/assets/'))"""
# What was there, and how long it took, at the moment at which a list of projects to label was on screen.
WATCH_HOME = f"""() => new MutationObserver((_, observer) => {{
  if (!document.querySelector('main article a')) return;
  observer.disconnect();
  window.stands = {{ after: performance.now(), loaded: ({LOADED})() }};
}}).observe(document, {{ subtree: true, childList: true }})"""


@dataclass
class Figure:
    name: str
    value: float
    bar: float
    unit: str

    @property
    def is_met(self) -> bool:
        return self.value <= self.bar

    def line(self) -> str:
        verdict = "met" if self.is_met else "MISSED"
        return f"{self.name:<58} {self.value:>8.1f} {self.unit:<3}  bar {self.bar:>6.0f} {self.unit:<3} {verdict}"


def long_text(rng: random.Random, *, lines: bool) -> tuple[str, list[dict[str, Any]]]:
    """A text of 20,000 characters, in paragraphs or in one line, and 200 overlapping spans over its words."""
    parts: list[str] = []
    words: list[tuple[int, int]] = []
    size = 0
    while size < CHARACTERS:
        word = rng.choice(WORDS)
        gap = "\n\n" if lines and len(words) % 90 == 89 else " "
        words.append((size, size + len(word)))
        parts.append(word + gap)
        size += len(word) + len(gap)
    chosen: set[tuple[int, int, str]] = set()
    while len(chosen) < SPANS:
        first = rng.randrange(len(words) - 4)
        last = first + rng.randrange(4)
        chosen.add((words[first][0], words[last][1], f"l{rng.randrange(len(NAMES))}"))
    return "".join(parts).rstrip(), [{"start": a, "end": b, "label": label} for a, b, label in sorted(chosen)]


class Place:
    """A workspace with one annotator who also owns the projects, made before the server starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = Vault.create(folder, Scheme.load("corporate"))
        with self.vault.registry(write=True) as session:
            person = enrol.add_person(session, "ana", "Ana Okoro")
            session.flush()
            stored = Clearances(self.vault.scheme).canonical({"level": "Confidential"}, "ana")
            clearances.give(session, person, stored, reason="benchmark", by=None)
            scheme = self.vault.scheme
            clearance = scheme.clearance({"level": "Confidential", "name": "ana"})
            self.ana = Reader(person.id, "ana", clearance, scheme.bottom, "session", "benchmark")

    def link(self) -> str:
        with self.vault.registry(write=True) as session:
            return "/enter#" + sign_in.new_link(session, Gate(self.vault, Settings()), self.ana.person_id)

    def project(self, name: str, field: dict[str, Any], texts: list[str]) -> str:
        asked = ProjectIn.model_validate({"name": name, "form": {"fields": [field]}})
        with self.vault.writing(self.ana) as session:
            made = project.create(session, asked).id
        content = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
        upload = uploads.stage(self.vault, BytesIO(content))
        examined = imports.examine(upload, "texts.jsonl", "jsonl", ImportOptions())
        with project.from_above(self.vault, self.ana, made) as (session, found):
            imports.begin(session, self.vault, found, examined)
        upload.path.unlink(missing_ok=True)
        jobs.run_waiting(self.vault)
        return made

    def begun(self, project_id: str, work: dict[str, Any]) -> None:
        """Takes the first task of a project and keeps `work` as its draft."""
        with self.vault.writing(self.ana) as session:
            taken = assign.next_task(session, project_id)
        assert taken is not None
        with at_desk(self.vault, self.ana, taken.id, work) as (session, held):
            draft.save(session, held, work)


def spans_field() -> dict[str, Any]:
    labels = [{"id": f"l{number}", "title": name} for number, name in enumerate(NAMES)]
    return {"key": "names", "kind": "spans", "title": "Names", "labels": labels}


def class_field() -> dict[str, Any]:
    labels = [{"id": name} for name in ("spill", "fire", "none")]
    return {"key": "kind", "kind": "class", "title": "What happened?", "labels": labels}


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def zipped(paths: set[str], suffix: str) -> float:
    """KiB of these files as they are sent."""
    return (
        sum(
            len(gzip.compress((STATIC / path.lstrip("/")).read_bytes(), 6))
            for path in paths
            if path.endswith(suffix)
        )
        / KIB
    )


def sizes(page: Page, desk: str) -> list[Figure]:
    """What is loaded when Home stands; with what is loaded behind it; and what the desk adds."""
    page.goto("/")
    page.wait_for_function("() => window.stands")
    stands = page.evaluate("() => window.stands")
    first = set(stands["loaded"])
    page.wait_for_timeout(1500)
    home = set(page.evaluate(LOADED))
    page.goto(desk)
    page.get_by_test_id("pane").wait_for()
    page.wait_for_timeout(1500)
    view = set(page.evaluate(LOADED)) - home
    return [
        Figure("entry: scripts, gz", zipped(first, ".js"), 170, "KiB"),
        Figure("entry: styles, gz", zipped(first, ".css"), 40, "KiB"),
        Figure("labelling view with all that it shares: scripts, gz", zipped(view, ".js"), 60, "KiB"),
        Figure("Home stands after a cold load", stands["after"], 1500, "ms"),
    ]


def timed(page: Page, presses: list[str], of: set[str]) -> list[float]:
    """Presses keys one by one; the times of those in `of`."""
    page.evaluate(WATCH_KEYS)
    times: list[float] = []
    for key in presses:
        before = page.evaluate("() => window.keys.length")
        page.keyboard.press(key)
        page.wait_for_function("(before) => window.keys.length > before", arg=before)
        if key in of:
            times.append(page.evaluate("() => window.keys.at(-1)"))
        page.wait_for_timeout(20)
    return times


def key_to_paint(page: Page, path: str, name: str) -> list[Figure]:
    page.goto(path)
    page.locator("[data-span]").first.wait_for()
    page.wait_for_timeout(800)
    presses = [
        key
        for number in range(30)
        for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", str(1 + number % 5))
    ]
    labelling = timed(page, presses, set("12345"))
    page.reload()
    page.locator("[data-span]").first.wait_for()
    page.wait_for_timeout(800)
    moving = timed(
        page,
        ["ArrowRight", "Shift+ArrowRight", "n", "ArrowDown"] * 15,
        {"ArrowRight", "Shift+ArrowRight", "n", "ArrowDown"},
    )
    figures = []
    for what, times in (("labelling", labelling), ("moving", moving)):
        figures += [
            Figure(f"{name}: {what}, key to paint p50", quantile(times, 0.5), 25, "ms"),
            Figure(f"{name}: {what}, key to paint p95", quantile(times, 0.95), 75, "ms"),
        ]
    return figures


def next_task(page: Page, path: str) -> list[Figure]:
    """Enter to the next text on screen, with a second of thought between."""
    page.goto(path)
    pane = page.get_by_test_id("pane")
    pane.wait_for()
    page.evaluate(WATCH_KEYS)
    page.evaluate(
        """() => { window.turns = []; let pressed = 0;
        addEventListener('keydown', (event) => { if (event.key === 'Enter') pressed = event.timeStamp; }, { capture: true });
        new MutationObserver(() => { if (!pressed) return; const since = pressed; pressed = 0;
          requestAnimationFrame(() => { const channel = new MessageChannel();
            channel.port1.onmessage = () => window.turns.push(performance.now() - since); channel.port2.postMessage(null); });
        }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true }); }"""
    )
    texts = set()
    for number in range(30):
        page.wait_for_timeout(300)
        page.keyboard.press(str(1 + number % 3))
        texts.add(pane.inner_text())
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert len(texts) == 30, f"{len(texts)} different tasks in 30 turns"
    turns = page.evaluate("() => window.turns")
    return [
        Figure("next task on screen, prefetched, p50", quantile(turns, 0.5), 100, "ms"),
        Figure("next task on screen, prefetched, p95", quantile(turns, 0.95), 100, "ms"),
    ]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--chromium", default=os.environ.get("STRONGROOM_CHROMIUM", "/usr/bin/chromium"))
    chromium = options.parse_args().chromium
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "workspace")
        desks = {}
        for name, lines in (("20k characters, 200 spans", True), ("the same in one line", False)):
            text, spans = long_text(rng, lines=lines)
            desks[name] = place.project(name, spans_field(), [text])
            place.begun(desks[name], {"names": spans})
        short = place.project(
            "Reports", class_field(), [f"Report number {n} of the night." for n in range(TASKS)]
        )
        link = place.link()
        place.vault.close()
        server = subprocess.Popen(
            [sys.executable, "-m", "strongroom", "serve", "--workspace", str(place.folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout
            url = next(found[0] for line in server.stdout if (found := re.search(r"http://[\d.]+:\d+", line)))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 860})
                page = context.new_page()
                page.goto(link)
                page.wait_for_url(f"{url}/")
                page.add_init_script(f"({WATCH_HOME})()")
                figures = sizes(page, f"/label/{short}")
                for name, desk in desks.items():
                    figures += key_to_paint(page, f"/label/{desk}", name)
                figures += next_task(page, f"/label/{short}")
                browser.close()
        finally:
            server.terminate()
            server.wait(30)
    print("\n".join(figure.line() for figure in figures))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

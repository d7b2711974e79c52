"""The documentation keeps up with the program: links lead somewhere, commands exist, nothing public goes unsaid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from strongroom.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command by its words; groups look theirs up when asked."""
    if not hasattr(group, "list_commands"):
        return {path: group}
    found: dict[tuple[str, ...], Any] = {}
    context = group.make_context("strongroom", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            found |= commands(command, (*path, name))
    return found


COMMANDS = commands(typer.main.get_command(app))


def shell_lines(page: Path) -> list[str]:
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", page.read_text(), re.S)
    text = "\n".join(blocks).replace("\\\n", " ")
    return [line.split("#")[0].strip() for line in text.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_shows_exist_with_their_options(page: Path) -> None:
    for line in shell_lines(page):
        words = shlex.split(line)
        if not words or Path(words[0]).name != "strongroom":
            continue
        path = next((tuple(words[1 : 1 + n]) for n in (3, 2, 1) if tuple(words[1 : 1 + n]) in COMMANDS), None)
        assert path, f"{page.name} shows `{line}`, which is no command"
        options = {
            option
            for parameter in COMMANDS[path].params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words[1:]:
            if word.startswith("--"):
                assert word.split("=")[0] in options, f"{page.name} shows `{line}`; {word} is no option of it"


def test_every_command_is_shown_on_a_page() -> None:
    shown = "\n".join(page.read_text() for page in PAGES)
    missing = [" ".join(path) for path in COMMANDS if f"strongroom {' '.join(path)}" not in shown]
    assert not missing


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        for line in shell_lines(page):
            words = line.split()
            if words[:1] == ["make"]:
                assert words[1] in targets, f"{page.name} shows `{line}`"


def test_every_decision_is_on_the_list() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text()
    for page in folder.glob("[0-9]*.md"):
        assert page.name in listed, f"{page.name} is not on the list of decisions"

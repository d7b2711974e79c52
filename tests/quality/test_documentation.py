"""The page about quality runs: its Python, its commands."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from strongroom.cli.quality import app
from strongroom.quality import AGGREGATORS
from strongroom.quality.calibrate import FEWEST

PAGE = (Path(__file__).parents[2] / "docs" / "quality.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def test_the_python_of_the_page_prints_what_the_page_says() -> None:
    test = doctest.DocTestParser().get_doctest("".join(blocks("python")), {}, "docs/quality.md", None, 0)
    told: list[str] = []
    outcome = doctest.DocTestRunner().run(test, out=told.append)
    assert outcome.failed == 0, "".join(told)
    assert outcome.attempted > 25


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"t{task},w{worker},{'yes' if task % 2 else 'no'}" for task in range(6) for worker in range(3)]
    Path("answers.csv").write_text("\n".join(["task,worker,label", *rows, "t0,w9,yes"]))
    Path("gold.csv").write_text("task,label\nt0,no\n")
    lines = "".join(blocks("sh")).splitlines()
    for line in lines:
        words = shlex.split(line)
        assert words[:2] == ["strongroom", "quality"]
        result = CliRunner().invoke(app, words[2:])
        assert result.exit_code == 0, result.output
    assert len(lines) == 3


def test_the_page_names_every_method_and_how_much_gold_it_takes() -> None:
    for name in AGGREGATORS:
        assert f"'{name}'" in PAGE
    assert f"From {FEWEST} items on" in PAGE

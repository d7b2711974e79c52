"""The page about markings runs: its Python, its commands, its scheme."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import strongroom.markings
from strongroom.cli.markings import app
from strongroom.markings import SHIPPED, Scheme, SchemeError
from strongroom.markings.parse import LONGEST

PAGE = (Path(__file__).parents[2] / "docs" / "markings.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def port(tmp_path, monkeypatch):
    """The scheme of the page, where its examples look for it."""
    (scheme,) = blocks("yaml")
    file = tmp_path / "port.yaml"
    file.write_text(scheme)
    monkeypatch.chdir(tmp_path)
    return file


def test_the_python_of_the_page_prints_what_the_page_says(port):
    test = doctest.DocTestParser().get_doctest("".join(blocks("python")), {}, "docs/markings.md", None, 0)
    told: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test, out=told.append)
    assert outcome.failed == 0, "".join(told)
    assert outcome.attempted > 15


def test_the_commands_of_the_page_print_what_the_page_says():
    lines = [line for line in "".join(blocks("sh")).splitlines() if line]
    for line in lines:
        command, _, printed = line.partition("#")
        words = shlex.split(command)
        assert words[:2] == ["strongroom", "markings"]
        result = CliRunner().invoke(app, words[2:])
        assert result.exit_code == 0, result.stderr
        if printed:
            assert result.stdout.strip() == printed.strip()
    assert len(lines) >= 4


def test_the_scheme_that_the_page_calls_impossible_is_refused_as_it_says(port):
    port.write_text(port.read_text().replace("max_level: O}", "max_level: O, requires: [staff]}"))
    with pytest.raises(SchemeError) as refusal:
        Scheme.load(port)
    said = re.sub(r"holding \(Guarded; [^)]*\)", "holding (Guarded; …)", str(refusal.value))
    assert said in " ".join(PAGE.split())


def test_the_page_names_every_shipped_scheme_and_the_limit_of_a_text():
    for name in SHIPPED:
        assert f"`{name}`" in PAGE
    assert f"{LONGEST:,} characters" in PAGE


def test_the_docstring_of_the_package_runs():
    assert doctest.testmod(strongroom.markings).failed == 0


def test_the_package_needs_pydantic_and_pyyaml_alone():
    code = "import sys, strongroom.markings; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    foreign = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    pydantics = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
    assert foreign - pydantics <= {"strongroom", "yaml", "cython_runtime"}

"""The settings are documented, each with its default; out-of-range values are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from strongroom.web import Settings

PAGE = Path(__file__).parents[2] / "docs" / "people.md"


def test_the_table_of_settings_is_that_of_the_program() -> None:
    table = re.findall(
        r"^\| `STRONGROOM_(\w+)` \| (.*?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.M
    )
    expected = []
    for name, field in Settings.model_fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        shown = "none" if default in ((), None) else f"`{default}`"
        expected.append((name.upper(), shown, field.description))
    assert table == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARGON2_MEMORY_MIB", "18"),
        ("PORT", "70000"),
        ("SESSION_HOURS", "0"),
        ("LOG_LEVEL", "loud"),
        ("THREADS", "one"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"STRONGROOM_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_come_from_the_environment_and_hosts_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_ALLOWED_HOSTS", "A.example, b.example ,")
    monkeypatch.setenv("STRONGROOM_UPLOAD_MIB", "7")
    assert (Settings().allowed_hosts, Settings().upload_mib) == (("a.example", "b.example"), 7)

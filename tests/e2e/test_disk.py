"""While the server can't write, every page says so, and what that means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from strongroom.vault import Vault, refusals

from .conftest import CLASSES, Place, Watch, axe

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_disk_that_cannot_be_written_is_told_over_every_page(
    place: Place, enter: Enter, watch: Watch, dark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = place.project(CLASSES, ["one"])
    page = enter("mira", "/", dark=dark)
    watch.allowed.append("507")

    def full(*_: Any, **__: Any) -> None:
        raise refusals.storage_full()

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "_record", full)
        page.goto(f"/projects/{project}")
        notice = page.get_by_role("alert").filter(has_text="can’t save anything right now")
        expect(notice).to_be_visible()
        expect(notice).to_contain_text("Everything acknowledged before is kept.")
        assert axe(page) == []
        page.get_by_role("link", name="Home").click()
        expect(notice).to_be_visible()

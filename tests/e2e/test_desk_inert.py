"""What people write is text: 200 attempts to make it more, in every field, seen inert in the browser."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from .conftest import Place, Watch

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]

FIRE = "window.caught=(window.caught||0)+1"
TAGS = [
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<a href='javascript:{}'>go</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror={}>",
    "<object data='javascript:{}'></object>",
    "<base href='//elsewhere.example/'><script>{}</script>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<style>@import 'javascript:{}';</style>",
    "[go](javascript:{})",
    '![x](x"onerror="{})',
    "{{{{constructor.constructor('{}')()}}}}",
    "${{{}}}",
    "</textarea><script>{}</script>",
]
WRAPS = [
    "{}",
    '">{}',
    "'>{}",
    "--><!-- {}",
    "]]>{}",
    "</title>{}",
    "\u2028{}",
    "{}\u202e",
    "&lt;{}&gt;",
    "\ufeff{}",
]
PAYLOADS = [wrap.format(tag.format(FIRE)) for tag, wrap in product(TAGS, WRAPS)]


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(PAYLOADS)) == 200


def test_injected_text_stays_text_in_every_field(place: Place, enter: Enter, watch: Watch) -> None:
    labels = [{"id": f"l{n}", "title": text[:300]} for n, text in enumerate(PAYLOADS)]
    form = {
        "fields": [
            {"key": "kind", "kind": "class", "title": PAYLOADS[0], "help": "\n".join(PAYLOADS)[:2000], "labels": labels},
            {"key": "marks", "kind": "spans", "title": PAYLOADS[10], "labels": labels[:30]},
            {"key": "note", "kind": "text", "title": PAYLOADS[20], "max_length": 20_000},
        ]
    }  # fmt: skip
    rows = [
        {"id": PAYLOADS[30][:100], "text": "\n".join(PAYLOADS), PAYLOADS[40][:60]: PAYLOADS[50]},
        {"id": "second", "text": PAYLOADS[60]},
    ]
    made = place.project(
        form, rows, name=PAYLOADS[1][:200], description=PAYLOADS[2], guideline="\n\n".join(PAYLOADS), annotators=("eve",)
    )  # fmt: skip
    page = enter("eve", dark=False)
    expect(page.get_by_role("heading", name=PAYLOADS[1][:40])).to_be_visible()
    page.goto(f"/label/{made}")
    pane = page.get_by_test_id("pane")
    for payload in PAYLOADS[:: len(TAGS)]:
        expect(pane).to_contain_text(payload.strip("\ufeff"))
    expect(page.get_by_role("radio")).to_have_count(200)
    expect(page.get_by_role("complementary", name="Guideline")).to_contain_text("go (")

    for key in ("ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.get_by_role("group", name=PAYLOADS[10]).get_by_role("button").first.click()
    page.get_by_role("radio").nth(3).click()
    page.get_by_role("textbox", name=PAYLOADS[20]).fill("\n".join(PAYLOADS)[:20_000])
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.get_by_role("textbox", name="What should they know?").fill("\n".join(PAYLOADS)[:2000])
    page.keyboard.press("Enter")
    expect(pane).to_contain_text("Flagged: <script>")
    page.keyboard.press("Enter")
    expect(pane).to_contain_text(PAYLOADS[60])
    page.keyboard.press("s")
    page.get_by_label("Another reason").fill("\n".join(PAYLOADS)[:2000])
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("r")
    recent = page.get_by_role("dialog", name="My recent work")
    expect(recent.get_by_role("button").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")

    assert page.evaluate("() => window.caught") is None
    foreign = page.evaluate(
        "() => document.querySelectorAll('iframe, object, embed, base, video, math, details, [onerror], [onload]').length"
    )
    assert foreign == 0
    assert len(place.answers(made, "eve")) == 1

"""The built client: its page with a fresh nonce at every address that isn't the API's, its files for ever."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from strongroom.vault import Vault
from strongroom.web import create_app
from strongroom.web.pages import Pages

INDEX = (
    '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script>'
)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text(INDEX)
    (tmp_path / "static" / "icon.svg").write_text("<svg/>")
    (tmp_path / "static" / "assets" / "app-1a2b.js").write_text("1")
    (tmp_path / "secret.txt").write_text("outside")
    return tmp_path / "static"


@pytest.fixture
def client(vault: Vault, static: Path) -> Iterator[Any]:
    app = create_app(vault)
    app.router.default = Pages(static)
    with TestClient(app, base_url="http://127.0.0.1:8710") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/setup", "/projects/f00/tasks", "/enter", "/apiary"])
def test_every_address_of_the_client_gets_its_page_with_a_nonce_of_its_own(client: Any, path: str) -> None:
    nonces = []
    for answer in [client.get(path) for _ in range(2)]:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        (nonce,) = set(re.findall(r'(?:content|nonce)="([\w-]{20,})"', answer.text))
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_the_policy_of_the_page_lets_nothing_inline_and_nothing_foreign_run(client: Any) -> None:
    policy = client.get("/").headers["content-security-policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert word not in policy
    assert rules["default-src"] == rules["style-src-attr"] == rules["script-src-attr"] == ["'none'"]
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == ["'none'"]
    assert rules["worker-src"] == rules["connect-src"] == ["'self'"]


def test_built_files_are_kept_by_browsers_for_ever(client: Any) -> None:
    file = client.get("/assets/app-1a2b.js")
    assert (file.status_code, file.text) == (200, "1")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert client.get("/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/missing.svg",
        "/assets/",
    ],
)
def test_what_is_not_there_is_absent(client: Any, path: str) -> None:
    answer = client.get(path)
    assert "outside" not in answer.text
    assert answer.status_code == 404


def test_only_reading_is_answered_with_a_page(client: Any) -> None:
    assert client.post("/").status_code == 404
    assert client.head("/").status_code == 200


def test_a_rebuilt_page_is_served_without_a_restart(client: Any, static: Path) -> None:
    client.get("/")
    (static / "index.html").write_text(INDEX + "<p>new</p>")
    os.utime(static / "index.html", (1, 1))
    assert "new" in client.get("/").text


def test_without_a_built_client_a_page_says_how_to_build_it(vault: Vault, tmp_path: Path) -> None:
    app = create_app(vault)
    app.router.default = Pages(tmp_path / "nowhere")
    with TestClient(app, base_url="http://127.0.0.1:8710") as client:
        assert "make client" in client.get("/").text
        assert client.get("/assets/app.js").status_code == 404
        assert client.get("/api/v1/version").status_code == 200

"""Around every answer: who may call the server by which name, and the headers that keep a browser in bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
}


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8710", "localhost", "LOCALHOST:99", "[::1]", "[::1]:8710"]
)
def test_loopback_names_are_answered(visitor: Any, host: str) -> None:
    assert visitor.get("/api/v1/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8710", "127.0.0.1.evil.example", "10.0.0.7", "", "::1"]
)
def test_a_name_that_another_site_owns_is_not_answered(visitor: Any, host: str) -> None:
    for path in ("/api/v1/version", "/"):
        refused = visitor.get(path, headers={"Host": host})
        assert refused.status_code == 421
        assert refused.json()["code"] == "unknown_host"


def test_an_operator_names_further_hosts(visit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_ALLOWED_HOSTS", "Label.Example.org, other.example.org")
    client = visit()
    assert client.get("/api/v1/version", headers={"Host": "label.example.org"}).status_code == 200
    assert client.get("/api/v1/version", headers={"Host": "example.org"}).status_code == 421


@pytest.mark.parametrize(
    "path", ["/api/v1/version", "/api/v1/session", "/api/v1/nothing", "/api/v1/test/faults/x"]
)
def test_every_answer_of_the_api_carries_the_headers(visitor: Any, path: str) -> None:
    answer = visitor.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_https_is_demanded_only_where_there_is_a_proxy_that_speaks_it(visit: Callable[..., Any]) -> None:
    assert "strict-transport-security" not in visit().get("/api/v1/version").headers
    assert "strict-transport-security" in visit(https=True).get("/api/v1/version").headers

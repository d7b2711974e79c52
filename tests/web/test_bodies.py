"""How large a request may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def narrow(visit: Callable[..., Any]) -> Any:
    return visit(body_kib=16, upload_mib=1)


def _chunks(count: int) -> Iterator[bytes]:
    yield b'{"text": "'
    for _ in range(count):
        yield b"x" * 1024
    yield b'"}'


@pytest.mark.parametrize("path", ["/api/v1/test/notes", "/api/v1/session", "/api/v1/nothing"])
def test_a_body_that_announces_too_much_is_refused_at_once(narrow: Any, path: str) -> None:
    refused = narrow.post(path, content=b"x" * 17_000, headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_body_that_announces_nothing_is_counted_as_it_comes(narrow: Any) -> None:
    refused = narrow.post(
        "/api/v1/test/notes", content=_chunks(17), headers={"Content-Type": "application/json"}
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    within = narrow.post(
        "/api/v1/test/notes", content=_chunks(12), headers={"Content-Type": "application/json"}
    )
    assert within.status_code == 422


def test_an_upload_may_be_larger_than_other_bodies_up_to_its_own_limit(narrow: Any) -> None:
    taken = narrow.post("/api/v1/test/uploads", files={"file": ("a.txt", b"x" * 500_000)})
    assert taken.json() == {"size": 500_000}
    refused = narrow.post("/api/v1/test/uploads", files={"file": ("a.txt", b"x" * 1_100_000)})
    assert refused.status_code == 413


def test_an_upload_that_announces_nothing_is_counted_too(narrow: Any) -> None:
    def parts() -> Iterator[bytes]:
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1100):
            yield b"x" * 1024
        yield b"\r\n--edge--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert narrow.post("/api/v1/test/uploads", content=parts(), headers=headers).status_code == 413


def test_the_server_still_answers_after_a_refusal(narrow: Any) -> None:
    narrow.post("/api/v1/test/notes", content=b"x" * 17_000)
    assert narrow.post("/api/v1/test/notes", json={"text": "short"}).json() == {"text": "short", "count": 0}

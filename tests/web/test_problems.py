"""Errors on the wire: one form, no echo of what was sent, one answer for absent and forbidden."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from strongroom.web.envelope import BrokenOffError

PROBLEM = "application/problem+json"


def test_unknown_addresses_get_the_same_answer_as_hidden_things(program: Any) -> None:
    paths = (
        "/api/v1/nothing",
        "/api/v1/jobs/" + "f" * 32,
        "/api/v2/session",
        "/api",
        "/api/v1/",
        "/assets/x.js",
    )
    answers = [program.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].headers["content-type"] == PROBLEM
    assert answers[0].json() == {
        "code": "not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing here that you can see.",
        "kept": "",
        "remedy": "",
    }


def test_a_field_that_cannot_be_taken_is_named_and_what_was_sent_is_not_repeated(visitor: Any) -> None:
    refused = visitor.post("/api/v1/test/notes", json={"text": "far too long a secret", "count": "seven"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == PROBLEM
    assert [mistake["where"] for mistake in refused.json()["errors"]] == ["body.text", "body.count"]
    for sent in ("secret", "seven"):
        assert sent not in refused.text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"text": ', "this is not JSON, at character 9"),
        (b"secret", "this is not JSON, at character 0"),
    ],
)
def test_a_body_that_is_not_json_is_told_with_the_place(visitor: Any, body: bytes, why: str) -> None:
    refused = visitor.post("/api/v1/test/notes", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"where": "body", "why": why}]


@pytest.mark.parametrize(
    "body", [b'{"text": "\xff\xfe"}', b'{"text": "\\ud800"}', b'{"\\ud800": 1}', b"\xff", b"", b"[1"]
)
def test_strange_bodies_are_refused_and_break_nothing(visitor: Any, body: bytes) -> None:
    refused = visitor.post("/api/v1/test/notes", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid"


def test_a_method_that_an_address_does_not_take(visitor: Any) -> None:
    refused = visitor.delete("/api/v1/version")
    assert (refused.status_code, refused.json()["code"]) == (405, "wrong_method")
    assert refused.headers["allow"] == "GET"


def test_a_full_disk_is_507_and_says_what_was_kept(visitor: Any) -> None:
    told = visitor.get("/api/v1/test/faults/full")
    assert told.status_code == 507
    assert (told.json()["kept"], told.json()["remedy"]) == ("The draft.", "Free some space.")
    assert visitor.get("/api/v1/test/faults/enospc").status_code == 507


def test_a_marking_that_cannot_be_read_is_told_with_its_place(visitor: Any) -> None:
    told = visitor.get("/api/v1/test/faults/marking")
    assert told.status_code == 422
    assert told.json()["errors"][0]["position"] == 10


def test_a_fault_of_the_program_tells_a_request_id_and_nothing_else(
    visitor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = visitor.get("/api/v1/test/faults/other")
    assert broken.status_code == 500
    assert broken.headers["x-request-id"] == broken.json()["request_id"]
    assert broken.headers["x-content-type-options"] == "nosniff"
    logged = capsys.readouterr().out
    assert broken.json()["request_id"] in logged
    assert "RuntimeError" in logged
    for told in (broken.text, logged):
        assert "secret report" not in told


def test_an_answer_that_breaks_off_says_no_more_than_its_request_id(
    visitor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BrokenOffError) as broken:
        visitor.get("/api/v1/test/streams")
    told = "".join(traceback.format_exception(broken.value)) + capsys.readouterr().out
    assert "secret report" not in told
    assert str(broken.value) in told


def test_rollup_joins_and_tells_each_marking_that_it_cannot_read(program: Any) -> None:
    joined = program.post("/api/v1/markings/rollup", json={"markings": ["(C//PII)", "(I//FOR HARBOUR)"]})
    assert joined.json()["text"] == "CONFIDENTIAL//PII//FOR HARBOUR"
    assert program.post("/api/v1/markings/rollup", json={"markings": []}).json()["text"] == "PUBLIC"
    refused = program.post("/api/v1/markings/rollup", json={"markings": ["(C)", "(X)", "(C//NOPE)"]})
    assert refused.status_code == 422
    assert [mistake["where"] for mistake in refused.json()["errors"]] == [
        "body.markings.1",
        "body.markings.2",
    ]
    assert [mistake["position"] for mistake in refused.json()["errors"]] == [1, 4]


def test_the_scheme_tells_what_a_form_needs(program: Any) -> None:
    scheme = program.get("/api/v1/scheme").json()
    assert scheme["name"] == "corporate"
    assert [level["long"] for level in scheme["levels"]] == [
        "Public",
        "Internal",
        "Confidential",
        "Restricted",
    ]
    assert {block["kind"] for block in scheme["blocks"]} >= {"compartments", "audiences"}

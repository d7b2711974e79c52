"""`strongroom people`: what an operator does at the machine itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from strongroom.cli import app, main
from strongroom.vault import AuditEntry, Reader, Vault


@pytest.fixture
def run(house: Any, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STRONGROOM_WORKSPACE", str(vault.folder))

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    return run


def test_an_operator_adds_people_and_their_link_lets_them_in(run: Any, house: Any) -> None:
    link = run("people", "add", "ada", "--name", "Ada L.", "--duty", "administrator")
    assert link.startswith("http://127.0.0.1:8710/enter#")
    entered = house.visitor().post("/api/v1/session/link", json={"token": link.partition("#")[2]})
    assert entered.json()["person"]["name"] == "Ada L."
    assert entered.json()["person"]["duties"] == ["administrator"]


def test_an_operator_clears_people_and_sees_it_in_the_list(run: Any, house: Any) -> None:
    run("people", "add", "ada")
    words = (
        "--level",
        "Confidential",
        "--compartment",
        "PII",
        "--circle",
        "HARBOUR",
        "--reason",
        "joins the case",
    )
    assert run("people", "clear", "ada", *words) == "ada: Confidential; PII; circles HARBOUR; as ada"
    assert "Confidential; PII; circles HARBOUR; as ada" in run("people", "list")
    assert house.browser("ada").get("/api/v1/session").json()["clearance"]["json"]["circles"] == ["HARBOUR"]


def test_an_operator_makes_a_token_with_scopes_and_a_ceiling(run: Any, house: Any) -> None:
    run("people", "add", "ada")
    run("people", "clear", "ada", "--level", "Restricted", "--reason", "chief")
    secret = run("people", "token", "ada", "--scopes", "read,label", "--days", "3", "--level", "Internal")
    program = house.visitor(Authorization=f"Bearer {secret}")
    assert program.get("/api/v1/session").json()["clearance"]["json"]["level"] == "Internal"
    assert program.post("/api/v1/people", json={"login": "x", "name": "X"}).status_code == 403


def test_an_operator_gives_duties_closes_accounts_and_helps_people_back_in(run: Any, house: Any) -> None:
    run("people", "add", "ada")
    assert run("people", "duty", "ada", "security_officer") == "ada: security_officer"
    assert run("people", "duty", "ada", "security_officer", "--remove") == "ada: no duties"
    browser = house.browser("ada")
    assert run("people", "close", "ada") == "ada: closed"
    assert "(closed)" in run("people", "list")
    assert browser.get("/api/v1/session").status_code == 401
    run("people", "close", "ada", "--reopen")
    token = run("people", "link", "ada").partition("#")[2]
    assert house.visitor().post("/api/v1/session/link", json={"token": token}).status_code == 201


def test_what_an_operator_does_is_on_record_as_an_operators(run: Any, vault: Vault) -> None:
    run("people", "add", "ada")
    run("people", "clear", "ada", "--level", "Internal", "--reason", "x")
    run("people", "token", "ada")
    reader = Reader("0" * 32, "x", vault.scheme.clearance({}), vault.scheme.bottom, "operator", "0" * 32)
    with vault.reading(reader) as session:
        told = session.execute(select(AuditEntry.action, AuditEntry.how, AuditEntry.actor_id)).all()
    assert {tuple(entry) for entry in told} == {
        ("add_person", "operator", None),
        ("give_clearance", "operator", None),
        ("make_token", "operator", None),
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["people", "clear", "nobody", "--level", "Internal", "--reason", "x"],
            "Nobody here has the login nobody.",
        ),
        (["people", "clear", "ada", "--level", "Cosmic", "--reason", "x"], "expected a level"),
        (["people", "add", "ada"], "That login is taken."),
        (["people", "add", "Ada!"], "login"),
        (["people", "token", "ada", "--scopes", "everything"], "scopes"),
        (["people", "token", "ada", "--days", "4000"], "expires_in_days"),
        (["people", "list", "--workspace", "/nowhere/at/all"], "There is no workspace"),
        (["init"], "There is a workspace"),
        (
            ["init", "--workspace", "elsewhere", "--scheme", "no-such-scheme"],
            "That marking scheme cannot be used",
        ),
    ],
)
def test_what_goes_wrong_is_said_on_standard_error_with_status_2(
    run: Any,
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    run("people", "add", "ada")
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["strongroom", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert said in told.err
    assert told.out == ""


def test_init_makes_a_workspace_with_a_scheme(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["init", "--workspace", str(tmp_path / "w"), "--scheme", "us-notional"])
    assert done.exit_code == 0
    with Vault.open(tmp_path / "w") as vault:
        assert vault.scheme.name == "us-notional"

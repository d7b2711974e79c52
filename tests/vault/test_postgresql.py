"""What is PostgreSQL's alone: roles, a database that is not ours, moving there, and looking whether all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Draft
from typer.testing import CliRunner

from databases import Postgresql
from strongroom.cli import app
from strongroom.errors import BusyError, ConflictError
from strongroom.markings import Scheme
from strongroom.people import enrol
from strongroom.people.tables import Person
from strongroom.vault import Vault
from strongroom.vault.database import VARIABLE, UnusableDatabaseError
from strongroom.vault.postgresql import move, operation, policies

pytestmark = pytest.mark.only("postgresql")


def told(*_: object) -> None:
    """Of progress."""


def test_opening_again_changes_nothing(port: Port) -> None:
    database: Any = port.vault._database
    with port.vault._system.writing() as connection:
        fits = policies.install(connection, port.vault.layout, database.roles, database.system._signer)
    assert fits is False


def test_a_change_of_what_guards_a_table_is_noticed_and_mended(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = port.vault._database
    monkeypatch.setattr(policies.Policies, "_at_level", lambda _: f"marking_id + 0 = {policies._LEVEL}")
    with port.vault._system.writing() as connection:
        assert policies.install(connection, port.vault.layout, database.roles, database.system._signer)
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="still works"))


def test_roles_own_nothing_and_are_past_no_policy(port: Port) -> None:
    names = [
        name for (name,) in port.truth("select rolname from pg_roles where rolname like 'strongroom\\_%\\_%'")
    ]
    mine = [name for name in names if name in port.vault._database.roles.all]  # type: ignore[attr-defined]
    assert len(mine) == 3
    for name in mine:
        row = port.truth(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolinherit from pg_roles where rolname = :n",
            n=name,
        )
        assert row == [(False,) * 5]
        assert port.truth("select count(*) from pg_class where relowner = cast(:n as regrole)", n=name) == [
            (0,)
        ]


def test_another_workspaces_database_is_refused(
    tmp_path: Path, vault: Vault, scheme: Scheme, databases: Postgresql
) -> None:
    other = databases.create(tmp_path / "other", scheme)
    other.close()
    with pytest.raises(UnusableDatabaseError, match="another workspace"):
        Vault.open(tmp_path / "other", database=databases.url(vault.folder))
    databases.forget(tmp_path / "other")


def test_an_empty_database_is_not_taken_for_a_workspace(
    vault: Vault, databases: Postgresql, tmp_path: Path
) -> None:
    with pytest.raises(UnusableDatabaseError, match="holds no workspace"):
        Vault.open(vault.folder, database=databases.url(tmp_path / "elsewhere"))
    databases.forget(tmp_path / "elsewhere")


def test_a_folder_remembers_where_its_rows_are(
    vault: Vault, tmp_path: Path, scheme: Scheme, databases: Postgresql
) -> None:
    with pytest.raises(UnusableDatabaseError, match="lies in PostgreSQL"):
        Vault.open(vault.folder, database="")
    Vault.create(tmp_path / "file", scheme, database="").close()
    with pytest.raises(UnusableDatabaseError, match="lies in SQLite"):
        Vault.open(tmp_path / "file", database=databases.url(vault.folder))


@pytest.mark.parametrize("url", ["mysql://host/x", "strongroom", "sqlite:///x.db"])
def test_another_kind_of_address_is_refused(tmp_path: Path, scheme: Scheme, url: str) -> None:
    with pytest.raises(UnusableDatabaseError, match="address of a PostgreSQL"):
        Vault.create(tmp_path / "w", scheme, database=url)


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path, scheme: Scheme) -> None:
    with pytest.raises(UnusableDatabaseError, match="can't be reached") as caught:
        Vault.create(tmp_path / "w", scheme, database="postgresql://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


def test_connections_that_were_cut_are_made_anew(port: Port, databases: Postgresql) -> None:
    with port.vault.reading(port.anna) as session:
        pid = session.connection().connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
    databases.execute(f"select pg_terminate_backend({pid}, 5000)")
    with port.vault.reading(port.anna) as session:
        assert session.get(Draft, "absent") is None


def test_a_connection_cut_in_the_middle_is_told_as_busy(port: Port, databases: Postgresql) -> None:
    with pytest.raises(BusyError), port.vault.writing(port.anna) as session:  # noqa: PT012
        session.add(Draft(name="lost"))
        session.flush()
        pid = session.connection().connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        databases.execute(f"select pg_terminate_backend({pid}, 5000)")
        session.add(Draft(name="lost too"))
        session.flush()
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="after"))
    assert port.truth("select name from draft") == [("after",)]


def test_a_check_finds_nothing_in_a_new_workspace(vault: Vault) -> None:
    found = operation.check(vault.folder)
    assert found.faults == []
    assert [each for each in found.open_still if "extension" not in each] == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("alter table task no force row level security", "row security of task is not forced"),
        ("drop policy vault_readable on task", "task lacks the policy"),
        ("create policy mine on task using (true)", "not the vault's: mine"),
        ("grant select on password to public", "password is open to readers"),
        ("grant create on schema strongroom to public", "may make things in the schema strongroom"),
    ],
)
def test_a_check_finds(vault: Vault, sql: str, said: str) -> None:
    with vault._system.writing() as connection:
        connection.exec_driver_sql(sql)
    assert any(said in each for each in operation.check(vault.folder).faults)


@pytest.fixture
def in_sqlite(tmp_path: Path, scheme: Scheme) -> Path:
    folder = tmp_path / "moving"
    with Vault.create(folder, scheme, database="") as vault, vault.registry(write=True) as session:
        for number in range(30):
            session.add(
                Person(login=f"p{number}", name=f"Ünal {number}\u2028", active=True, duties=["auditor"])
            )
            session.audit("person.create", "person", str(number))
    return folder


def test_a_workspace_moves_with_every_value(in_sqlite: Path, databases: Postgresql) -> None:
    counts = operation.copy(in_sqlite, databases.url(in_sqlite), told)
    assert counts["person"] == 30
    assert not (in_sqlite / "strongroom.db").exists()
    with databases.open(in_sqlite) as vault, vault.registry(write=True) as session:
        assert enrol.find_person(session, login="p7").name == "Ünal 7\u2028"
        session.audit("person.create", "person", "after")
    databases.forget(in_sqlite)


def test_after_a_move_the_database_knows_how_large_the_tables_are(
    in_sqlite: Path, databases: Postgresql
) -> None:
    operation.copy(in_sqlite, databases.url(in_sqlite), told)
    known = "select cast(reltuples as int) from pg_class where relname in ('person', 'audit_entry')"
    with databases.open(in_sqlite) as vault, vault._system.reading() as connection:
        assert connection.exec_driver_sql(known).all() == [(30,), (30,)]
    databases.forget(in_sqlite)


def test_a_move_that_broke_off_goes_on(
    in_sqlite: Path, databases: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(move, "_compare", break_off)
        with pytest.raises(KeyboardInterrupt):
            operation.copy(in_sqlite, databases.url(in_sqlite), told)
    with Vault.open(in_sqlite, database="") as vault, vault.registry() as session:
        assert enrol.find_person(session, login="p7")
    assert operation.copy(in_sqlite, databases.url(in_sqlite), told)["person"] == 30
    databases.forget(in_sqlite)


def test_a_move_into_somebody_elses_database_is_refused(
    in_sqlite: Path, vault: Vault, databases: Postgresql
) -> None:
    with pytest.raises(UnusableDatabaseError, match="another workspace"):
        operation.copy(in_sqlite, databases.url(vault.folder), told)
    assert (in_sqlite / "strongroom.db").exists()


def test_what_arrived_otherwise_is_noticed(
    in_sqlite: Path, databases: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = move._set_sequences

    def spoil(connection: Any, layout: Any) -> None:
        settled(connection, layout)
        connection.exec_driver_sql("update person set name = 'x' where login = 'p3'")

    monkeypatch.setattr(move, "_set_sequences", spoil)
    with pytest.raises(ConflictError, match="person"):
        operation.copy(in_sqlite, databases.url(in_sqlite), told)
    assert (in_sqlite / "strongroom.db").exists()
    databases.forget(in_sqlite)


def test_an_operator_without_the_right_to_make_roles_is_told_what_to_run(
    tmp_path: Path, scheme: Scheme, databases: Postgresql
) -> None:
    folder = tmp_path / "w"
    url = databases.url(folder)
    databases.execute("alter role strongroom_owner nocreaterole")
    try:
        with pytest.raises(UnusableDatabaseError, match="may not make roles"):
            Vault.create(folder, scheme, database=url)
    finally:
        databases.execute("alter role strongroom_owner createrole")
    statements = operation.roles(folder, "strongroom_owner")
    assert all("nobypassrls" in each for each in statements)
    for statement in statements:
        databases.execute(statement)
    Vault.create(folder, scheme, database=url).close()
    databases.forget(folder)


def test_the_commands_say_what_they_did(
    in_sqlite: Path, databases: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, databases.url(in_sqlite))
    run = CliRunner().invoke
    copied = run(app, ["database", "copy", "--workspace", str(in_sqlite)])
    assert copied.exit_code == 0, copied.output
    assert "compared value by value" in copied.output
    for command in ("migrate", "check"):
        done = run(app, ["database", command, "--workspace", str(in_sqlite)])
        assert "as they should be" in done.output
    assert "revoke" in run(app, ["database", "hardening"]).output
    assert "nobypassrls" in run(app, ["database", "roles", "--workspace", str(in_sqlite)]).output
    databases.forget(in_sqlite)


def test_passwords_of_the_roles_are_no_part_of_the_folder(vault: Vault) -> None:
    roles = vault._database.roles  # type: ignore[attr-defined]
    secrets = {roles.password(kind) for kind in ("reader", "writer", "registry")}
    assert len(secrets) == 3
    stored = b"".join(path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())
    assert not any(secret.encode() in stored for secret in secrets)

"""A port: one workspace with rows at two levels and a side compartment, and people who see different parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sample_rooms import Harbour, Item, Note, Project, Room, Tag
from sqlalchemy import text

from databases import Sqlite
from strongroom.markings import Marking, Scheme
from strongroom.vault import Reader, Vault


@dataclass
class Port:
    """The vault, the levels low and high and side (which is no higher or lower than high), and four readers."""

    vault: Vault
    low: Marking
    high: Marking
    side: Marking
    anna: Reader  # low only
    bert: Reader  # low and high
    cleo: Reader  # low and side
    dora: Reader  # everything
    low_item: str
    high_item: str
    project: str
    low_tag: str
    high_tag: str

    def truth(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What the database really holds."""
        with self.vault._system.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql), parameters)]

    def force(self, sql: str, **parameters: Any) -> None:
        """Change the database past the guard."""
        with self.vault._system.writing() as connection:
            connection.execute(text(sql), parameters)

    def id_of(self, marking: Marking) -> int:
        return self.vault.markings._ids[marking]


def reader(scheme: Scheme, login: str, works_at: Marking, **clearance: Any) -> Reader:
    return Reader(
        login, login, scheme.clearance({**clearance, "name": login}), works_at, "session", "request-1"
    )


def filled(folder: Path, scheme: Scheme, kind: type[Vault] = Vault, databases: Sqlite | None = None) -> Port:
    low, high, side = map(scheme.parse, ("INTERNAL", "CONFIDENTIAL//PII", "CONFIDENTIAL//FOR RELIEF"))
    anna = reader(scheme, "anna", low, level="Internal")
    bert = reader(scheme, "bert", low, level="Confidential", compartments=["PII"])
    cleo = reader(scheme, "cleo", low, level="Confidential", circles=["RELIEF"])
    dora = reader(scheme, "dora", low, level="Restricted", compartments=["PII"], circles=["RELIEF"])
    vault = (databases or Sqlite()).create(folder, scheme, kind, metadata=Room.metadata)
    with vault.registry(write=True) as session:
        session.add(Harbour(id="quay", name="Quay"))
    with vault.writing(anna) as session:
        project = Project(name="port")
        low_tag = Tag(name="low tag")
        low_item = Item(title="low", secret="s-low", payload={"k": [1, 2]}, project=project, tags=[low_tag])
        session.add_all([low_item, Note(body="low note", item=low_item)])
    with vault.writing(bert, high) as session:
        high_tag = Tag(name="HIGH TAG")
        low_tag_here, project_here = session.get_one(Tag, low_tag.id), session.get_one(Project, project.id)
        high_item = Item(
            title="HIGH",
            secret="s-high",
            payload={"k": [9]},
            n=-9223372036854775808,
            project=project_here,
            tags=[low_tag_here, high_tag],
        )
        session.add_all(
            [high_item, Note(body="HIGH NOTE", item=high_item), Note(body="HIGH ON LOW", item_id=low_item.id)]
        )
    return Port(
        vault, low, high, side, anna, bert, cleo, dora, low_item.id, high_item.id, project.id, low_tag.id, high_tag.id
    )  # fmt: skip

"""A workspace with a manager and annotators who come in by API token; nobody needs a password here."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from strongroom import assembly  # noqa: F401  (makes every table known)
from strongroom.markings import Scheme
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.vault import Vault


@dataclass
class Staff:
    """`tokens` and `ids` by login."""

    manager_token: str
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def staff(workspace: Path, annotators: list[str], scheme: str = "corporate") -> Staff:
    with Vault.create(workspace, Scheme.load(scheme)) as vault, vault.registry(write=True) as session:
        people = Staff("")
        for login in ["manager", *annotators]:
            person = add_person(session, login, login.title())
            session.flush()
            top = {"level": "Restricted", "compartments": ["PII", "PHI"]}
            give(session, person, Clearances(vault.scheme).canonical(top, login), reason="replay", by=None)
            scopes = ["read", "label", "manage"] if login == "manager" else ["read", "label"]
            _, secret = issue(session, person.id, "replay", scopes, days=1, longest_days=1)
            people.ids[login] = person.id
            if login == "manager":
                people.manager_token = secret
            else:
                people.tokens[login] = secret
    return people


if __name__ == "__main__":  # in a process of its own: `python workspace.py FOLDER LOGIN ...`
    print(json.dumps(asdict(staff(Path(sys.argv[1]), sys.argv[2:]))))
